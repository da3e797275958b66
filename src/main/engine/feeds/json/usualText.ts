import type { JsonScan } from './jsonScan.ts'

// Readers of text that is spelled as a venue usually spells it. Each moves the scanner behind what it read, or says no and leaves the
// place to whoever reads byte by byte.

const QUOTE = 34
const BACKSLASH = 92
const DOT = 46
const ZERO = 48
/** So many digits before the dot leave room for six behind it in a safe integer. */
const MAX_WHOLE_DIGITS = 9
const MAX_DECIMALS = 6
const MAX_INTEGER_DIGITS = 15

/** Eight or more ASCII bytes, eight at a time as doubles: two such doubles are equal only when their bytes are. */
export interface Literal {
  readonly eights: Float64Array
  readonly last: number
  readonly length: number
}

export function literal(text: string): Literal {
  const bytes = Buffer.from(text, 'latin1')
  const eights = Float64Array.from({ length: (bytes.length - 1) >> 3 }, (_, i) => bytes.readDoubleLE(8 * i))
  return { eights, last: bytes.readDoubleLE(bytes.length - 8), length: bytes.length }
}

/** Moves behind these bytes if they are next. */
export function take(scan: JsonScan, expected: Literal): boolean {
  const { view, pos } = scan
  const { eights, last, length } = expected
  if (pos + length > scan.end) return false
  // The last eight may overlap those before.
  if (view.getFloat64(pos + length - 8, true) !== last) return false
  for (let i = 0; i < eights.length; i++) if (view.getFloat64(pos + 8 * i, true) !== eights[i]) return false
  scan.pos = pos + length
  return true
}

/** Moves to the closing quote. @returns its place; -1 when there is none or a byte needs a closer look */
export function plainEnd(scan: JsonScan): number {
  const { buf, view, end } = scan
  let pos = scan.pos
  while (pos + 4 <= end && isPlainWord(view.getInt32(pos, true))) pos += 4
  for (; pos < end; pos++) {
    const c = buf[pos]!
    if (c === QUOTE) return (scan.pos = pos)
    if (c < 32 || c > 126 || c === BACKSLASH) return -1
  }
  return -1
}

/** True when each of the four bytes is a digit, a letter or a sign between them, and no backslash: 0x30 to 0x7e without 0x5c. */
export function isPlainWord(word: number): boolean {
  const low = ((word | HIGH_BITS) - 0x30303030) & (((word ^ 0x5c5c5c5c) | HIGH_BITS) - 0x01010101)
  return (low & HIGH_BITS) === HIGH_BITS && ((word | (word + 0x01010101)) & HIGH_BITS) === 0
}

const HIGH_BITS = 0x80808080 | 0

/** Reads digits with at most one dot and moves behind the closing quote. @returns × 1e6; -1 for any other form of number */
export function usualE6(scan: JsonScan): number {
  const { buf, end } = scan
  const from = scan.pos
  let pos = from
  let digit = 0
  // Both parts stay in 32 bits as far as they count: what is longer is refused below.
  let whole = 0
  for (; pos < end; pos++) {
    digit = buf[pos]! - ZERO
    if (digit < 0 || digit > 9) break
    whole = (whole * 10 + digit) | 0
  }
  if (pos === from || pos - from > MAX_WHOLE_DIGITS) return -1
  let decimals = 0
  let missing = MAX_DECIMALS
  if (digit === DOT - ZERO) {
    const decimalsFrom = ++pos
    for (; pos < end; pos++) {
      digit = buf[pos]! - ZERO
      if (digit < 0 || digit > 9) break
      decimals = (decimals * 10 + digit) | 0
    }
    missing -= pos - decimalsFrom
  }
  if (missing < 0 || digit !== QUOTE - ZERO || pos >= end) return -1
  scan.pos = pos + 1
  return whole * 1e6 + decimals * POWERS[missing]!
}

const POWERS = new Float64Array([1, 10, 100, 1000, 10_000, 100_000, 1_000_000])

/** Reads digits and moves behind the closing quote. @returns -1 for anything else */
export function usualInteger(scan: JsonScan): number {
  const { buf, end } = scan
  const from = scan.pos
  let value = 0
  for (let pos = from; pos < end; pos++) {
    const digit = buf[pos]! - ZERO
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      continue
    }
    if (digit !== QUOTE - ZERO || pos === from || pos - from > MAX_INTEGER_DIGITS) return -1
    scan.pos = pos + 1
    return value
  }
  return -1
}
