/** Levels a side keeps at most; a venue never sends this many, so more means a fault or an attack. */
export const MAX_LEVELS_PER_SIDE = 20_000
/** Room of a side at first; it doubles. */
const START_LEVELS = 64
/** So many levels move faster one by one than by a call. */
const SHORT_MOVE = 24

/**
 * One side of a book. Levels lie worst to best, so that the busy end is the end of the array: [key0, size0, key1, size1, ...], integers × 1e6.
 * A key is price × sign (asks negated); keys ascend.
 */
export class BookSide {
  readonly sign: 1 | -1
  levels = new Float64Array(2 * START_LEVELS)
  count = 0
  /** Levels that were pushed out because the side was full. */
  dropped = 0

  constructor(sign: 1 | -1) {
    this.sign = sign
  }

  /**
   * Sets a level to its new total; size 0 removes it (removing an unknown level does nothing).
   * @returns false when the best level cannot be another one than before
   */
  set(pxE6: number, sizeE6: number): boolean {
    const key = pxE6 * this.sign
    const at = this.#lowerBound(key)
    const { count } = this
    const known = at < count && this.levels[2 * at] === key
    if (sizeE6 === 0) {
      if (known) this.#removeAt(at)
    } else if (known) this.levels[2 * at + 1] = sizeE6
    else this.#insertAt(at, key, sizeE6)
    return at >= count - 1
  }

  clear(): void {
    this.count = 0
  }

  /** Empties the side and gives its memory back. */
  release(): void {
    this.count = this.dropped = 0
    this.levels = new Float64Array(2)
  }

  /** @param rank 0 = best. @returns undefined beyond the last level */
  pxAt(rank: number): number | undefined {
    const key = rank < this.count ? this.levels[2 * (this.count - 1 - rank)] : undefined
    return key === undefined ? undefined : key * this.sign
  }

  /** @param rank 0 = best. @returns undefined beyond the last level */
  sizeAt(rank: number): number | undefined {
    return rank < this.count ? this.levels[2 * (this.count - 1 - rank) + 1] : undefined
  }

  /** Size at a price; 0 when there is no such level. */
  sizeOf(pxE6: number): number {
    const key = pxE6 * this.sign
    const at = this.#lowerBound(key)
    return at < this.count && this.levels[2 * at] === key ? this.levels[2 * at + 1]! : 0
  }

  copyFrom(other: BookSide): void {
    this.load(other.levels.subarray(0, 2 * other.count), other.dropped)
  }

  /** @param levels as `levels` holds them, in whole */
  load(levels: Float64Array, dropped: number): void {
    if (this.levels.length < levels.length) this.#grow(levels.length)
    this.levels.set(levels)
    this.count = levels.length / 2
    this.dropped = dropped
  }

  /** First index whose key is not below `key`. Looks at the best few levels first: most changes are there. */
  #lowerBound(key: number): number {
    const { levels } = this
    let hi = this.count
    for (let probes = 0; probes < 8; probes++) {
      if (hi === 0 || levels[2 * hi - 2]! < key) return hi
      hi--
    }
    let lo = 0
    while (lo < hi) {
      const mid = (lo + hi) >>> 1
      if (levels[2 * mid]! < key) lo = mid + 1
      else hi = mid
    }
    return lo
  }

  #removeAt(at: number): void {
    const { levels } = this
    const end = 2 * this.count--
    if (this.count - at > SHORT_MOVE) levels.copyWithin(2 * at, 2 * at + 2, end)
    else for (let i = 2 * at + 2; i < end; i++) levels[i - 2] = levels[i]!
  }

  #insertAt(at: number, key: number, sizeE6: number): void {
    if (this.count === MAX_LEVELS_PER_SIDE) {
      this.dropped++
      if (at === 0) return
      this.#removeAt(0)
      at--
    }
    const end = 2 * this.count++
    if (end === this.levels.length) this.#grow(end + 2)
    const { levels } = this
    const from = 2 * at
    if (end - from > 2 * SHORT_MOVE) levels.copyWithin(from + 2, from, end)
    else for (let i = end - 1; i >= from; i--) levels[i + 2] = levels[i]!
    levels[from] = key
    levels[from + 1] = sizeE6
  }

  /** @param needed entries of `levels` */
  #grow(needed: number): void {
    let { length } = this.levels
    while (length < needed) length *= 2
    const levels = new Float64Array(length)
    levels.set(this.levels)
    this.levels = levels
  }
}

/** Both sides of one instrument. Prices and sizes are integers × 1e6. */
export class OrderBook {
  readonly bids = new BookSide(1)
  readonly asks = new BookSide(-1)

  clear(): void {
    this.bids.clear()
    this.asks.clear()
  }

  /** Empties both sides and gives their memory back. */
  release(): void {
    this.bids.release()
    this.asks.release()
  }

  copyFrom(other: OrderBook): void {
    this.bids.copyFrom(other.bids)
    this.asks.copyFrom(other.asks)
  }

  /** True when the best bid is at or above the best ask: a book that cannot be. */
  get crossed(): boolean {
    const bid = this.bids.pxAt(0)
    const ask = this.asks.pxAt(0)
    return bid !== undefined && ask !== undefined && bid >= ask
  }
}
