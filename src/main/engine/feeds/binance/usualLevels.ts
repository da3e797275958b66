import type { JsonScan } from '../json/jsonScan.ts'
import type { LevelList } from '../marketSink.ts'

/** `["` as two bytes, and `"]`. */
const OPEN = 0x225b
const CLOSE = 0x5d22
/** `","` in the lower three bytes of a word. */
const BETWEEN = 0x222c22
const COMMA = 44
/** `["0.00000000","0.00000000"]`: no level is shorter. */
const SHORTEST_LEVEL = 27
/** A dot and eight decimals. */
const FRACTION = 9
/** So many digits before the dot leave room for six behind it in a safe integer. */
const MAX_WHOLE_DIGITS = 9

/**
 * Reads levels that are spelled as the venue spells them, `["61837.63000000","3.78826000"]` with eight decimals and nothing between them but
 * a comma, four bytes at a time and several times as fast as value by value: nearly all are.
 * @returns true where a level must come that is not so; false behind one
 */
export function scanUsualLevels(scan: JsonScan, out: LevelList): boolean {
  const { buf, view, end } = scan
  let { values, count } = out
  let pos = scan.pos
  let more = true
  while (pos + SHORTEST_LEVEL <= end && view.getUint16(pos, true) === OPEN) {
    const pxFrom = pos + 2
    const pxWidth = wholeDigits(view, pxFrom)
    const sizeFrom = pxFrom + pxWidth + FRACTION + 3
    if (pxWidth === 0 || sizeFrom + FRACTION + 3 > end || (view.getInt32(sizeFrom - 3, true) & 0xffffff) !== BETWEEN) break
    const sizeWidth = wholeDigits(view, sizeFrom)
    const next = sizeFrom + sizeWidth + FRACTION + 2
    if (sizeWidth === 0 || next > end || view.getUint16(next - 2, true) !== CLOSE) break
    const px = usualE6(view, pxFrom, pxWidth)
    const size = usualE6(view, sizeFrom, sizeWidth)
    if (!(px > 0) || size < 0) break
    if (2 * count === values.length) values = out.grow()
    values[2 * count] = px
    values[2 * count + 1] = size
    count++
    pos = next
    more = pos < end && buf[pos] === COMMA
    if (!more) break
    pos++
  }
  out.count = count
  scan.pos = pos
  return more
}

/** How many bytes stand before the first dot; 0 where that is not one to nine. The caller knows that twelve bytes are there. */
function wholeDigits(view: DataView, from: number): number {
  const first = dotsIn(view.getInt32(from, true))
  if (first !== 0) return firstByteOf(first)
  const second = dotsIn(view.getInt32(from + 4, true))
  if (second !== 0) return 4 + firstByteOf(second)
  const third = dotsIn(view.getInt32(from + 8, true))
  const width = third === 0 ? 0 : 8 + firstByteOf(third)
  return width <= MAX_WHOLE_DIGITS ? width : 0
}

/** The high bit of each byte that is a dot; of those above the lowest one some may be wrong. */
function dotsIn(word: number): number {
  const rest = word ^ 0x2e2e2e2e
  return (rest - 0x01010101) & ~rest & HIGH_BITS
}

/** Number of the lowest byte with a bit set. */
function firstByteOf(bits: number): number {
  return (31 - Math.clz32(bits & -bits)) >> 3
}

/** Digits, a dot and eight digits × 1e6, rounded half up; -1 when one of them is no digit. */
function usualE6(view: DataView, from: number, width: number): number {
  const first = view.getInt32(from, true)
  const dot = from + width
  const high = view.getInt32(dot + 1, true)
  const low = view.getInt32(dot + 5, true)
  let beyond = beyondDigits(high) | beyondDigits(low)
  let whole = 0
  if (width > 4) {
    const last = view.getInt32(dot - 4, true)
    const before = width > 8 ? view.getInt32(dot - 8, true) : padded(first, width - 4)
    beyond |= beyondDigits(before) | beyondDigits(last)
    whole = fourDigits(before) * 10_000 + fourDigits(last)
    if (width > 8) {
      const lead = padded(first, 1)
      beyond |= beyondDigits(lead)
      whole += fourDigits(lead) * 100_000_000
    }
  } else {
    const all = padded(first, width)
    beyond |= beyondDigits(all)
    whole = fourDigits(all)
  }
  if ((beyond & HIGH_BITS) !== 0) return -1
  return whole * 1e6 + (((fourDigits(high) * 10_000 + fourDigits(low) + 50) / 100) | 0)
}

const HIGH_BITS = 0x80808080 | 0

/** The first one to four bytes of a word as its last, behind zeros in text. */
function padded(word: number, count: number): number {
  const shift = 32 - 8 * count
  return (word << shift) | (0x303030 >>> (24 - shift))
}

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
