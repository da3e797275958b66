import { describe, expect, test } from 'vitest'
import { encodeRecord, recordBytes, timeline1s, type Timeline1s } from '../../shared/channels/index.ts'
import { TimelineData } from './timelineData.ts'

function put(data: TimelineData, second: number, frames: number, epoch = 1): void {
  const record: Timeline1s = {
    ch: 'timeline_1s',
    shard: 0,
    frameIdx: 0,
    pos: 0,
    instrumentId: 0,
    recvRelNs: 0,
    second,
    frames,
    trades: 2,
    gaps: 1,
    untrustedBooks: 70_000,
    books: 9
  }
  const view = new DataView(new ArrayBuffer(recordBytes(timeline1s, record)))
  encodeRecord(timeline1s, record, view, 0)
  data.putBytes(view, 0, epoch)
}

describe('timeline data', () => {
  test('seconds may come in any order and more than once', () => {
    const data = new TimelineData()
    for (const second of [500, 510, 490, 500]) put(data, second, second)
    expect([data.base, data.length]).toEqual([490, 21])
    expect([490, 500, 510, 505].map((s) => data.framesAt(s))).toEqual([490, 500, 510, 0])
    expect([data.known(500), data.known(505), data.known(9)]).toEqual([true, false, false])
    expect([data.tradesAt(510), data.gapsAt(510), data.untrustedAt(510)]).toEqual([2, 1, 65_535])
  })

  test('it grows to a week and refuses a senseless jump', () => {
    const data = new TimelineData()
    for (let second = 1; second <= 10_000; second++) put(data, second, 1)
    put(data, 604_800, 7)
    put(data, 1e15, 1)
    expect(data.length).toBe(604_800)
    expect(data.framesAt(604_800)).toBe(7)
  })

  test('another run drops what came in the epochs before it', () => {
    const data = new TimelineData()
    put(data, 100, 1, 4)
    put(data, 900, 2, 5)
    put(data, 902, 3, 5)
    data.dropBefore(5)
    expect([data.base, data.length, data.framesAt(100), data.framesAt(902)]).toEqual([900, 3, 0, 3])
    data.dropBefore(6)
    expect(data.length).toBe(0)
    put(data, 50, 1, 6)
    expect([data.base, data.length]).toEqual([50, 1])
  })
})
