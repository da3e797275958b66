import { hash } from 'node:crypto'
import { formatE6, type BookSide, type OrderBook } from '../../../shared/market/index.ts'
import type { HashFacts } from '../feeds/index.ts'

const E6 = 1_000_000
const INT32 = 2 ** 31
const ZERO = 48
const COMMA = 44
const DOT = 46
const QUOTE_BRACE = Buffer.from('"}').readUInt16LE()
const PRICE = tenBytes('{"price":"')
const SIZE = tenBytes('","size":"')
/** Bytes of a level at most: the words above, two numbers of up to 17 characters, a comma. */
const LEVEL_BYTES = 64
/** Bytes that a character of a text takes at most. */
const MAX_UTF8 = 3

interface TenBytes {
  readonly eight: number
  readonly two: number
}

function tenBytes(text: string): TenBytes {
  const bytes = Buffer.from(text)
  return { eight: bytes.readDoubleLE(), two: bytes.readUInt16LE(8) }
}

/**
 * The text that Polymarket's book hash covers, written in place: books are checked by the ten thousand. Says the same as `bookHash` of
 * the feed, which is the plain form of it.
 */
export class BookText {
  #bytes = Buffer.alloc(64 * 1024)
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset)
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
    this.#view = new DataView(larger.buffer, larger.byteOffset)
  }

  #side(side: BookSide): void {
    const { levels, sign, count } = side
    for (let i = 0; i < count; i++) {
      if (i > 0) this.#bytes[this.#at++] = COMMA
      this.#put(PRICE)
      this.#number(levels[2 * i]! * sign)
      this.#put(SIZE)
      this.#number(levels[2 * i + 1]!)
      this.#view.setUint16(this.#at, QUOTE_BRACE, true)
      this.#at += 2
    }
  }

  #put({ eight, two }: TenBytes): void {
    this.#view.setFloat64(this.#at, eight, true)
    this.#view.setUint16(this.#at + 8, two, true)
    this.#at += 10
  }

  /** Without needless zeros, as `formatE6` does. Not negative. */
  #number(valueE6: number): void {
    const whole = Math.floor(valueE6 / E6)
    let rest = (valueE6 - whole * E6) | 0
    if (whole < INT32) this.#digits(whole | 0, digitsOf(whole | 0))
    else this.#at += this.#bytes.write(String(whole), this.#at, 'latin1')
    if (rest === 0) return
    this.#bytes[this.#at++] = DOT
    let length = 6
    for (let tenth = (rest / 10) | 0; tenth * 10 === rest; tenth = (rest / 10) | 0) {
      rest = tenth
      length--
    }
    this.#digits(rest, length)
  }

  /** The last so many digits of a whole number below 2^31. */
  #digits(value: number, length: number): void {
    const bytes = this.#bytes
    const from = this.#at
    let rest = value
    for (let at = from + length - 1; at >= from; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.#at = from + length
  }
}

function digitsOf(value: number): number {
  let length = 1
  for (let limit = 10; value >= limit; limit *= 10) length++
  return length
}
