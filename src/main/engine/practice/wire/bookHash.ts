import { hash } from 'node:crypto'

/** The parts of one token's book that its hash covers. `bids` and `asks` are compact JSON level lists without brackets. */
export interface HashedBook {
  readonly market: string
  readonly assetId: string
  readonly timestamp: string
  readonly bids: string
  readonly asks: string
  readonly minOrderSize: string
  readonly tickSize: string
  readonly negRisk: boolean
  /** Three decimals, or empty when the market never traded. */
  readonly lastTradePrice: string
}

/**
 * The venue's own book hash: SHA-1 over compact JSON in the key order of its published client, `hash` empty.
 * Bids ascend and asks descend, so the best level is last in both.
 * @returns 40 hexadecimal digits
 */
export function bookHash(book: HashedBook): string {
  return hash('sha1', bookJson(book, ''))
}

/** Body of `GET /book`: the hashed text with the hash filled in. */
export function restBookJson(book: HashedBook): string {
  return bookJson(book, bookHash(book))
}

/** One element of the array sent on subscribing: compact, tick size and last trade price present. */
export function dumpBookJson(book: HashedBook): string {
  return (
    `{"market":"${book.market}","asset_id":"${book.assetId}","timestamp":"${book.timestamp}","hash":"${bookHash(book)}",` +
    `"bids":[${book.bids}],"asks":[${book.asks}],"tick_size":"${book.tickSize}","event_type":"book","last_trade_price":"${book.lastTradePrice}"}`
  )
}

/** The whole initial frame: an array that ends with a newline, a quirk of the real venue. */
export function dumpFrame(books: readonly string[]): string {
  return `[${books.join(',')}]\n`
}

function bookJson(book: HashedBook, hashText: string): string {
  return (
    `{"market":"${book.market}","asset_id":"${book.assetId}","timestamp":"${book.timestamp}","hash":"${hashText}",` +
    `"bids":[${book.bids}],"asks":[${book.asks}],"min_order_size":"${book.minOrderSize}","tick_size":"${book.tickSize}",` +
    `"neg_risk":${book.negRisk},"last_trade_price":"${book.lastTradePrice}"}`
  )
}
