import fc from 'fast-check'
import { expect, test } from 'vitest'
import { imbalance, micropriceE6, spotReferenceE6 } from './measures.ts'
import { BookSide, MAX_LEVELS_PER_SIDE, OrderBook } from './orderBook.ts'

const change = fc.record({ px: fc.integer({ min: 1, max: 40 }), size: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })) })

test.each([1, -1] as const)('a side with sign %d holds what a sorted map would hold', (sign) => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const side = new BookSide(sign)
      const model = new Map<number, number>()
      for (const { px, size } of changes) {
        const best = [side.pxAt(0), side.sizeAt(0)]
        const mayDiffer = side.set(px, size)
        if (!mayDiffer) expect([side.pxAt(0), side.sizeAt(0)]).toEqual(best)
        if (size === 0) model.delete(px)
        else model.set(px, size)
      }
      const expected = [...model].sort((x, y) => (y[0] - x[0]) * sign)
      const got = expected.map((_, i) => [side.pxAt(i), side.sizeAt(i)])
      expect(got).toEqual(expected)
      expect(side.count).toBe(expected.length)
      const copy = new BookSide(sign)
      copy.release()
      copy.copyFrom(side)
      expect(copy.levels.subarray(0, 2 * copy.count)).toEqual(side.levels.subarray(0, 2 * side.count))
    }),
    { numRuns: 500 }
  )
})

test('a full side pushes out its worst level and counts it', () => {
  const side = new BookSide(1)
  for (let px = 1; px <= MAX_LEVELS_PER_SIDE + 5; px++) side.set(px, 1)
  expect([side.count, side.dropped, side.pxAt(0)]).toEqual([MAX_LEVELS_PER_SIDE, 5, MAX_LEVELS_PER_SIDE + 5])
  side.set(1, 1)
  expect([side.count, side.dropped]).toEqual([MAX_LEVELS_PER_SIDE, 6])
})

test('a book is crossed when the best bid reaches the best ask', () => {
  const book = new OrderBook()
  book.bids.set(10, 1)
  expect(book.crossed).toBe(false)
  book.asks.set(10, 1)
  expect(book.crossed).toBe(true)
})

test('measures follow their formulas', () => {
  expect(micropriceE6(100, 3, 110, 1)).toBe(107.5)
  expect(micropriceE6(100, 0, 110, 0)).toBeUndefined()
  expect(spotReferenceE6(100, 110, 10)).toBe(110)
  expect(spotReferenceE6(480000, 490000, 10000)).toBe(490000)
  const book = new OrderBook()
  expect(imbalance(book.bids, book.asks, 20)).toBeUndefined()
  book.bids.set(1, 3)
  book.asks.set(2, 1)
  expect(imbalance(book.bids, book.asks, 20)).toBe(0.5)
})
