import type { MarketMessage, Outcome } from '../feeds/index.ts'
import type { BookState } from './bookState.ts'
import type { IntegrityFacts } from './emit.ts'
import type { ExpectedRest } from './notes.ts'

/** What becomes of books is told to one of these: the tape makes records of it, a run of strategies takes only what it needs. */
export interface BookTeller {
  /** An instrument is new, or something about it is. */
  instrument(state: BookState): void
  /** A full book has replaced ours. */
  fullBook(state: BookState, message: MarketMessage): void
  /** A change has been applied. */
  change(state: BookState, message: MarketMessage): void
  /** The best price of a side, or the size at it, is another one: `state.top...` say which. */
  top(state: BookState, exchTsMs: number): void
  trade(state: BookState, message: MarketMessage): void
  venueTop(state: BookState, message: MarketMessage): void
  /** @param state undefined when it is about no instrument */
  integrity(state: BookState | undefined, facts: IntegrityFacts): void
  /** Something is missing in the running second. */
  gap(): void
}

/** The same for everything that frames hold. */
export interface FrameTeller extends BookTeller {
  /** A frame that was received, as opposed to a note of the plant's own. */
  received(): void
  /** An answer of a weather service, or a line of an outside model. */
  world(expected: ExpectedRest, buf: Uint8Array, from: number, to: number): Outcome
  manualWindow(reason: string): void
  windowSettings(extend: boolean): void
}

/** Tells the top of a book when best price or size of a side is another one than when it was told last. */
export function tellTopIfMoved(teller: BookTeller, state: BookState, exchTsMs: number): void {
  const { bids, asks } = state.book
  const bidPx = bids.count > 0 ? bids.levels[2 * bids.count - 2]! : NaN
  const bidSize = bids.count > 0 ? bids.levels[2 * bids.count - 1]! : NaN
  const askPx = asks.count > 0 ? -asks.levels[2 * asks.count - 2]! : NaN
  const askSize = asks.count > 0 ? asks.levels[2 * asks.count - 1]! : NaN
  if (
    isSame(bidPx, state.topBidPxE6) &&
    isSame(bidSize, state.topBidSizeE6) &&
    isSame(askPx, state.topAskPxE6) &&
    isSame(askSize, state.topAskSizeE6)
  )
    return
  state.topBidPxE6 = bidPx
  state.topBidSizeE6 = bidSize
  state.topAskPxE6 = askPx
  state.topAskSizeE6 = askSize
  teller.top(state, exchTsMs)
}

function isSame(x: number, y: number): boolean {
  return x === y || (x !== x && y !== y)
}
