/** One order book kept as the venue's own decimal texts, so that what goes out is what came in. */
export class DecimalBook {
  readonly bids = new DecimalSide()
  readonly asks = new DecimalSide()

  clear(): void {
    this.bids.clear()
    this.asks.clear()
  }
}

/** One side: the latest text of each price and its size. Equal prices of different text ("0.5", "0.50") are one level. */
export class DecimalSide {
  readonly #levels = new Map<number, readonly [price: string, size: string]>()

  set(price: string, size: string): void {
    if (Number(size) === 0) this.#levels.delete(Number(price))
    else this.#levels.set(Number(price), [price, size])
  }

  /** @returns the size text, "0" for an absent level */
  sizeAt(price: string): string {
    return this.#levels.get(Number(price))?.[1] ?? '0'
  }

  clear(): void {
    this.#levels.clear()
  }

  get count(): number {
    return this.#levels.size
  }

  /** @returns levels in rising price order */
  ascending(): (readonly [price: string, size: string])[] {
    return [...this.#levels].sort((a, b) => a[0] - b[0]).map(([, level]) => level)
  }

  descending(): (readonly [price: string, size: string])[] {
    return this.ascending().reverse()
  }
}
