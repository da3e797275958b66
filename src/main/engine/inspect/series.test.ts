import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EDGES_MS, histogram } from './histogram.ts'
import { Series } from './series.ts'

function seriesOf(values: readonly (number | undefined)[]): Series {
  const series = new Series()
  for (const value of values) series.add(value)
  return series
}

test('statistics are nearest rank, as counted by hand', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i)
  expect(seriesOf(values).stats()).toEqual({ count: 200, min: 1, max: 200, p50: 100, p95: 190, p99: 198 })
  expect(seriesOf([7]).stats()).toEqual({ count: 1, min: 7, max: 7, p50: 7, p95: 7, p99: 7 })
})

test('without a value only the count is known; a missing value is not a zero', () => {
  expect(seriesOf([]).stats()).toEqual({ count: 0, min: null, max: null, p50: null, p95: null, p99: null })
  expect(seriesOf([undefined, 4, undefined]).stats()).toMatchObject({ count: 1, min: 4 })
})

test('any list gives the statistics of its sorted copy', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 }), (values) => {
      const sorted = [...values].toSorted((a, b) => a - b)
      const rank = (p: number): number => sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)]! + 0
      const { count, min, max, p50, p95, p99 } = seriesOf(values).stats()
      const found = [count, min! + 0, max! + 0, p50! + 0, p95! + 0, p99! + 0]
      expect(found).toEqual([values.length, sorted[0]! + 0, sorted.at(-1)! + 0, rank(50), rank(95), rank(99)])
    })
  )
})

test('a long list is complete', () => {
  const series = seriesOf(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_000))
  expect(series.stats()).toMatchObject({ count: 100_000, min: 0, max: 99_999, p50: 49_999 })
  expect(() => series.add(1)).toThrow('broken promise')
})

test('an edge belongs to the bucket below it, what is above all edges to the last', () => {
  const values = [0, 0.1, 0.10001, 0.25, 200, 200.1, 1e9, -3].toSorted((a, b) => a - b)
  const { total, bucket_edges: edges, buckets } = histogram(Float64Array.from(values))
  expect([total, edges]).toEqual([8, EDGES_MS])
  expect(buckets.map(({ le, count }) => [le, count])).toEqual([
    [0.1, 3],
    [0.25, 2],
    ...[0.5, 1, 2, 5, 10, 20, 50, 100].map((le) => [le, 0]),
    [200, 1],
    [null, 2]
  ])
  expect(buckets[0]?.pct).toBe(37.5)
})

test('a histogram of nothing has counts but no shares', () => {
  const { total, buckets } = histogram(new Float64Array(0))
  expect(total).toBe(0)
  expect(buckets).toHaveLength(12)
  expect(buckets.every(({ count, pct }) => count === 0 && pct === null)).toBe(true)
})
