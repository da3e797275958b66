import { parseE6, parseE6Bytes } from '../../../../shared/market/index.ts'
import { keyHash } from './keyHash.ts'
import { ViewCache } from './viewCache.ts'

const QUOTE = 34
const BACKSLASH = 92
const text = new TextDecoder()

/** True when each of the four bytes is a digit, a letter or a sign between them, and no backslash: 0x30 to 0x7e without 0x5c. */
function isPlainWord(word: number): boolean {
  const low = ((word | HIGH_BITS) - 0x30303030) & (((word ^ 0x5c5c5c5c) | HIGH_BITS) - 0x01010101)
  return (low & HIGH_BITS) === HIGH_BITS && ((word | (word + 0x01010101)) & HIGH_BITS) === 0
}

const HIGH_BITS = 0x80808080 | 0

/**
 * A strict pull scanner over one JSON text in bytes. It accepts a subset of JSON (ASCII strings without escapes, nested values only where
 * the caller expects them) and gives up on anything else by setting `bad`: the caller then falls back to JSON.parse. What it accepts it
 * reads exactly as JSON.parse would.
 */
export class JsonScan {
  buf: Uint8Array = new Uint8Array(0)
  /** Over the whole of `buf`, for a look at several bytes at once. */
  view: DataView = new DataView(new ArrayBuffer(0))
  pos = 0
  end = 0
  bad = false
  /** True for text that came from JSON.stringify: escapes and other characters may then stand in strings. */
  lenient = false
  /** The last string or scalar, quotes not included. */
  from = 0
  to = 0
  isString = false
  readonly #views = new ViewCache()
  /** A string or a number: what may stand for a text or an id. */
  isText = false

  start(buf: Uint8Array, from: number, to: number, lenient: boolean): void {
    if (buf !== this.buf) this.view = this.#views.of(buf)
    this.buf = buf
    this.pos = from
    this.end = to
    this.bad = false
    this.lenient = lenient
  }

  /** Next byte that is not white space, without consuming it; 0 at the end. */
  peek(): number {
    const buf = this.buf
    let pos = this.pos
    let c = pos < this.end ? buf[pos]! : 0
    while (c === 32 || c === 10 || c === 13 || c === 9) c = ++pos < this.end ? buf[pos]! : 0
    this.pos = pos
    return c
  }

  /** Consumes this byte, after white space. Anything else sets `bad`. */
  expect(byte: number): void {
    if (this.peek() === byte) this.pos++
    else this.bad = true
  }

  /** Consumes this byte if it is next, after white space. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false
    this.pos++
    return true
  }

  /** Hash of the last string, for a look-up by key. */
  get hash(): number {
    return keyHash(this.buf, this.from, this.to)
  }

  /** Reads a string into `from` and `to`. */
  string(): void {
    this.expect(QUOTE)
    const buf = this.buf
    const end = this.end
    let pos = this.pos
    this.from = pos
    while (pos + 4 <= end && isPlainWord(this.view.getInt32(pos, true))) pos += 4
    while (pos < end) {
      const c = buf[pos]!
      if (c === QUOTE) {
        this.to = pos
        this.pos = pos + 1
        return
      }
      if (c < 32 || c > 126 || c === BACKSLASH) {
        if (!this.lenient) break
        if (c === BACKSLASH) pos++
      }
      pos++
    }
    this.bad = true
  }

  /** Reads a key and its colon. */
  key(): void {
    this.string()
    this.expect(58)
  }

  /**
   * Reads a string, number, true, false or null into `from`, `to`. A nested value sets `bad`; where lenient it is skipped and reads as
   * nothing, so that the caller can tell which field is not as it should be.
   */
  scalar(): void {
    const c = this.peek()
    this.isText = this.isString = c === QUOTE
    if (this.isString) return this.string()
    if (c === 45 || (c >= 48 && c <= 57)) {
      this.isText = true
      return this.#number()
    }
    if (c === 116) return this.#word('true')
    if (c === 102) return this.#word('false')
    if (c === 110) return this.#word('null')
    this.#nested(c)
    this.from = this.to = this.pos
  }

  /** Skips a value of any kind where lenient, a scalar otherwise. */
  skip(): void {
    this.scalar()
  }

