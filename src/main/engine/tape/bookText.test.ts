import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrderBook } from '../../../shared/market/index.ts'
import { bookHash } from '../feeds/index.ts'
import { BookText } from './bookText.ts'

const price = fc.oneof(
  fc.integer({ min: 1, max: 999_999 }),
  fc.integer({ min: 1, max: 999 }).map((n) => n * 1000)
)
const size = fc.oneof(
  fc.integer({ min: 1, max: 2_000_000_000 }),
  fc.integer({ min: 1, max: 9_000_000 }).map((n) => n * 1_000_000),
  fc.maxSafeInteger().filter((n) => n > 0)
)
const levels = fc.array(fc.tuple(price, size), { maxLength: 60 })
const facts = fc.record({
  market: fc.oneof(fc.string(), fc.constant(`0x${'ab'.repeat(32)}`)),
  assetId: fc.stringMatching(/^\d{1,78}$/),
  minOrderSize: fc.constantFrom('5', '0.1'),
  tickE6: fc.constantFrom(10_000, 1000, 100),
  negRisk: fc.boolean()
})

test('the hash of a book written in place is that of the plain form, one book after another', () => {
  const text = new BookText()
  const other = new BookText()
  fc.assert(
    fc.property(
      levels,
      levels,
      facts,
      fc.stringMatching(/^\d{1,13}$/),
      fc.constantFrom('', '0.490'),
      (bids, asks, about, timestamp, lastTrade) => {
        const book = new OrderBook()
        for (const [px, total] of bids) book.bids.set(px, total)
        for (const [px, total] of asks) book.asks.set(px, total)
        text.begin(book, about, timestamp)
        const wanted = bookHash(book, about, timestamp, '0.001')
        expect(text.hasHash(wanted, about, '0.001')).toBe(true)
        expect(text.hasHash(wanted, about, '0.002')).toBe(false)
        expect(text.hasHash(bookHash(book, about, timestamp, lastTrade), about, lastTrade)).toBe(true)
        other.goOn(text.begun)
        expect(other.hasHash(wanted, about, '0.001')).toBe(true)
        expect(other.hasHash(wanted, { ...about, negRisk: !about.negRisk }, '0.001')).toBe(false)
      }
    ),
    { numRuns: 3000 }
  )
})

test('a book with more levels, or longer texts, than fit is still written whole', () => {
  const book = new OrderBook()
  for (let px = 1; px <= 15_000; px++) book.asks.set(px, Number.MAX_SAFE_INTEGER)
  const about = { market: '0x', assetId: '1', minOrderSize: '5', tickE6: 1000, negRisk: false }
  const text = new BookText()
  text.begin(book, about, '1')
  for (const lastTrade of ['', 'é'.repeat(2_000_000), '0.5'])
    expect(text.hasHash(bookHash(book, about, '1', lastTrade), about, lastTrade)).toBe(true)
})
