import { describe, expect, test } from 'vitest'
import { OrderBook } from '../../../shared/market/index.ts'
import { bookHash } from '../feeds/index.ts'
import { FLAG_TEXT } from '../bundle/index.ts'
import { restoreKeyframe, takeKeyframe } from './keyframe.ts'
import { MS, S, TestTape } from './testTape.ts'

const A = '111'
const B = '222'
const OTHER = '333'
const MARKET = '0xabc'
const FACTS = { market: MARKET, assetId: A, minOrderSize: '5', tickE6: 10_000, negRisk: false }
const GAP = ['GAP_DETECTED hash_mismatch 1', 'BOOK_RESYNC_START hash_mismatch 2']
const FIRST_MS = 1_700_000_000_000

type Side = 'BUY' | 'SELL'

/** A venue with one market, and a tape in step with it. */
class Stage {
  readonly t = new TestTape('polymarket')
  readonly venue = new OrderBook()
  lastTrade = '0.500'
  #ms = FIRST_MS

  constructor() {
    for (const [px, size] of [
      [0.3, 5],
      [0.4, 10]
    ] as const) {
      this.venue.bids.set(px * 1e6, size * 1e6)
      this.venue.asks.set((1 - px) * 1e6, size * 1e6)
    }
    this.t.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: [A, B, OTHER] })
    this.t.json([this.full()])
  }

  /** The full book as the venue sends it first. */
  full(): object {
    const { bids, asks } = this.venue
    const side = (from: typeof bids): object[] =>
      Array.from({ length: from.count }, (_, i) => ({ price: String(from.pxAt(i)! / 1e6), size: String(from.sizeAt(i)! / 1e6) })).reverse()
    const timestamp = String(this.#ms++)
    const hash = bookHash(this.venue, FACTS, timestamp, this.lastTrade)
    const more = { last_trade_price: this.lastTrade, tick_size: '0.01' }
    return { event_type: 'book', asset_id: A, market: MARKET, timestamp, hash, bids: side(bids), asks: side(asks), ...more }
  }

  /** The venue's book moves. @param told whether its message arrives */
  moves(side: Side, price: string, size: number, told = true): this {
    const book = side === 'BUY' ? this.venue.bids : this.venue.asks
    book.set(Math.round(Number(price) * 1e6), size * 1e6)
    const timestamp = String(this.#ms++)
    const change = { asset_id: A, price, size: String(size), side, hash: bookHash(this.venue, FACTS, timestamp, this.lastTrade) }
    if (told) this.t.json({ market: MARKET, price_changes: [change], timestamp, event_type: 'price_change' })
    return this
  }

  prints(price: string, token = A): this {
    this.t.json({
      event_type: 'last_trade_price',
      asset_id: token,
      market: MARKET,
      price,
      size: '1',
      side: 'BUY',
      timestamp: String(this.#ms++)
    })
    return this
  }

  /** Something of another market, so many milliseconds later. */
  later(ms: number, shard = 0): this {
    this.t.now += ms * MS
    const text = JSON.stringify({
      event_type: 'last_trade_price',
      asset_id: OTHER,
      market: '0xdef',
      price: '0.5',
      size: '1',
      side: 'BUY',
      timestamp: String(this.#ms)
    })
    this.t.push(text, FLAG_TEXT, shard)
    return this
  }

  get integrity(): string[] {
    return this.t.integrity()
  }
}

describe('a hash that differs', () => {
  test('is a gap with the first message of the connection after 100 ms, although the market rests', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3).later(90)
    expect(s.integrity).toEqual([])
    expect(s.t.book(A).ok).toBe(true)
    s.later(10)
    expect(s.integrity).toEqual(GAP)
    expect(s.t.requests).toEqual([A])
    expect(s.t.book(A).ok).toBe(false)
  })

  test('is a gap also when the book comes right before anything else is checked', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3).moves('BUY', '0.31', 9).later(100)
    expect(s.integrity).toEqual(GAP)
  })

  test('is none when the trade behind it is printed in the meantime', () => {
    const s = new Stage()
    s.lastTrade = '0.123'
    s.moves('SELL', '0.65', 3)
    expect(s.t.tape.books.counts).toMatchObject({ verified: 0, failed: 1 })
    s.prints('0.123').later(100)
    expect(s.integrity).toEqual([])
    expect(s.t.tape.books.counts).toMatchObject({ verified: 1, failed: 0 })
    s.t.now += S
    s.moves('SELL', '0.66', 3)
    expect(s.t.tape.books.counts).toMatchObject({ verified: 2, failed: 0 })
  })

  test.each([
    { since: 63, verified: 2, failed: 0 },
    { since: 64, verified: 1, failed: 1 }
  ])(
    'is explained by a trade that is not printed at the price of a change $since changes ago, of 63 at most',
    ({ since, verified, failed }) => {
      const s = new Stage()
      s.t.now += S
      s.moves('BUY', '0.39', 1)
      s.lastTrade = '0.610'
      for (let n = 1; n < since; n++) s.moves('SELL', '0.65', n)
      s.t.now += S
      s.moves('SELL', '0.65', 99)
      expect(s.t.tape.books.counts).toMatchObject({ verified, failed })
    }
  )

  test('waits for its own connection, not for another one', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    s.t.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: ['444'] }, 1)
    s.later(200, 1).t.note({ note: 'tick' })
    expect(s.integrity).toEqual([])
    s.later(0)
    expect(s.integrity).toEqual(GAP)
  })

  test('is forgotten with whatever makes the book untrusted', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    s.t.note({ note: 'conn_closed', venue: 'polymarket', trigger: 'lost' })
    s.t.note({ note: 'conn_open', venue: 'polymarket', url: '', tokens: [A, B, OTHER] })
    s.t.json([s.full()])
    s.later(500)
    expect(s.integrity).toEqual(['BOOK_RESYNC_START disconnected 2', 'BOOK_RESYNC_DONE none 2'])
  })

  test('is forgotten when the instrument is no longer recorded', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    s.t.note({ note: 'unsubscribed', tokens: [A] })
    s.later(500)
    expect(s.integrity).toEqual([])
  })

  test('three times in a row, each with a fresh full book, ends the belief in hashes of this token', () => {
    const s = new Stage()
    for (let n = 1; n <= 4; n++) {
      s.t.now += S
      s.moves('BUY', '0.31', n, false).moves('SELL', '0.65', n).later(100)
      s.lastTrade = ''
      s.t.rest('book', A, { ...s.full(), hash: '', last_trade_price: undefined })
    }
    expect(s.integrity.filter((told) => told.startsWith('GAP_DETECTED'))).toHaveLength(3)
    expect(s.t.book(A).trust.hashable).toBe('no')
  })

  test('is remembered by a keyframe', () => {
    const s = new Stage().moves('BUY', '0.31', 7, false).moves('SELL', '0.65', 3)
    const other = new TestTape('polymarket')
    restoreKeyframe(other.tape, takeKeyframe(s.t.tape, undefined), s.t.tape)
    other.now = s.t.now + 100 * MS
    other.json({ event_type: 'last_trade_price', asset_id: OTHER, market: '0xdef', price: '0.5', size: '1', side: 'BUY', timestamp: '1' })
    expect(other.integrity()).toEqual(GAP)
    expect(s.integrity).toEqual([])
  })
})