  /**
   * True when a value that begins with this byte comes next. Otherwise it is read over where lenient and `bad` is set where not: the
   * caller then knows that the field is not what it should be.
   */
  opens(byte: number): boolean {
    if (this.peek() === byte) return true
    if (this.lenient) this.scalar()
    else this.bad = true
    return false
  }

  #nested(first: number): void {
    if (!this.lenient || (first !== 123 && first !== 91)) {
      this.bad = true
      return
    }
    let depth = 0
    do {
      const c = this.peek()
      if (c === 0) this.bad = true
      else if (c === QUOTE) this.string()
      else {
        if (c === 123 || c === 91) depth++
        else if (c === 125 || c === 93) depth--
        this.pos++
      }
    } while (depth > 0 && !this.bad)
  }

  /** True when the last string or scalar is exactly this ASCII text. */
  is(word: string): boolean {
    const length = word.length
    if (this.to - this.from !== length) return false
    for (let i = 0; i < length; i++) if (this.buf[this.from + i] !== word.charCodeAt(i)) return false
    return true
  }

  /** The last string or scalar as an integer × 1e6; NaN when it is no number. */
  e6(): number {
    const value = parseE6Bytes(this.buf, this.from, this.to)
    return value === value ? value : (parseE6(text.decode(this.buf.subarray(this.from, this.to))) ?? NaN)
  }

  /** The last string or scalar as a safe integer of decimal digits; NaN when it is none. */
  integer(): number {
    let value = 0
    if (this.from === this.to) return NaN
    for (let i = this.from; i < this.to; i++) {
      const d = this.buf[i]! - 48
      if (d < 0 || d > 9) return NaN
      value = value * 10 + d
    }
    return value <= Number.MAX_SAFE_INTEGER ? value : NaN
  }

  /** Only white space may be left. */
  finish(): void {
    if (this.peek() !== 0 || this.pos < this.end) this.bad = true
  }

  /** A number by the grammar of JSON: no leading zeros, digits around a dot, an exponent with digits. */
  #number(): void {
    this.from = this.pos
    if (this.buf[this.pos] === 45) this.pos++
    const zero = this.buf[this.pos] === 48
    const whole = this.#digits()
    if (whole === 0 || (zero && whole > 1)) this.bad = true
    if (this.pos < this.end && this.buf[this.pos] === 46) {
      this.pos++
      if (this.#digits() === 0) this.bad = true
    }
    const e = this.pos < this.end ? this.buf[this.pos]! | 32 : 0
    if (e === 101) {
      this.pos++
      const sign = this.buf[this.pos]
      if (sign === 43 || sign === 45) this.pos++
      if (this.#digits() === 0) this.bad = true
    }
    this.to = this.pos
  }

  #digits(): number {
    const from = this.pos
    while (this.pos < this.end) {
      const d = this.buf[this.pos]! - 48
      if (d < 0 || d > 9) break
      this.pos++
    }
    return this.pos - from
  }

  #word(word: string): void {
    this.from = this.pos
    this.pos = Math.min(this.end, this.pos + word.length)
    this.to = this.pos
    if (!this.is(word)) this.bad = true
  }
}

/** A text that is nested too deep, or too large, to be written again. */
export const TOO_MUCH: Uint8Array = new Uint8Array(0)

/** Several times the largest honest message. A larger one that only JSON.parse could read would cost a minute and gigabytes. */
const MAX_REPARSE_BYTES = 8 * 1024 * 1024

/**
 * Reads bytes again through JSON.parse: the one place that decides what is JSON at all. A key that stands twice counts as its last value,
 * and numbers keep their digits.
 * @returns compact JSON of the same value; undefined when the bytes are not JSON; TOO_MUCH
 */
export function reparse(buf: Uint8Array, from: number, to: number): Uint8Array | undefined {
  if (to - from > MAX_REPARSE_BYTES) return TOO_MUCH
  let source: string
  try {
    source = strictText.decode(buf.subarray(from, to))
    JSON.parse(source)
  } catch {
    return undefined
  }
  try {
    return new TextEncoder().encode(JSON.stringify(JSON.parse(source, keepDigits)))
  } catch {
    // JSON.parse goes down by itself, but reviver and JSON.stringify call themselves.
    return TOO_MUCH
  }
}

/** Newer than the type library: a double would lose digits of a price. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
const keepDigits = ((_key: string, value: unknown, context: { source: string }) =>
  typeof value === 'number' ? rawJSON(context.source) : value) as (key: string, value: unknown) => unknown

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
