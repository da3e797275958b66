export type BookSide = 'bid' | 'ask'

/** One price of a generated book. `text` and `mirrorText` keep its JSON once somebody asked for it. */
export interface Level {
  readonly px: number
  readonly size: number
  text?: string
  mirrorText?: string
}

/** One side of a generated book: whole ticks and whole lots, the best level last (as the venue prints it). */
export class Ladder {
  readonly side: BookSide
  readonly levels: Level[] = []
  /** Grows with every change, so that texts made from the levels can be kept until then. */
  version = 0
  readonly #sign: 1 | -1

  constructor(side: BookSide) {
    this.side = side
    this.#sign = side === 'bid' ? 1 : -1
  }

  get bestPx(): number | undefined {
    return this.levels.at(-1)?.px
  }

  get count(): number {
    return this.levels.length
  }

  /** @param fromBest 0 is the best level */
  at(fromBest: number): Level | undefined {
    return this.levels[this.levels.length - 1 - fromBest]
  }

  sizeAt(px: number): number {
    const index = this.#indexOf(px)
    const level = this.levels[index]
    return level?.px === px ? level.size : 0
  }

  /** Sets the total size at a price; 0 removes it. */
  set(px: number, size: number): void {
    const index = this.#indexOf(px)
    const present = this.levels[index]?.px === px
    if (size > 0) this.levels.splice(index, present ? 1 : 0, { px, size })
    else if (present) this.levels.splice(index, 1)
    else return
    this.version++
  }

  /** First index whose level is at least as good as the price. */
  #indexOf(px: number): number {
    const key = px * this.#sign
    let low = 0
    let high = this.levels.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.levels[middle]!.px * this.#sign < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
