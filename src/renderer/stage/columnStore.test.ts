import { describe, expect, test } from 'vitest'
import { depth1s, type Depth1s, encodeRecord, recordBytes } from '../../shared/channels/index.ts'
import { COLUMN } from './columnLevel.ts'
import { ColumnMips } from './columnMips.ts'
import { CAPACITY, ColumnStore } from './columnStore.ts'

const TICK = 10_000
const SPOT = 500_000

function record(second: number, change: Partial<Depth1s> = {}): Depth1s {
  return {
    ch: 'depth_1s',
    shard: 0,
    frameIdx: 0,
    pos: 0,
    instrumentId: 1,
    recvRelNs: 0,
    second,
    spotPxE6: SPOT,
    spotCarried: false,
    bookOk: true,
    bestBidPxE6: SPOT - TICK,
    bestAskPxE6: SPOT + TICK,
    tickE6: TICK,
    levels: { bids: [SPOT - TICK, 5_000_000, SPOT - 3 * TICK, 7_000_000], asks: [SPOT + TICK, 2_000_000] },
    ...change
  }
}

function put(store: ColumnStore, one: Depth1s): void {
  const view = new DataView(new ArrayBuffer(recordBytes(depth1s, one)))
  encodeRecord(depth1s, one, view, 0)
  store.putBytes(view, 0)
}

describe('column store', () => {
  test('levels land on the row of their distance from the spot, bids positive and asks negative', () => {
    const store = new ColumnStore()
    put(store, record(1000))
    expect(store.cell(1000, -1)).toBe(5_000_000)
    expect(store.cell(1000, -3)).toBe(7_000_000)
    expect(store.cell(1000, 1)).toBe(-2_000_000)
    expect(store.cell(1000, 0)).toBe(0)
  })

  test('a column reads back in plain form', () => {
    const store = new ColumnStore()
    put(store, record(1000, { bookOk: false, spotCarried: true }))
    expect(store.columnAt(1000)).toEqual({
      second: 1000,
      bookOk: false,
      spotCarried: true,
      gap: false,
      spotPxE6: SPOT,
      tickE6: TICK,
      bestBidPxE6: SPOT - TICK,
      bestAskPxE6: SPOT + TICK,
      bids: [
        [-3, 7_000_000],
        [-1, 5_000_000]
      ],
      asks: [[1, 2_000_000]]
    })
  })

  test('an absent best price stays absent', () => {
    const store = new ColumnStore()
    put(store, record(1000, { bestBidPxE6: undefined }))
    expect(store.columnAt(1000)?.bestBidPxE6).toBeUndefined()
    expect(store.columnAt(1000)?.bestAskPxE6).toBe(SPOT + TICK)
  })

  test('levels farther than the rows reach are left out', () => {
    const store = new ColumnStore()
    put(store, record(1000, { levels: { bids: [SPOT - 700 * TICK, 1_000_000], asks: [SPOT + 600 * TICK, 3_000_000, SPOT + 9e12, 1] } }))
    expect(store.columnAt(1000)?.bids).toEqual([])
    expect(store.columnAt(1000)?.asks).toEqual([[600, 3_000_000]])
  })

  test('a second column of the same second replaces the first', () => {
    const store = new ColumnStore()
    put(store, record(1000))
    put(store, record(1000, { levels: { bids: [], asks: [SPOT + 2 * TICK, 1_000_000] } }))
    expect(store.columnAt(1000)?.bids).toEqual([])
    expect(store.columnAt(1000)?.asks).toEqual([[2, 1_000_000]])
    expect(store.count).toBe(1)
  })

  test('seconds without a column between two columns are holes', () => {
    const store = new ColumnStore()
    put(store, record(1000))
    put(store, record(1003))
    expect(store.flagsAt(1001)).toBe(COLUMN.hole)
    expect(store.flagsAt(1002)).toBe(COLUMN.hole)
    expect(store.columnAt(1001)).toBeUndefined()
    expect(store.count).toBe(2)
  })

  test('history that arrives late, newest first, fills in before the oldest column', () => {
    const store = new ColumnStore()
    put(store, record(1003))
    put(store, record(1001))
    put(store, record(1000))
    expect([store.oldest, store.newest, store.count]).toEqual([1000, 1003, 3])
    expect(store.flagsAt(1002)).toBe(COLUMN.hole)
    put(store, record(1002))
    expect(store.flagsAt(1002) & COLUMN.present).toBe(COLUMN.present)
  })

  test('a column without a spot counts as a hole that may be untrusted', () => {
    const store = new ColumnStore()
    put(store, record(1000))
    put(store, record(1001, { spotPxE6: undefined, bookOk: false }))
    expect(store.flagsAt(1001)).toBe(COLUMN.hole | COLUMN.untrusted)
    expect(store.count).toBe(1)
  })

  test('the ring keeps more than 10,000 columns and forgets the oldest', () => {
    const store = new ColumnStore()
    for (let second = 5_000; second < 5_000 + CAPACITY + 500; second++) put(store, record(second))
    expect(store.count).toBeGreaterThanOrEqual(10_000)
    expect(store.newest).toBe(5_000 + CAPACITY + 499)
    expect(store.columnAt(store.oldest)?.second).toBe(store.oldest)
    expect(store.columnAt(store.oldest - 1)).toBeUndefined()
    expect(store.newest - store.oldest + 1).toBe(store.count)
  })

  test('a jump longer than the ring starts afresh', () => {
    const store = new ColumnStore()
    put(store, record(1000))
    put(store, record(1000 + 10 * CAPACITY))
    expect([store.count, store.oldest]).toEqual([1, 1000 + 10 * CAPACITY])
  })

  test('a gap is marked whether its column comes before or after it', () => {
    const store = new ColumnStore()
    put(store, record(1000))
    store.markGap(1000)
    store.markGap(1001)
    put(store, record(1001))
    expect(store.columnAt(1000)?.gap).toBe(true)
    expect(store.columnAt(1001)?.gap).toBe(true)
    store.setGaps([1001])
    expect(store.columnAt(1000)?.gap).toBe(false)
    expect(store.columnAt(1001)?.gap).toBe(true)
  })

  test('clearing forgets the columns and keeps the gap marks', () => {
    const store = new ColumnStore()
    put(store, record(1000))
    store.markGap(1000)
    store.clear()
    expect(store.empty).toBe(true)
    expect(store.cell(1000, -1)).toBe(0)
    put(store, record(1000))
    expect(store.columnAt(1000)?.gap).toBe(true)
  })

  test('a senseless second is ignored', () => {
    const store = new ColumnStore()
    put(store, record(-5))
    expect(store.empty).toBe(true)
  })
})

