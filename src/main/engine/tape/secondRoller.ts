import { depth1s, ladder, putI64, timeline1s } from '../../../shared/channels/index.ts'
import { spotReferenceE6, type BookSide } from '../../../shared/market/index.ts'
import type { Books } from './books.ts'
import type { BookState } from './bookState.ts'
import { emitIntegrity, emitSnap, levelBytes, putBook } from './emit.ts'
import { RecordWriter } from './recordWriter.ts'
import { unixSeconds } from './unixSeconds.ts'
import type { BookSignals } from './windows/bookSignals.ts'
import type { EventWindows } from './windows/eventWindows.ts'

const NS = 1_000_000_000
const MINUTE_S = 60
/** Seconds without any frame that are still filled with the unchanged book: a feed's keep-alive is 10 s, so longer silence proves nothing. */
const FILL_SECONDS = 15
/** Time that the venue has to send an instrument's first full book. */
const FIRST_BOOK_SECONDS = 45
/** Ticks on each side of the spot reference that a heatmap column keeps. */
export const COLUMN_TICKS = 600
const LADDER_LEVELS = 40

/** What else lives by the seconds of receive time. */
export interface SecondHooks {
  readonly windows: EventWindows
  readonly signals: BookSignals
  readonly world: { endMinute(minute: number): void }
}

/** Ends each second of receive time: one-second snapshots of every book, and what the screen needs of that second. */
export class SecondRoller {
  /** Unix second that runs; -1 before the first frame. */
  second = -1
  /** Records of the screen's channels; not part of the tape. */
  readonly view = new RecordWriter()
  /** Instrument whose heatmap columns are wanted; 0 = none. */
  watchedId = 0
  frames = 0
  trades = 0
  gaps = 0
  /** Gaps of all seconds so far. */
  gapsTotal = 0
  lastRelNs = 0
  tradesBefore = 0
  #slot = 0
  /** Unix second of a receive time. */
  readonly secondOf: (relNs: number) => number
  readonly #w: RecordWriter
  readonly #books: Books
  readonly #hooks: SecondHooks

  constructor(originTsNs: bigint, writer: RecordWriter, books: Books, hooks: SecondHooks) {
    this.secondOf = unixSeconds(originTsNs)
    this.#w = writer
    this.#books = books
    this.#hooks = hooks
  }

  countFrame(): void {
    this.frames++
  }

  countGap(): void {
    this.gaps++
    this.gapsTotal++
  }

  /** Called with each frame, before its events. */
  advance(relNs: number, shard: number, frameIdx: number): void {
    const second = this.secondOf(relNs)
    const { windows } = this.#hooks
    if (relNs >= windows.nextEndRelNs) windows.closeDue(relNs)
    if (second > this.second) {
      if (this.second >= 0) this.#rollTo(second, relNs, shard, frameIdx)
      this.second = second
    }
    this.lastRelNs = relNs
  }

  /** Writes the book of an instrument as it is now, for the ladder on screen. */
  writeLadder(state: BookState, relNs: number): void {
    const w = this.view
    w.recvRelNs = relNs
    const o = w.begin(ladder, state.id, state.seq >= 0 ? ladder.bit.seq : 0, levelBytes(state.book, LADDER_LEVELS))
    const at = ladder.at
    putI64(w.view, o + at.seq, state.seq >= 0 ? state.seq : 0)
    w.view.setUint32(o + at.resyncEpochId, state.epoch, true)
    w.view.setUint32(o + at.bookOk, state.ok ? 1 : 0, true)
    putI64(w.view, o + at.tickE6, state.tickE6)
    w.view.setUint32(o + at.bidLevels, state.book.bids.count, true)
    w.view.setUint32(o + at.askLevels, state.book.asks.count, true)
    putBook(w, o + ladder.tailAt, state.book, LADDER_LEVELS)
  }

