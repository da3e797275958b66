import { formatE6, type BookSide, type OrderBook } from '../../../shared/market/index.ts'
import type { HashFacts } from '../feeds/index.ts'
import { BLOCK_BYTES, Sha1, SUM_WORDS, TEXT_AT } from './sha1Kernel.ts'

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

/** The sum of a text up to its levels, on its way to the thread that knows how it goes on. */
export interface BegunText {
  /** 0 = none. */
  readonly byteLength: number
  readonly sum: Int32Array
  /** Where the bytes lie that are not in the sum, less than a block. */
  readonly rest: Uint8Array
  readonly restFrom: number
}

/**
 * The text that Polymarket's book hash covers, written in place: books are checked by the ten thousand. Says the same as `bookHash` of
 * the feed, which is the plain form of it. What is tried on a book comes behind its levels, so that the sum up to them is made once.
 */
export class BookText {
  readonly #sha1 = new Sha1()
  #at = 0
  #levelsEnd = TEXT_AT
  /** The sum of all whole blocks up to the levels' end. */
  readonly #sum = new Int32Array(SUM_WORDS)

  /** Writes the part that does not depend on what is tried: everything up to the levels. */
  begin(book: OrderBook, facts: Pick<HashFacts, 'market' | 'assetId'>, timestamp: string): void {
    const head = `{"market":"${facts.market}","asset_id":"${facts.assetId}","timestamp":"${timestamp}","hash":"","bids":[`
    this.#sha1.room(TEXT_AT + MAX_UTF8 * head.length + (book.bids.count + book.asks.count + 1) * LEVEL_BYTES)
    this.#at = TEXT_AT
    this.#text(head)
    this.#side(book.bids)
    this.#text('],"asks":[')
    this.#side(book.asks)
    this.#levelsEnd = this.#at
    this.#sha1.start()
    this.#sha1.add(TEXT_AT, this.#wholeBlocks)
    this.#sum.set(this.#sha1.sum)
  }

  /** What was begun, for `goOn` of another one; valid until the next `begin`. */
  get begun(): BegunText {
    return { byteLength: this.#levelsEnd - TEXT_AT, sum: this.#sum, rest: this.#sha1.bytes, restFrom: this.#wholeBlocks }
  }

  /** The same, to keep. */
  get kept(): BegunText {
    const { byteLength, sum, rest, restFrom } = this.begun
    // A slice of a Buffer would share its memory.
    return { byteLength, sum: sum.slice(), rest: new Uint8Array(rest.subarray(restFrom, this.#levelsEnd)), restFrom: 0 }
  }

  /** Goes on where another one ended. */
  goOn({ byteLength, sum, rest, restFrom }: BegunText): void {
    this.#levelsEnd = TEXT_AT + byteLength
    this.#sha1.room(this.#levelsEnd)
    this.#sum.set(sum)
    const from = this.#wholeBlocks
    for (let at = from; at < this.#levelsEnd; at++) this.#sha1.bytes[at] = rest[restFrom + at - from]!
  }

  /** True when SHA-1 in hex of the text begun, with these facts, is the one that is wanted. @param lastTradePrice three decimals, or "" when the market never traded */
  hasHash(wanted: string, facts: Omit<HashFacts, 'market' | 'assetId'>, lastTradePrice: string): boolean {
    const tail = `],"min_order_size":"${facts.minOrderSize}","tick_size":"${formatE6(facts.tickE6)}","neg_risk":${facts.negRisk},"last_trade_price":"${lastTradePrice}"}`
    this.#sha1.room(this.#levelsEnd + MAX_UTF8 * tail.length)
    this.#at = this.#levelsEnd
    this.#text(tail)
    this.#sha1.sum.set(this.#sum)
    this.#sha1.finish(this.#wholeBlocks, this.#at)
    return isHexOf(wanted, this.#sha1.sum)
  }

  get #wholeBlocks(): number {
    return this.#levelsEnd - (this.#levelsEnd % BLOCK_BYTES)
  }

  #text(text: string): void {
    this.#at += this.#sha1.bytes.write(text, this.#at, 'utf8')
  }

  #side(side: BookSide): void {
    const { levels, sign, count } = side
    for (let i = 0; i < count; i++) {
      if (i > 0) this.#sha1.bytes[this.#at++] = COMMA
      this.#put(PRICE)
      this.#number(levels[2 * i]! * sign)
      this.#put(SIZE)
      this.#number(levels[2 * i + 1]!)
      this.#sha1.view.setUint16(this.#at, QUOTE_BRACE, true)
      this.#at += 2
    }
  }

  #put({ eight, two }: TenBytes): void {
    this.#sha1.view.setFloat64(this.#at, eight, true)
    this.#sha1.view.setUint16(this.#at + 8, two, true)
    this.#at += 10
  }

  /** Without needless zeros, as `formatE6` does. Not negative. */
  #number(valueE6: number): void {
    const whole = Math.floor(valueE6 / E6)
    let rest = (valueE6 - whole * E6) | 0
    if (whole < INT32) this.#digits(whole | 0, digitsOf(whole | 0))
    else this.#at += this.#sha1.bytes.write(String(whole), this.#at, 'latin1')
    if (rest === 0) return
    this.#sha1.bytes[this.#at++] = DOT
    let length = 6
    for (let tenth = (rest / 10) | 0; tenth * 10 === rest; tenth = (rest / 10) | 0) {
      rest = tenth
      length--
    }
    this.#digits(rest, length)
  }

  /** The last so many digits of a whole number below 2^31. */
  #digits(value: number, length: number): void {
    const { bytes } = this.#sha1
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

/** Digits as text, lower case, highest first. */
function isHexOf(text: string, words: Int32Array): boolean {
  if (text.length !== 8 * words.length) return false
  for (let i = 0; i < text.length; i++) {
    const digit = (words[i >> 3]! >>> (28 - 4 * (i & 7))) & 15
    if (text.charCodeAt(i) !== (digit < 10 ? 48 : 87) + digit) return false
  }
  return true
}
