import { MarketMessage } from '../feeds/index.ts'
import { applyLevels, MAX_PENDING, type BookState, type PendingDelta } from './bookState.ts'
import type { FrameContext } from './books.ts'
import { tellTopIfMoved, type BookTeller } from './bookTeller.ts'
import type { IntegrityReason } from './emit.ts'

/** Asks the plant for a full book. In replay nobody answers: the answer that came is in the log. */
export type SnapshotRequest = (state: BookState) => void

const DETAIL: Partial<Record<IntegrityReason, string>> = {
  sequence_hole: 'Updates are missing between two messages of the venue.',
  hash_mismatch: 'The hash that the venue states for its book differs from that of ours.',
  book_mismatch: 'A full book of the venue differs from ours of the same instant.',
  top_mismatch: 'The best prices that the venue states differ from ours.',
  crossed_book: 'The best bid is at or above the best ask.',
  disconnected: 'The connection ended; updates may have been missed.',
  data_idle: 'The connection went silent; updates may have been missed.',
  missing_bytes: 'Bytes of the frame log could not be read; updates may be missing.',
  tick_size_changed: 'The price step changed; old levels are off the new grid.'
}

const TOLD_ONCE: ReadonlySet<IntegrityReason> = new Set(['disconnected', 'data_idle', 'missing_bytes'])

/** Marks a book as not trusted: GAP_DETECTED, then BOOK_RESYNC_START with the next epoch. */
export function startResync(
  teller: BookTeller,
  state: BookState,
  reason: IntegrityReason,
  context: FrameContext,
  request: SnapshotRequest,
  hole?: { expected: number; got: number }
): void {
  const detail = DETAIL[reason] ?? ''
  // A lost connection or a hole in the log is one event for all its books, and a new price step is no gap.
  if (!TOLD_ONCE.has(reason) && reason !== 'tick_size_changed') {
    const seqs = hole === undefined ? {} : { seqExpected: hole.expected, seqGot: hole.got }
    teller.integrity(state, { kind: 'GAP_DETECTED', reason, epoch: state.epoch, detail, ...seqs })
    teller.gap()
  }
  state.epoch++
  state.ok = false
  state.untrusted = true
  state.resyncing = true
  state.resyncSinceRelNs = context.recvRelNs
  state.trust.doubt = undefined
  state.takePending()
  if (state.venue === 'binance') state.book.clear()
  teller.integrity(state, { kind: 'BOOK_RESYNC_START', reason, epoch: state.epoch, detail })
  request(state)
}

/** The full book has come. */
export function finishResync(teller: BookTeller, state: BookState, context: FrameContext): void {
  state.resyncing = false
  const seq = state.seq >= 0 ? { seqGot: state.seq } : {}
  teller.integrity(state, {
    kind: 'BOOK_RESYNC_DONE',
    reason: 'none',
    epoch: state.epoch,
    durationNs: context.recvRelNs - state.resyncSinceRelNs,
    detail: 'A full book has been received and applied.',
    ...seq
  })
}

/** Nobody waits for the full book any more: the instrument is no longer subscribed. */
export function endResync(teller: BookTeller, state: BookState, context: FrameContext): void {
  teller.integrity(state, {
    kind: 'BOOK_RESYNC_DONE',
    reason: 'stopped',
    epoch: state.epoch,
    durationNs: context.recvRelNs - state.resyncSinceRelNs,
    detail: 'The instrument is no longer recorded.'
  })
}

export function reportDrops(teller: BookTeller, state: BookState): void {
  const dropped = state.book.bids.dropped + state.book.asks.dropped
  teller.integrity(state, {
    kind: 'LEVELS_DROPPED',
    reason: 'too_many_levels',
    epoch: state.epoch,
    detail: `A side has more levels than are kept; ${dropped - state.dropsReported} of the levels farthest from the best price were left out.`
  })
  state.dropsReported = dropped
}

/** The first change of a book that had to go while its full book was on the way. */
export function reportHeldDrops(teller: BookTeller, state: BookState): void {
  teller.integrity(state, {
    kind: 'GAP_DETECTED',
    reason: 'changes_dropped',
    epoch: state.epoch,
    detail: `More than ${MAX_PENDING} changes wait for a full book; the oldest are left out, and only a full book that is newer will do.`
  })
  teller.gap()
}

const scratch = new MarketMessage()

/** Applies the deltas that came while the snapshot was on the way; a hole among them starts the next resync. */
export function applyPending(
  teller: BookTeller,
  state: BookState,
  snapshotTsMs: number,
  context: FrameContext,
  request: SnapshotRequest
): void {
  const waiting = state.takePending()
  for (let i = 0; i < waiting.length; i++) {
    const delta = waiting[i]!
    if (isInSnapshot(state, delta, snapshotTsMs)) continue
    if (state.venue === 'binance' && delta.firstSeq > state.seq + 1) {
      startResync(teller, state, 'sequence_hole', context, request, { expected: state.seq + 1, got: delta.firstSeq })
      state.pending = waiting.slice(i)
      return
    }
    load(delta)
    applyLevels(state.book, scratch.bids, scratch.asks)
    if (delta.lastSeq >= 0) state.seq = delta.lastSeq
    if (delta.exchTsMs > state.bookTsMs) state.bookTsMs = delta.exchTsMs
    teller.change(state, scratch)
    tellTopIfMoved(teller, state, delta.exchTsMs)
  }
}

/** Levels are absolute, so a delta of the snapshot's own instant is applied again: that changes nothing. */
function isInSnapshot(state: BookState, delta: PendingDelta, snapshotTsMs: number): boolean {
  return state.venue === 'binance' ? delta.lastSeq <= state.seq : delta.exchTsMs < snapshotTsMs
}

function load(delta: PendingDelta): void {
  scratch.firstSeq = delta.firstSeq
  scratch.lastSeq = delta.lastSeq
  scratch.exchTsMs = delta.exchTsMs
  scratch.bids.clear()
  scratch.asks.clear()
  for (let i = 0; i < delta.bids.length; i += 2) scratch.bids.push(delta.bids[i]!, delta.bids[i + 1]!)
  for (let i = 0; i < delta.asks.length; i += 2) scratch.asks.push(delta.asks[i]!, delta.asks[i + 1]!)
}
