/** Books of some markets that wander a little each second: the same on every machine. */
export class SeededBooks {
  readonly #mids: Float64Array
  readonly #sizes: Float64Array[]
  #state = 2_463_534_242

  constructor(markets: number) {
    this.#mids = Float64Array.from({ length: markets }, () => 100 + this.#draw(800))
    this.#sizes = Array.from({ length: markets }, () => Float64Array.from({ length: 40 }, () => this.#size()))
  }

  /** Fields of an `l2_snap_1s` record: 20 levels a side, a few of which change each second. */
  next(second: number, market: number) {
    const sizes = this.#sizes[market]!
    for (let n = 0; n < 6; n++) sizes[this.#draw(40)] = this.#size()
    const moved = this.#mids[market]! + this.#draw(3) - 1
    const mid = Math.min(960, Math.max(40, moved))
    this.#mids[market] = mid
    const side = (step: number, from: number): number[] =>
      Array.from({ length: 20 }, (_, n) => [(mid + step * (n + 1)) * 1000, sizes[from + n]!]).flat()
    const [bids, asks] = [side(-1, 0), side(1, 20)]
    return {
      second,
      resyncEpochId: 1,
      bookOk: true,
      bestBidPxE6: bids[0]!,
      bestAskPxE6: asks[0]!,
      spreadE6: asks[0]! - bids[0]!,
      midE6: mid * 1000,
      micropriceE6: (bids[0]! * asks[1]! + asks[0]! * bids[1]!) / (bids[1]! + asks[1]!),
      imbalance: (sizes[0]! - sizes[20]!) / (sizes[0]! + sizes[20]!),
      levels: { bids, asks }
    }
  }

  /** Two decimals, as venues have them. */
  #size(): number {
    return (1 + this.#draw(2_000_000)) * 10_000
  }

  #draw(below: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % below
  }
}
