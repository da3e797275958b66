import type { MarketMessage } from '../feeds/index.ts'
import type { BookState } from './bookState.ts'

/** What the venue states of a book after a change: best prices × 1e6, and where the hash lies. */
export interface StatedBook {
  exchTsMs: number
  bestBidE6: number
  bestAskE6: number
  buf: Uint8Array
  hashFrom: number
  hashTo: number
}

const NO_BYTES = new Uint8Array(0)

/** What a frame states of its books, each by its last change, kept until the frame is told: a hash may stand for several changes. */
export class StatedBooks {
  /** Used again with each frame. */
  readonly #kept: StatedBook[] = []
  #count = 0

  note(state: BookState, { exchTsMs, bestBidE6, bestAskE6, buf, hashFrom, hashTo }: MarketMessage): void {
    const stated = (state.stated ??= this.#next())
    stated.exchTsMs = exchTsMs
    stated.bestBidE6 = bestBidE6
    stated.bestAskE6 = bestAskE6
    stated.buf = buf
    stated.hashFrom = hashFrom
    stated.hashTo = hashTo
  }

  /** The frame is told, and each of its books judged. */
  endFrame(): void {
    this.#count = 0
  }

  #next(): StatedBook {
    return (this.#kept[this.#count++] ??= { exchTsMs: NaN, bestBidE6: NaN, bestAskE6: NaN, buf: NO_BYTES, hashFrom: 0, hashTo: 0 })
  }
}
