import { hash } from 'node:crypto'
import { formatE6, type BookSide, type OrderBook } from '../../../shared/market/index.ts'
import type { HashFacts } from '../feeds/index.ts'

const E6 = 1_000_000
const ZERO = 48
const COMMA = 44
const DOT = 46
const PRICE = Buffer.from('{"price":"')
const SIZE = Buffer.from('","size":"')
const END = Buffer.from('"}')
/** Bytes of a level at most: the words above, two numbers of up to 17 characters, a comma. */
const LEVEL_BYTES = 64
/** Bytes that a character of a text takes at most. */
const MAX_UTF8 = 3

/**
 * The text that Polymarket's book hash covers, written in place: books are checked by the ten thousand. Says the same as `bookHash` of
 * the feed, which is the plain form of it.
 */
export class BookText {
  #bytes = Buffer.alloc(64 * 1024)
  #at = 0
  #levelsEnd = 0

  /** Writes the part that does not depend on what is tried: everything up to the levels. */
  begin(book: OrderBook, facts: Pick<HashFacts, 'market' | 'assetId'>, timestamp: string): void {
    const head = `{"market":"${facts.market}","asset_id":"${facts.assetId}","timestamp":"${timestamp}","hash":"","bids":[`
    this.#grow(MAX_UTF8 * head.length + (book.bids.count + book.asks.count + 1) * LEVEL_BYTES)
    this.#at = this.#bytes.write(head, 'utf8')
    this.#side(book.bids)
    this.#at += this.#bytes.write('],"asks":[', this.#at, 'latin1')
    this.#side(book.asks)
    this.#levelsEnd = this.#at
  }

  /** SHA-1 in hex of the text begun, with these facts. @param lastTradePrice three decimals, or "" when the market never traded */
  hash(facts: HashFacts, lastTradePrice: string): string {
    const tail = `],"min_order_size":"${facts.minOrderSize}","tick_size":"${formatE6(facts.tickE6)}","neg_risk":${facts.negRisk},"last_trade_price":"${lastTradePrice}"}`
    this.#grow(this.#levelsEnd + MAX_UTF8 * tail.length)
    const end = this.#levelsEnd + this.#bytes.write(tail, this.#levelsEnd, 'utf8')
    return hash('sha1', this.#bytes.subarray(0, end), 'hex')
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length) return
    const larger = Buffer.alloc(2 * needed)
    this.#bytes.copy(larger)
    this.#bytes = larger
  }

  #side(side: BookSide): void {
    for (let i = 0; i < side.count; i++) {
      if (i > 0) this.#bytes[this.#at++] = COMMA
      this.#copy(PRICE)
      this.#number(side.keys[i]! * side.sign)
      this.#copy(SIZE)
      this.#number(side.sizes[i]!)
      this.#copy(END)
    }
  }

  #copy(word: Buffer): void {
    const bytes = this.#bytes
    let at = this.#at
    for (let i = 0; i < word.length; i++) bytes[at++] = word[i]!
    this.#at = at
  }

  /** Without needless zeros, as `formatE6` does. Not negative. */
  #number(valueE6: number): void {
    const bytes = this.#bytes
    let at = this.#at
    let whole = Math.floor(valueE6 / E6)
    let rest = valueE6 - whole * E6
    let unit = 1
    while (whole >= 10 * unit) unit *= 10
    for (; unit >= 1; unit /= 10) {
      const digit = Math.floor(whole / unit)
      bytes[at++] = ZERO + digit
      whole -= digit * unit
    }
    if (rest > 0) bytes[at++] = DOT
    for (unit = E6 / 10; rest > 0; unit /= 10) {
      const digit = Math.floor(rest / unit)
      bytes[at++] = ZERO + digit
      rest -= digit * unit
    }
    this.#at = at
  }
}
