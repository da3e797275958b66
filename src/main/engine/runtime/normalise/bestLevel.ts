import { parseE6, parseE6Bytes } from '../../../../shared/market/index.ts'
import { LEVEL_LENGTH, type BookTable } from './bookTable.ts'

const ascii = new TextDecoder('latin1')

/** How often the best level of a side had to be looked for among all, and among how many. */
export class ScanCounts {
  scans = 0
  levelsTotal = 0
  levelsMax = 0
}

/** The best level of a side, × 1e6. NaN when there is none. */
export class BestLevel {
  pxE6 = NaN
  sizeE6 = NaN

  /**
   * Finds the best level of a list. A list that looks sorted with the best level last (five levels are looked at) is taken at its word;
   * any other is searched for the best valid level, the first of equals. A level is valid when its price and size are numbers above 0.
   * Source: the capture system's hybrid rule for the top of a book.
   * @param first place of the list in the table, counted in levels
   * @param sign 1 for bids (highest price wins), -1 for asks
   */
  find(table: BookTable, first: number, count: number, sign: 1 | -1, counts: ScanCounts): void {
    this.pxE6 = this.sizeE6 = NaN
    if (count === 0) return
    if (count > 1 && this.#isLast(table, first, count, sign)) return
    counts.scans++
    counts.levelsTotal += count
    if (count > counts.levelsMax) counts.levelsMax = count
    this.#search(table, first, count, sign)
  }

  #isLast(table: BookTable, first: number, count: number, sign: 1 | -1): boolean {
    const lastPx = priceOf(table, first + count - 1)
    const last = lastPx * sign
    const start = priceOf(table, first) * sign
    const second = priceOf(table, first + 1) * sign
    const middle = priceOf(table, first + (count >> 1)) * sign
    const before = priceOf(table, first + count - 2) * sign
    if (!(start < second && second <= middle && middle <= last && before <= last && lastPx > 0)) return false
    const size = sizeOf(table, first + count - 1)
    if (!(size > 0)) return false
    this.pxE6 = lastPx
    this.sizeE6 = size
    return true
  }

  #search(table: BookTable, first: number, count: number, sign: 1 | -1): void {
    let best = -Infinity
    for (let level = first; level < first + count; level++) {
      const px = priceOf(table, level)
      if (!(px > 0 && px * sign > best)) continue
      const size = sizeOf(table, level)
      if (!(size > 0)) continue
      best = px * sign
      this.pxE6 = px
      this.sizeE6 = size
    }
  }
}

function priceOf({ buf, levels }: BookTable, level: number): number {
  const at = level * LEVEL_LENGTH
  return e6Of(buf, levels[at]!, levels[at + 1]!)
}

function sizeOf({ buf, levels }: BookTable, level: number): number {
  const at = level * LEVEL_LENGTH + 2
  return e6Of(buf, levels[at]!, levels[at + 1]!)
}

/** Decimal text as an integer × 1e6, rounded half up on the text itself; NaN when it is none or does not fit 2^53 − 1. */
function e6Of(buf: Uint8Array, from: number, to: number): number {
  if (from < 0) return NaN
  const value = parseE6Bytes(buf, from, to)
  return value === value ? value : (parseE6(ascii.decode(buf.subarray(from, to))) ?? NaN)
}
