/** Levels a side keeps at most; a venue never sends this many, so more means a fault or an attack. */
export const MAX_LEVELS_PER_SIDE = 20_000
/** So many levels move faster one by one than by a call. */
const SHORT_MOVE = 24

/**
 * One side of a book. Levels lie worst to best, so that the busy end is the end of the arrays.
 * `keys` holds price × sign (asks negated), ascending; both arrays are integers × 1e6.
 */
export class BookSide {
  readonly sign: 1 | -1
  keys = new Float64Array(64)
  sizes = new Float64Array(64)
  count = 0
  /** Levels that were pushed out because the side was full. */
  dropped = 0

  constructor(sign: 1 | -1) {
    this.sign = sign
  }

  /** Sets a level to its new total; size 0 removes it (removing an unknown level does nothing). */
  set(pxE6: number, sizeE6: number): void {
    const key = pxE6 * this.sign
    const at = this.#lowerBound(key)
    const known = at < this.count && this.keys[at] === key
    if (sizeE6 === 0) {
      if (known) this.#removeAt(at)
    } else if (known) this.sizes[at] = sizeE6
    else this.#insertAt(at, key, sizeE6)
  }

  /** Adds a level that is better than all others; for loading levels sorted worst to best. */
  pushBest(pxE6: number, sizeE6: number): void {
    this.#insertAt(this.count, pxE6 * this.sign, sizeE6)
  }

  clear(): void {
    this.count = 0
  }

  /** Empties the side and gives its memory back. */
  release(): void {
    this.count = this.dropped = 0
    this.keys = new Float64Array(1)
    this.sizes = new Float64Array(1)
  }

  /** @param rank 0 = best. @returns undefined beyond the last level */
  pxAt(rank: number): number | undefined {
    const key = rank < this.count ? this.keys[this.count - 1 - rank] : undefined
    return key === undefined ? undefined : key * this.sign
  }

  /** @param rank 0 = best. @returns undefined beyond the last level */
  sizeAt(rank: number): number | undefined {
    return rank < this.count ? this.sizes[this.count - 1 - rank] : undefined
  }

  /** Size at a price; 0 when there is no such level. */
  sizeOf(pxE6: number): number {
    const key = pxE6 * this.sign
    const at = this.#lowerBound(key)
    return at < this.count && this.keys[at] === key ? this.sizes[at]! : 0
  }

  copyFrom(other: BookSide): void {
    if (this.keys.length < other.count) this.#grow(other.count)
    this.keys.set(other.keys.subarray(0, other.count))
    this.sizes.set(other.sizes.subarray(0, other.count))
    this.count = other.count
    this.dropped = other.dropped
  }

  /** First index whose key is not below `key`. Looks at the best few levels first: most changes are there. */
  #lowerBound(key: number): number {
    const keys = this.keys
    let hi = this.count
    for (let probes = 0; probes < 8; probes++) {
      if (hi === 0 || keys[hi - 1]! < key) return hi
      hi--
    }
    let lo = 0
    while (lo < hi) {
      const mid = (lo + hi) >>> 1
      if (keys[mid]! < key) lo = mid + 1
      else hi = mid
    }
    return lo
  }

  #removeAt(at: number): void {
    const { keys, sizes } = this
    const last = --this.count
    if (last - at > SHORT_MOVE) {
      keys.copyWithin(at, at + 1, last + 1)
      sizes.copyWithin(at, at + 1, last + 1)
      return
    }
    for (let i = at; i < last; i++) {
      keys[i] = keys[i + 1]!
      sizes[i] = sizes[i + 1]!
    }
  }

  #insertAt(at: number, key: number, sizeE6: number): void {
    if (this.count === MAX_LEVELS_PER_SIDE) {
      this.dropped++
      if (at === 0) return
      this.#removeAt(0)
      at--
    }
    if (this.count === this.keys.length) this.#grow(this.count * 2)
    const { keys, sizes } = this
    const end = this.count++
    if (end - at > SHORT_MOVE) {
      keys.copyWithin(at + 1, at, end)
      sizes.copyWithin(at + 1, at, end)
    } else
      for (let i = end; i > at; i--) {
        keys[i] = keys[i - 1]!
        sizes[i] = sizes[i - 1]!
      }
    keys[at] = key
    sizes[at] = sizeE6
  }

  #grow(needed: number): void {
    let length = this.keys.length
    while (length < needed) length *= 2
    const keys = new Float64Array(length)
    const sizes = new Float64Array(length)
    keys.set(this.keys)
    sizes.set(this.sizes)
    this.keys = keys
    this.sizes = sizes
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
