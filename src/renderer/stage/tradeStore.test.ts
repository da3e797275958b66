import { describe, expect, test } from 'vitest'
import { encodeRecord, recordBytes, tapeTrades, type TapeTrade } from '../../shared/channels/index.ts'
import { TRADE_CAPACITY, TradeStore } from './tradeStore.ts'

function put(store: TradeStore, change: Partial<TapeTrade>): void {
  const record: TapeTrade = {
    ch: 'tape_trades',
    shard: 0,
    frameIdx: 0,
    pos: 0,
    instrumentId: 1,
    recvRelNs: 0,
    pxE6: 500_000,
    sizeE6: 1_000_000,
    side: 'buy',
    exchTsMs: undefined,
    text: 'x',
    ...change
  }
  const view = new DataView(new ArrayBuffer(recordBytes(tapeTrades, record)))
  encodeRecord(tapeTrades, record, view, 0)
  store.putBytes(view, 0)
}

const times = (store: TradeStore): number[] => Array.from({ length: store.count }, (_, i) => store.tradeAt(i)?.relNs ?? -1)

describe('trade store', () => {
  test('keeps trades in receive order, also when history arrives late', () => {
    const store = new TradeStore()
    for (const recvRelNs of [50, 60, 10, 20, 55]) put(store, { recvRelNs, side: 'sell' })
    expect(times(store)).toEqual([10, 20, 50, 55, 60])
    expect(store.tradeAt(0)).toEqual({ relNs: 10, pxE6: 500_000, sizeE6: 1_000_000, side: 'sell' })
  })

  test('finds the first trade at or after an instant', () => {
    const store = new TradeStore()
    for (const recvRelNs of [10, 20, 20, 30]) put(store, { recvRelNs })
    expect([0, 10, 11, 20, 21, 31].map((t) => store.firstAtOrAfter(t))).toEqual([0, 0, 1, 1, 3, 4])
  })

  test('drops the trades of other instruments once the one on screen is known', () => {
    const store = new TradeStore()
    for (const [i, instrumentId] of [1, 2, 1, 3].entries()) put(store, { recvRelNs: i, instrumentId })
    store.keepOnly(1)
    expect(times(store)).toEqual([0, 2])
    put(store, { recvRelNs: 9 })
    expect(times(store)).toEqual([0, 2, 9])
  })

  test('the ring forgets the oldest', () => {
    const store = new TradeStore()
    for (let i = 0; i < TRADE_CAPACITY + 10; i++) put(store, { recvRelNs: i })
    expect(store.count).toBe(TRADE_CAPACITY)
    expect(store.tradeAt(0)?.relNs).toBe(10)
    expect(store.tradeAt(store.count - 1)?.relNs).toBe(TRADE_CAPACITY + 9)
    expect(store.firstAtOrAfter(15)).toBe(5)
  })
})
