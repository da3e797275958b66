import type { LevelList } from '../../feeds/index.ts'

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
   * @param first where the list begins among the levels
   * @param sign 1 for bids (highest price wins), -1 for asks
   */
  find(levels: LevelList, first: number, count: number, sign: 1 | -1, counts: ScanCounts): void {
    this.pxE6 = this.sizeE6 = NaN
    if (count === 0) return
    if (count > 1 && this.#isLast(levels, first, count, sign)) return
    counts.scans++
    counts.levelsTotal += count
    if (count > counts.levelsMax) counts.levelsMax = count
    this.#search(levels, first, count, sign)
  }

  #isLast(levels: LevelList, first: number, count: number, sign: 1 | -1): boolean {
    const lastPx = priceOf(levels, first + count - 1)
    const last = lastPx * sign
    const start = priceOf(levels, first) * sign
    const second = priceOf(levels, first + 1) * sign
    const middle = priceOf(levels, first + (count >> 1)) * sign
    const before = priceOf(levels, first + count - 2) * sign
    if (!(start < second && second <= middle && middle <= last && before <= last && lastPx > 0)) return false
    const size = sizeOf(levels, first + count - 1)
    if (!(size > 0)) return false
    this.pxE6 = lastPx
    this.sizeE6 = size
    return true
  }

  #search(levels: LevelList, first: number, count: number, sign: 1 | -1): void {
    let best = -Infinity
    for (let level = first; level < first + count; level++) {
      const px = priceOf(levels, level)
      if (!(px > 0 && px * sign > best)) continue
      const size = sizeOf(levels, level)
      if (!(size > 0)) continue
      best = px * sign
      this.pxE6 = px
      this.sizeE6 = size
    }
  }
}

function priceOf({ values }: LevelList, level: number): number {
  return values[2 * level]!
}

function sizeOf({ values }: LevelList, level: number): number {
  return values[2 * level + 1]!
}
