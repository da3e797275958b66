import type { JsonScan } from '../json/jsonScan.ts'
import type { LevelList } from '../marketSink.ts'

/** `["` as two bytes, and `"]`. */
const OPEN = 0x225b
const CLOSE = 0x5d22
const QUOTE = 34
const COMMA = 44
const DOT = 46
const ZERO = 48
/** So many digits before the dot leave room for six behind it in a safe integer. */
const MAX_WHOLE_DIGITS = 9
const DECIMALS = 8

/**
 * Reads levels that are spelled as the venue spells them, `["61837.63000000","3.78826000"]` with eight decimals and nothing between them but
 * a comma, several times as fast as value by value: nearly all are.
 * @returns true where a level must come that is not so; false behind one
 */
export function scanUsualLevels(scan: JsonScan, out: LevelList): boolean {
  const { buf, view, end } = scan
  for (;;) {
    const start = scan.pos
    if (start + 2 > end || view.getUint16(start, true) !== OPEN) return true
    scan.pos = start + 2
    const px = usualE6(scan, buf, view, end)
    // Behind the price's closing quote: `,"`.
    const between = scan.pos
    if (!(px > 0) || buf[between] !== COMMA || buf[between + 1] !== QUOTE) return unusual(scan, start)
    scan.pos = between + 2
    const size = usualE6(scan, buf, view, end)
    const close = scan.pos
    if (size < 0 || close >= end || view.getUint16(close - 1, true) !== CLOSE) return unusual(scan, start)
    out.push(px, size)
    scan.pos = close + 1
    if (close + 1 >= end || buf[close + 1] !== COMMA) return false
    scan.pos = close + 2
  }
}

function unusual(scan: JsonScan, start: number): boolean {
  scan.pos = start
  return true
}

/** Reads digits, a dot and eight digits and moves behind the closing quote. @returns × 1e6, rounded half up; -1 for any other form of number */
function usualE6(scan: JsonScan, buf: Uint8Array, view: DataView, end: number): number {
  const from = scan.pos
  // Longer than any number that is taken: one look at the end is enough. Only the last level of a message can be nearer.
  const stop = Math.min(end - DECIMALS - 2, from + MAX_WHOLE_DIGITS)
  let pos = from
  let whole = 0
  for (; pos < stop; pos++) {
    const digit = buf[pos]! - ZERO
    if (digit < 0 || digit > 9) break
    whole = (whole * 10 + digit) | 0
  }
  if (pos === from || pos > end - DECIMALS - 2 || buf[pos] !== DOT || buf[pos + 9] !== QUOTE) return -1
  const high = view.getInt32(pos + 1, true)
  const low = view.getInt32(pos + 5, true)
  if (((beyondDigits(high) | beyondDigits(low)) & HIGH_BITS) !== 0) return -1
  scan.pos = pos + 10
  return whole * 1e6 + (((fourDigits(high) * 10_000 + fourDigits(low) + 50) / 100) | 0)
}

const HIGH_BITS = 0x80808080 | 0

/** Has a high bit set when any of the four bytes is no digit: below `0`, or beyond 0x7f when 0x46 is added. */
function beyondDigits(word: number): number {
  return word | (word + 0x46464646) | (word - 0x30303030)
}

/** Four digits, the first in the lowest byte, as their number. */
function fourDigits(word: number): number {
  const ones = word - 0x30303030
  // Two digits in every other byte, then all four.
  const pairs = (ones * 10 + (ones >>> 8)) & 0x00ff00ff
  return (pairs * 100 + (pairs >>> 16)) & 0xffff
}