describe('coarser columns', () => {
  const cellOf = (mips: ColumnMips, level: number, second: number, row: number): number => {
    const one = mips.level(level)
    const slot = one.slotOf(Math.floor(second / 2 ** level))
    return one.tileOfSlot(slot)[(slot % 1024) * 1216 + row + 600] ?? 0
  }

  test('keep the larger size of each row', () => {
    const store = new ColumnStore()
    const mips = new ColumnMips(store)
    for (let second = 1024; second < 1032; second++) {
      put(
        store,
        record(second, { levels: { bids: [SPOT - TICK, (second - 1000) * 1e6], asks: [SPOT + TICK, second === 1025 ? 9e6 : 1e6] } })
      )
    }
    expect(cellOf(mips, 3, 1024, -1)).toBe(31e6)
    expect(cellOf(mips, 3, 1024, 1)).toBe(-9e6)
    expect(cellOf(mips, 1, 1024, -1)).toBe(25e6)
  })

  test('follow later changes', () => {
    const store = new ColumnStore()
    const mips = new ColumnMips(store)
    put(store, record(2048))
    expect(cellOf(mips, 2, 2048, -1)).toBe(5e6)
    put(store, record(2049, { levels: { bids: [SPOT - TICK, 8e6], asks: [] } }))
    expect(cellOf(mips, 2, 2048, -1)).toBe(8e6)
    store.clear()
    expect(cellOf(mips, 2, 2048, -1)).toBe(0)
  })

  test('a missing or untrusted second stays visible however far one zooms out', () => {
    const store = new ColumnStore()
    const mips = new ColumnMips(store)
    for (let second = 4096; second < 4160; second++) if (second !== 4100) put(store, record(second, { bookOk: second !== 4120 }))
    const one = mips.level(6)
    const flags = one.tileOfSlot(one.slotOf(64))[one.slotOf(64) * 1216 + 1204] ?? 0
    expect(flags & COLUMN.hole).toBe(COLUMN.hole)
    expect(flags & COLUMN.untrusted).toBe(COLUMN.untrusted)
    expect(flags & COLUMN.present).toBe(COLUMN.present)
  })

  test('never mix two turns of the ring', () => {
    const store = new ColumnStore()
    const mips = new ColumnMips(store)
    for (let second = 0; second < CAPACITY; second++) put(store, record(second, { levels: { bids: [SPOT - TICK, 9e6], asks: [] } }))
    put(store, record(CAPACITY, { levels: { bids: [SPOT - TICK, 1e6], asks: [] } }))
    expect(cellOf(mips, 6, CAPACITY, -1)).toBe(1e6)
  })
})