  #rollTo(next: number, relNs: number, shard: number, frameIdx: number): void {
    this.view.cause(shard, frameIdx, relNs)
    const silent = relNs - this.lastRelNs > FILL_SECONDS * NS
    const last = silent ? this.second : next - 1
    for (let second = this.second; second <= last; second++) {
      // Fixed places in the frame: a record is the same whether or not its neighbour is wanted.
      this.#slot = 2 * (second - this.second)
      this.#endSecond(second)
    }
    if (!silent) return
    this.#hooks.signals.forget()
    // Nothing proves what happened in between: the seconds stay empty and the hole is an event.
    this.countGap()
    emitIntegrity(this.#w, 0, {
      kind: 'GAP_DETECTED',
      reason: 'no_watermark',
      epoch: 0,
      durationNs: relNs - this.lastRelNs,
      detail: 'Nothing was received, not even a sign of life.'
    })
  }

  #endSecond(second: number): void {
    let untrusted = 0
    let books = 0
    let trades = 0
    for (const state of this.#books.instruments.all) {
      trades += state.trades
      if (!state.known) {
        this.#hooks.signals.absent(state)
        this.#reportMissing(state, second)
        continue
      }
      books++
      const bookOk = state.ok && !state.untrusted && !this.#books.doubtfulShards.has(state.shard)
      if (!bookOk) untrusted++
      const size = emitSnap(this.#w, state, second, bookOk)
      this.#hooks.signals.observe(state, bookOk, size)
      if (state.id === this.watchedId) this.#column(state, second, bookOk)
      else trackSpot(state)
      state.untrusted = !state.ok
    }
    this.trades = trades - this.tradesBefore
    this.tradesBefore = trades
    this.#timeline(second, untrusted, books)
    this.frames = this.gaps = 0
    this.#books.doubtfulShards.clear()
    if ((second + 1) % MINUTE_S === 0) this.#hooks.world.endMinute(second + 1 - MINUTE_S)
  }

  /** An instrument whose first full book does not come is said once, not forgotten. */
  #reportMissing(state: BookState, second: number): void {
    if (state.missingReported || state.retired || second - this.secondOf(state.announcedRelNs) < FIRST_BOOK_SECONDS) return
    state.missingReported = true
    this.countGap()
    emitIntegrity(this.#w, state.id, {
      kind: 'BOOK_MISSING',
      reason: 'first_snapshot',
      epoch: state.epoch,
      detail: `No full book has come within ${FIRST_BOOK_SECONDS} s: updates are kept, but there is no book to apply them to.`
    })
  }

  #timeline(second: number, untrusted: number, books: number): void {
    const w = this.view
    w.pos = this.#slot + 1
    const o = w.begin(timeline1s, 0, 0, 0)
    const at = timeline1s.at
    putI64(w.view, o + at.second, second)
    w.view.setUint32(o + at.frames, this.frames, true)
    w.view.setUint32(o + at.trades, this.trades, true)
    w.view.setUint32(o + at.gaps, this.gaps, true)
    w.view.setUint32(o + at.untrustedBooks, untrusted, true)
    w.view.setUint32(o + at.books, books, true)
  }

  #column(state: BookState, second: number, bookOk: boolean): void {
    const carried = !trackSpot(state)
    const { bids, asks } = state.book
    const spot = state.spotE6
    const known = spot >= 0
    const reach = COLUMN_TICKS * state.tickE6
    const bidCount = known ? levelsFrom(bids, spot - reach) : 0
    const askCount = known ? levelsFrom(asks, spot + reach) : 0
    const bestBid = bids.pxAt(0)
    const bestAsk = asks.pxAt(0)
    const bit = depth1s.bit
    const present =
      (known ? bit.spotPxE6 : 0) + (bestBid === undefined ? 0 : bit.bestBidPxE6) + (bestAsk === undefined ? 0 : bit.bestAskPxE6)
    const w = this.view
    w.pos = this.#slot
    const o = w.begin(depth1s, state.id, present, 8 + 16 * (bidCount + askCount))
    const at = depth1s.at
    putI64(w.view, o + at.second, second)
    putI64(w.view, o + at.spotPxE6, known ? spot : 0)
    w.view.setUint32(o + at.spotCarried, known && carried ? 1 : 0, true)
    w.view.setUint32(o + at.bookOk, bookOk ? 1 : 0, true)
    putI64(w.view, o + at.bestBidPxE6, bestBid ?? 0)
    putI64(w.view, o + at.bestAskPxE6, bestAsk ?? 0)
    putI64(w.view, o + at.tickE6, state.tickE6)
    putColumn(w, o + depth1s.tailAt, bids, bidCount, asks, askCount)
  }
}

/** Levels from the best one to the price `edge` (inclusive) on the far side. */
function levelsFrom(side: BookSide, edge: number): number {
  const key = edge * side.sign
  let count = 0
  for (let i = side.count - 1; i >= 0 && side.levels[2 * i]! >= key; i--) count++
  return count
}

function putColumn(w: RecordWriter, at: number, bids: BookSide, bidCount: number, asks: BookSide, askCount: number): void {
  w.view.setUint32(at, bidCount, true)
  w.view.setUint32(at + 4, askCount, true)
  let o = at + 8
  for (const [side, count] of [
    [bids, bidCount],
    [asks, askCount]
  ] as const) {
    for (let i = 0; i < count; i++, o += 16) {
      putI64(w.view, o, side.pxAt(i) ?? 0)
      putI64(w.view, o + 8, side.sizeAt(i) ?? 0)
    }
  }
}

/** Moves the spot reference to the present mid. @returns false when a side is missing and the old one stays */
function trackSpot(state: BookState): boolean {
  const bid = state.book.bids.pxAt(0)
  const ask = state.book.asks.pxAt(0)
  if (bid === undefined || ask === undefined) return false
  state.spotE6 = spotReferenceE6(bid, ask, state.tickE6)
  return true
}
