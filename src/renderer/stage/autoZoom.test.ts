import { describe, expect, test } from 'vitest'
import { depth1s, encodeRecord, recordBytes } from '../../shared/channels/index.ts'
import { autoPxPerRow, autoPxPerSec, differsMuch } from './autoZoom.ts'
import { ColumnStore } from './columnStore.ts'

const TICK = 10_000
const SPOT = 60_000_000_000

/** A store with one column whose levels lie `apart` ticks from each other, `levels` a side. */
function bookOf(levels: number, apart: number): ColumnStore {
  const side = (sign: 1 | -1): number[] => Array.from({ length: levels }, (_, i) => [SPOT + sign * (i + 1) * apart * TICK, 1e6]).flat()
  const record = {
    ch: 'depth_1s',
    shard: 0,
    frameIdx: 0,
    pos: 0,
    instrumentId: 1,
    recvRelNs: 1e9,
    second: 1_700_000_000,
    spotPxE6: SPOT,
    spotCarried: false,
    bookOk: true,
    bestBidPxE6: SPOT - TICK,
    bestAskPxE6: SPOT + TICK,
    tickE6: TICK,
    levels: { bids: side(-1), asks: side(1) }
  } as const
  const view = new DataView(new ArrayBuffer(recordBytes(depth1s, record)))
  encodeRecord(depth1s, record, view, 0)
  const store = new ColumnStore()
  store.putBytes(view, 0)
  return store
}

describe('the zoom that nobody has chosen', () => {
  test('the first seconds are wide, and shrink until a second has its settled width', () => {
    expect(autoPxPerSec(700, 3)).toBe(12)
    expect(autoPxPerSec(700, 100)).toBeCloseTo(6.58)
    expect(autoPxPerSec(700, 5000)).toBe(4)
  })

  test('a sparse book is shown as far as its twentieth level', () => {
    expect(autoPxPerRow(600, bookOf(100, 6))).toBeCloseTo(600 / (2 * 120 * 1.1))
  })

  test('a very sparse book keeps rows that can be read', () => {
    expect(autoPxPerRow(600, bookOf(30, 28))).toBe(0.55)
  })

  test('a dense or short book is not blown up beyond a sensible row', () => {
    expect(autoPxPerRow(600, bookOf(3, 1))).toBeCloseTo(600 / 28)
    expect(autoPxPerRow(600, bookOf(80, 1))).toBeCloseTo(600 / 44)
  })

  test('without anything that rests there is no zoom to choose', () => {
    expect(autoPxPerRow(600, new ColumnStore())).toBeUndefined()
  })

  test('small differences leave the picture as it is', () => {
    expect(differsMuch(4, 5)).toBe(false)
    expect(differsMuch(4, 6)).toBe(true)
  })
})
