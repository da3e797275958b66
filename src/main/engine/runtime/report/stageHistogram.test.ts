import { expect, test } from 'vitest'
import { BUCKETS, StageHistogram } from './stageHistogram.ts'

test('there are 561 buckets', () => expect(BUCKETS).toBe(561))

test.each([
  [0, 50],
  [1, 50],
  [50, 50],
  [50.001, 100],
  [19_999, 20_000],
  [20_000, 20_000],
  [20_001, 21_000],
  [100_000, 100_000],
  [100_001, 105_000],
  [500_000, 500_000],
  [500_001, 500_001]
])('%d us count as %d', (us, bound) => {
  const histogram = new StageHistogram()
  histogram.add(us * 1000)
  expect(histogram.summary()).toEqual({ count: 1, p50_us: bound, p90_us: bound, p99_us: bound, max_us: bound })
})

test('quantiles are upper bounds at rank ceil(q n) - 1', () => {
  const histogram = new StageHistogram()
  expect(histogram.summary()).toEqual({ count: 0, p50_us: 0, p90_us: 0, p99_us: 0, max_us: 0 })
  for (let i = 1; i <= 100; i++) histogram.add(i * 50_000)
  expect(histogram.summary()).toEqual({ count: 100, p50_us: 2500, p90_us: 4500, p99_us: 4950, max_us: 5000 })
})
