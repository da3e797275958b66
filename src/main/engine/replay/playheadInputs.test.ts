import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRecord, metarObs, nowcast1m, recordBytes, type Channel } from '../../../shared/channels/index.ts'
import { randomRecord } from '../../../shared/testing/randomRecords.ts'
import { JumpIndex } from './jumpIndex.ts'
import { placeAt } from './place.ts'
import { inputsOf, type WorldRecord } from './playheadInputs.ts'

const STATION = 70_000
const [metar] = fc.sample(randomRecord(metarObs), { numRuns: 1, seed: 5 })
const [nowcast] = fc.sample(randomRecord(nowcast1m), { numRuns: 1, seed: 5 })

function bytesOf(channel: Channel, record: object): Uint8Array {
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
  return bytes
}

const idOf = (shard: number, frameIdx: number, pos?: number): string => `${shard}/${frameIdx}/${pos}`

/** Inputs of an outside model's nowcast that lists this, made behind `events` reports that came once a second. */
function inputsListed(listed: unknown, events = 10): { inputs: readonly object[]; idsMade: number } {
  const jumps = new JumpIndex()
  for (let i = 1; i <= events; i++) {
    const report = bytesOf(metarObs, {
      ...metar,
      ch: 'metar_obs',
      shard: 0,
      frameIdx: i,
      pos: 0,
      instrumentId: STATION,
      recvRelNs: i * 1e9
    })
    jumps.take(report, report.length)
  }
  const made = { ch: 'nowcast_1m', shard: 0, frameIdx: events + 1, pos: 0, instrumentId: STATION, recvRelNs: (events + 1) * 1e9 }
  const bytes = bytesOf(nowcast1m, { ...nowcast, ...made, model: 'external', text: JSON.stringify({ inputs: listed }) })
  jumps.take(bytes, bytes.length)
  let idsMade = 0
  const eventId: typeof idOf = (...place) => {
    idsMade++
    return idOf(...place)
  }
  const context = { originTsNs: 0n, instrument: () => undefined, eventId }
  const one: WorldRecord = { place: placeAt(new DataView(bytes.buffer), 0), bytes, context, hasOwn: () => true }
  const { stations } = inputsOf(jumps, (events + 3) * 1e9, [one])
  return { inputs: stations[0]!.nowcasts[0]!.inputs, idsMade }
}

test('whatever an outside model lists as inputs, those that are some are told', () => {
  const { inputs } = inputsListed([
    null,
    'METAR',
    7,
    ['metar_obs'],
    {},
    { event_id: '0/4/0', ch: 'metar_obs', name: 'METAR', staleness_s: 2 },
    { event_id: '0/4/0', ch: 'pws_cluster', name: 'no event of this channel' },
    { event_id: 5, ch: null, name: {}, staleness_s: '1' },
    { ch: 'frame_raw', name: 'older than the run', staleness_s: 1e9 },
    { ch: 'frame_raw', name: 'not there yet', staleness_s: -1e9 }
  ])
  const none = { eventId: '', ch: '', name: '' }
  expect(inputs).toEqual([
    none,
    { eventId: '0/4/0', ch: 'metar_obs', name: 'METAR', recvRelNs: 4e9, stalenessS: 2, atPlayheadS: 4 },
    // An id is that of one event, whatever channel it is said to be of.
    { eventId: '0/4/0', ch: 'pws_cluster', name: 'no event of this channel', recvRelNs: 4e9 },
    none,
    { eventId: '', ch: 'frame_raw', name: 'older than the run', stalenessS: 1e9, atPlayheadS: 1e9 + 2 },
    { eventId: '', ch: 'frame_raw', name: 'not there yet', recvRelNs: 13e9, stalenessS: -1e9, atPlayheadS: -1e9 + 2 }
  ])
  for (const listed of [undefined, null, 'x', 3, {}]) expect(inputsListed(listed).inputs).toEqual([])
})

test('however many inputs a nowcast makes up, each event before it is looked at once', () => {
  const madeUp = Array.from({ length: 500 }, (_, i) => ({ event_id: `made-up-${i}`, ch: 'metar_obs', name: 'METAR' }))
  const { inputs, idsMade } = inputsListed([...madeUp, { event_id: '0/1/0', ch: 'metar_obs', name: 'METAR' }], 300)
  expect(inputs.filter((input) => 'recvRelNs' in input)).toEqual([{ eventId: '0/1/0', ch: 'metar_obs', name: 'METAR', recvRelNs: 1e9 }])
  // Ids of the nowcast itself are made beside them.
  expect(idsMade).toBeLessThan(310)
})
