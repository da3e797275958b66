import { expect, test } from 'vitest'
import { Ledger } from '../execution/ledger.ts'
import { DetailsRecorder, MAX_POINTS, MAX_POSITION_MARKETS } from './runDetails.ts'

const noMark = (): undefined => undefined

test('long and short are seen apart, in all and market by market, at the same instants', () => {
  const ledger = new Ledger()
  const recorder = new DetailsRecorder(ledger, noMark, ['a', 'b', 'c'])
  recorder.event(1, 10)
  ledger.apply(1, 'buy', 500_000, 3_000_000, 1_500_000n, 0n)
  recorder.event(2, 20)
  ledger.apply(0, 'sell', 500_000, 2_000_000, 1_000_000n, 0n)
  recorder.event(3, 30)
  ledger.apply(1, 'sell', 500_000, 4_000_000, 2_000_000n, 0n)
  const { series, marketPositions, marketsLeftOut } = recorder.finish(4, 40)
  expect(series.map(({ recvRelNs, longPositionE6, shortPositionE6 }) => [recvRelNs, longPositionE6, shortPositionE6])).toEqual([
    [10, 0, 0],
    [20, 3_000_000, 0],
    [30, 3_000_000, -2_000_000],
    [40, 0, -3_000_000]
  ])
  expect(marketPositions).toEqual([
    { marketId: 'b', positionE6: [0, 3_000_000, 3_000_000, -1_000_000] },
    { marketId: 'a', positionE6: [0, 0, -2_000_000, -2_000_000] }
  ])
  expect(marketsLeftOut).toBe(0)
})

test('a long run with many markets keeps so many points and markets, and says how many it left out', () => {
  const ledger = new Ledger()
  const markets = MAX_POSITION_MARKETS + 7
  const recorder = new DetailsRecorder(
    ledger,
    noMark,
    Array.from({ length: markets }, (_, market) => `m${market}`)
  )
  const events = MAX_POINTS * 3
  for (let seq = 1; seq <= events; seq++) {
    if (seq <= markets) ledger.apply(seq - 1, 'buy', 1, 1_000_000, 1n, 0n)
    recorder.event(seq, seq)
  }
  const { series, marketPositions, marketsLeftOut } = recorder.finish(events, events)
  expect(series.length).toBeLessThanOrEqual(MAX_POINTS)
  expect(marketPositions).toHaveLength(MAX_POSITION_MARKETS)
  expect(marketsLeftOut).toBe(7)
  for (const { positionE6 } of marketPositions) expect(positionE6).toHaveLength(series.length)
  expect(series.at(-1)).toMatchObject({ seq: events, longPositionE6: markets * 1_000_000 })
})
