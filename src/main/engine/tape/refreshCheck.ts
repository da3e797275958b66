import { OrderBook, type BookSide } from '../../../shared/market/index.ts'
import type { MarketMessage } from '../feeds/index.ts'
import { replaceBook, type BookState } from './bookState.ts'

/**
 * Full books that a venue sends again (Polymarket: after each trade, with the time of the change before it) show whether ours was the same.
 * Without this look a refresh would heal a gap before anything else could find it, and the gap would be in no record.
 */
export class RefreshCheck {
  readonly #before = new OrderBook()

  /**
   * Replaces a book by a full one.
   * @returns true when both stand for the same instant of the venue and differ: updates were missed
   */
  replace(state: BookState, message: MarketMessage): boolean {
    const comparable = state.ok && message.exchTsMs === state.changedTsMs
    if (comparable) this.#before.copyFrom(state.book)
    replaceBook(state.book, message.bids, message.asks)
    if (!comparable) return false
    return !sameSide(this.#before.bids, state.book.bids) || !sameSide(this.#before.asks, state.book.asks)
  }
}

function sameSide(a: BookSide, b: BookSide): boolean {
  if (a.count !== b.count) return false
  for (let i = 0; i < 2 * a.count; i++) if (a.levels[i] !== b.levels[i]) return false
  return true
}
