import type { MarketMessage } from '../feeds/index.ts'
import type { BookState } from './bookState.ts'
import { isCheckDue, topVerdict } from './hashTrust.ts'

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
/** A connection's messages, and books that were asked for beside it, are no further apart than this. */
const LATE_AT_MOST_MS = 5000

/** What a frame states of its books and what must be judged of it, each by its last change: a hash may stand for several changes. */
export class StatedBooks {
  /** Used again with each frame. */
  readonly #kept: StatedBook[] = []
  #count = 0

  /** Keeps what a change states, where the hash is due or the best prices differ. @param second of its receipt */
  note(state: BookState, message: MarketMessage, second: number): void {
    if (isLate(message.exchTsMs, state.bookTsMs)) return
    state.bookTsMs = message.exchTsMs
    if (topVerdict(state, message) !== 'differs' && !isCheckDue(state, second)) {
      state.stated = undefined
      return
    }
    const { exchTsMs, bestBidE6, bestAskE6, buf, hashFrom, hashTo } = message
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

/** What a message says of a book a little older than ours comes too late to judge by. Further apart are only times that are wrong. */
function isLate(exchTsMs: number, bookTsMs: number): boolean {
  return exchTsMs < bookTsMs && bookTsMs - exchTsMs <= LATE_AT_MOST_MS
}
