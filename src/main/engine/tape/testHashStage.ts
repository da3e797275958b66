import { OrderBook } from '../../../shared/market/index.ts'
import { bookHash } from '../feeds/index.ts'
import { MS, TestTape } from './testTape.ts'

export const A = '111'
export const B = '222'
export const OTHER = '333'
export const MARKET = '0xabc'
export const FACTS = { market: MARKET, assetId: A, minOrderSize: '5', tickE6: 10_000, negRisk: false }
/** What a book tells whose changes are missing. */
export const GAP = ['GAP_DETECTED hash_mismatch 1', 'BOOK_RESYNC_START hash_mismatch 2']
export const FIRST_MS = 1_700_000_000_000

type Side = 'BUY' | 'SELL'

/** A venue with one market, and a tape in step with it. */
export class Stage {
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

  /** Another token of the connection gets a book: text of other levels is hashed. @param levels of each side */
  otherBook(levels: number): this {
    const side = (from: number): object[] =>
      Array.from({ length: levels }, (_, i) => ({ price: String((from + i) / 1e4), size: String(i + 1) }))
    const bids = side(1000)
    const asks = side(6000).reverse()
    const hash = '0'.repeat(40)
    this.t.json({
      event_type: 'book',
      asset_id: OTHER,
      market: '0xdef',
      timestamp: String(this.#ms),
      hash,
      bids,
      asks,
      last_trade_price: '0.500',
      tick_size: '0.01'
    })
    return this
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

  /** The venue's book moves. @returns the message about it */
  change(side: Side, price: string, size: number): object {
    const book = side === 'BUY' ? this.venue.bids : this.venue.asks
    book.set(Math.round(Number(price) * 1e6), size * 1e6)
    const timestamp = this.stamp()
    const change = { asset_id: A, price, size: String(size), side, hash: bookHash(this.venue, FACTS, timestamp, this.lastTrade) }
    return { market: MARKET, price_changes: [change], timestamp, event_type: 'price_change' }
  }

  /** The same, and its message comes or not. */
  moves(side: Side, price: string, size: number, told = true): this {
    const message = this.change(side, price, size)
    if (told) this.t.json(message)
    return this
  }

  /** The venue's time, which goes on by a millisecond. */
  stamp(): string {
    return String(this.#ms++)
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

  /** Something of another market of this connection, so many milliseconds later by the venue's clock and ours. */
  later(ms: number, { shard = 0, token = OTHER, venueMs = ms } = {}): this {
    this.t.now += ms * MS
    this.#ms += venueMs
    this.t.json(
      {
        event_type: 'last_trade_price',
        asset_id: token,
        market: '0xdef',
        price: '0.5',
        size: '1',
        side: 'BUY',
        timestamp: String(this.#ms)
      },
      shard
    )
    return this
  }

  /** Both clocks go on, and nothing comes. */
  rests(ms: number): this {
    this.t.now += ms * MS
    this.#ms += ms
    return this
  }

  get integrity(): string[] {
    return this.t.integrity()
  }
}
