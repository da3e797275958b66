import { expect, test } from 'vitest'
import { depth1s, type Depth1s, encodeRecord, recordBytes } from '../../shared/channels/index.ts'
import { ColumnMips } from './columnMips.ts'
import { ColumnStore } from './columnStore.ts'
import { visiblePercentile } from './percentile.ts'
import { newView, type View } from './view.ts'

const TICK = 10_000
const SPOT = 50_000_000

function storeOf(sizes: readonly number[], seconds = 10): ColumnStore {
  const store = new ColumnStore()
  for (let second = 1000; second < 1000 + seconds; second++) {
    const record: Depth1s = {
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
      bestBidPxE6: undefined,
      bestAskPxE6: undefined,
      tickE6: TICK,
      levels: { bids: sizes.flatMap((size, i) => [SPOT - (i + 1) * TICK, size]), asks: [] }
    }
    const view = new DataView(new ArrayBuffer(recordBytes(depth1s, record)))
    encodeRecord(depth1s, record, view, 0)
    store.putBytes(view, 0)
  }
  return store
}

const wide = (): View => Object.assign(newView(), { rightSec: 1010, width: 800, height: 600, pxPerRow: 1 })

test('the percentile of the visible sizes is right within the width of a bin', () => {
  const sizes = Array.from({ length: 100 }, (_, i) => (i + 1) * 1e6)
  const store = storeOf(sizes)
  for (const percent of [50, 90, 99]) {
    const got = visiblePercentile(store, new ColumnMips(store), wide(), percent) ?? 0
    expect(got / (percent * 1e6)).toBeGreaterThan(0.97)
    expect(got / (percent * 1e6)).toBeLessThan(1.05)
  }
})

test('one huge order does not decide the scale', () => {
  const store = storeOf([...Array.from({ length: 199 }, () => 1e6), 1e12])
  expect(visiblePercentile(store, new ColumnMips(store), wide(), 99)).toBeLessThan(1.1e6)
})

test('nothing in view has no percentile', () => {
  const empty = new ColumnStore()
  expect(visiblePercentile(empty, new ColumnMips(empty), wide(), 99)).toBeUndefined()
  const store = storeOf([1e6])
  expect(visiblePercentile(store, new ColumnMips(store), Object.assign(wide(), { rightSec: 500 }), 99)).toBeUndefined()
})
