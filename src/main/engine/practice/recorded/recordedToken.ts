import type { PolymarketTop } from '../polymarketMarket.ts'
import { bookHash, type HashedBook } from '../wire/bookHash.ts'
import { DecimalBook } from './decimalBook.ts'

export interface BookEvent {
  readonly event_type: 'book'
  readonly market: string
  readonly asset_id: string
  readonly timestamp: string
  readonly hash: string
  readonly bids: readonly { readonly price: string; readonly size: string }[]
  readonly asks: readonly { readonly price: string; readonly size: string }[]
  /** Present in an initial book only, like the last trade price. */
  readonly tick_size?: string
  readonly last_trade_price?: string
}

interface HashFacts {
  readonly minOrderSize: string
  readonly negRisk: boolean
  /** True when the recorded hash of the initial book was reproduced with these facts. */
  readonly proven: boolean
}

const LIKELY_MIN_SIZES = ['5', '1', '10', '15', '20', '50', '100'] as const

/** One token of a recording: its rolled book and the facts that its hashes need but the socket never says. */
export class RecordedToken {
  readonly market: string
  readonly hashFacts: HashFacts
  readonly #assetId: string
  readonly #book = new DecimalBook()
  #timestamp: string
  #tickSize: string
  #lastTradePrice: string
  #original: string | undefined

  constructor(initial: BookEvent) {
    this.market = initial.market
    this.#assetId = initial.asset_id
    this.#timestamp = initial.timestamp
    this.#tickSize = initial.tick_size ?? '0.01'
    this.#lastTradePrice = initial.last_trade_price ?? ''
    this.#load(initial)
    this.hashFacts = this.#deduce(initial.hash)
    this.#original = JSON.stringify(initial)
  }

  /** The initial book as recorded, until something changed it. */
  get original(): string | undefined {
    return this.#original
  }

  /**
   * Applies one entry of a price change; learns the last trade price when only that makes the recorded hash fit.
   * @param firstPrice price of the first entry of the frame: what a trade of that very moment went at
   * @returns the size at the price before
   */
  change(entry: { price: string; size: string; side: string; hash: string }, timestamp: string, firstPrice: string | undefined): string {
    const side = entry.side === 'SELL' ? this.#book.asks : this.#book.bids
    const before = side.sizeAt(entry.price)
    side.set(entry.price, entry.size)
    this.#touch(timestamp)
    const book = this.hashed()
    if (firstPrice !== undefined && bookHash(book) !== entry.hash) {
      const traded = threeDecimals(firstPrice)
      if (bookHash({ ...book, lastTradePrice: traded }) === entry.hash) this.#lastTradePrice = traded
    }
    return before
  }

  replace(book: BookEvent): void {
    this.#load(book)
    this.#touch(book.timestamp)
    if (book.tick_size !== undefined) this.#tickSize = book.tick_size
    if (book.last_trade_price !== undefined) this.#lastTradePrice = book.last_trade_price
  }

  setTick(tickSize: string): void {
    this.#tickSize = tickSize
    this.#original = undefined
  }

  traded(price: string): void {
    this.#lastTradePrice = threeDecimals(price)
    this.#original = undefined
  }

  top(): PolymarketTop {
    return {
      bestBid: this.#book.bids.ascending().at(-1)?.[0],
      bestAsk: this.#book.asks.ascending().at(0)?.[0],
      lastTradePrice: this.#lastTradePrice
    }
  }

  hashed(facts: Pick<HashFacts, 'minOrderSize' | 'negRisk'> = this.hashFacts): HashedBook {
    return {
      market: this.market,
      assetId: this.#assetId,
      timestamp: this.#timestamp,
      bids: levelsText(this.#book.bids.ascending()),
      asks: levelsText(this.#book.asks.descending()),
      minOrderSize: facts.minOrderSize,
      tickSize: this.#tickSize,
      negRisk: facts.negRisk,
      lastTradePrice: this.#lastTradePrice
    }
  }

  #touch(timestamp: string): void {
    this.#timestamp = timestamp
    this.#original = undefined
  }

  #load(book: BookEvent): void {
    this.#book.clear()
    for (const { price, size } of book.bids) this.#book.bids.set(price, size)
    for (const { price, size } of book.asks) this.#book.asks.set(price, size)
  }

  /** The socket says neither minimum order size nor neg risk, but the hash covers both: try the likely ones. */
  #deduce(hash: string): HashFacts {
    for (const minOrderSize of LIKELY_MIN_SIZES) {
      for (const negRisk of [false, true]) {
        if (bookHash(this.hashed({ minOrderSize, negRisk })) === hash) return { minOrderSize, negRisk, proven: true }
      }
    }
    return { minOrderSize: '5', negRisk: false, proven: false }
  }
}

function levelsText(levels: readonly (readonly [price: string, size: string])[]): string {
  return levels.map(([price, size]) => `{"price":"${price}","size":"${size}"}`).join(',')
}

function threeDecimals(price: string): string {
  return Number(price).toFixed(3)
}
