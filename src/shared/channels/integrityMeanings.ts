import type { INTEGRITY_KINDS, INTEGRITY_REASONS } from './catalog.ts'

type Kind = (typeof INTEGRITY_KINDS)[number]
type Reason = (typeof INTEGRITY_REASONS)[number]

const BOOK_FAULTS = ['sequence_hole', 'hash_mismatch', 'top_mismatch', 'book_mismatch', 'crossed_book'] as const satisfies readonly Reason[]

/** What each kind of integrity event says, and the reasons that it can have. The page about integrity is made from it. */
export const INTEGRITY_KIND_MEANINGS: Readonly<Record<Kind, { readonly what: string; readonly reasons: readonly Reason[] }>> = {
  GAP_DETECTED: {
    what: 'something is missing; of one book when it names an instrument, of everything when it does not',
    reasons: [...BOOK_FAULTS, 'changes_dropped', 'no_watermark', 'missing_bytes']
  },
  BOOK_RESYNC_START: {
    what: 'from here on this book is not trusted',
    reasons: [...BOOK_FAULTS, 'disconnected', 'data_idle', 'missing_bytes', 'tick_size_changed']
  },
  BOOK_RESYNC_DONE: {
    what: 'a full book has come and was applied, and the book is trusted again; with `stopped` the instrument is no longer recorded',
    reasons: ['none', 'stopped']
  },
  FEED_OPEN: { what: 'a connection opened', reasons: ['none'] },
  FEED_CLOSED: { what: 'a connection ended', reasons: ['stopped', 'data_idle', 'disconnected'] },
  MALFORMED_FRAME: {
    what: 'a message is not JSON, or has values that cannot be; it is kept and not applied, and no book of its connection is trusted in that second. Of a weather answer that can be read in part the rest is taken.',
    reasons: ['undecodable']
  },
  CLOCK_STEP: { what: 'the recording machine’s clock was set, by more than half a second', reasons: ['wall_clock'] },
  LEVELS_DROPPED: {
    what: 'a side has more than 20,000 levels; those farthest from the best price were left out',
    reasons: ['too_many_levels']
  },
  SNAPSHOT_FAILED: { what: 'a full book was asked for and did not come; it is asked for again', reasons: ['snapshot_failed'] },
  BOOK_MISSING: {
    what: 'an instrument has been subscribed for 45 seconds, and its first full book has not come',
    reasons: ['first_snapshot']
  },
  INSTRUMENTS_DROPPED: {
    what: 'more instruments were subscribed, or named, than the 20,000 that one run holds at a time, or more were listed than the 300,000 whose facts are kept. Messages about the others are kept and not applied; subscribed ones are reported missing, and taken up as soon as others are left.',
    reasons: ['too_many_instruments']
  }
}

/** What each reason of an integrity event means. */
export const INTEGRITY_REASON_MEANINGS: Readonly<Record<Reason, string>> = {
  none: 'nothing to explain',
  sequence_hole: 'the venue’s update ids leave some out',
  hash_mismatch: 'the hash that the venue states for its book differs from that of ours',
  top_mismatch: 'the best prices that the venue states differ from ours',
  crossed_book: 'the best bid is at or above the best ask',
  disconnected: 'the connection was lost',
  data_idle: 'the connection stood and brought nothing',
  no_watermark: 'nothing was received, not even a sign of life',
  first_snapshot: 'the first full book did not come',
  tick_size_changed: 'the venue changed the price step',
  stopped: 'on purpose',
  undecodable: 'a message could not be read',
  wall_clock: 'the wall clock of the recording machine moved against its monotonic clock',
  venue_clock: 'not used yet',
  too_many_levels: 'more levels than a side keeps',
  snapshot_failed: 'the venue answered with an error or not at all',
  missing_bytes: 'bytes of the frame log could not be read',
  book_mismatch: 'a full book of the venue differs from ours of the same instant',
  changes_dropped: 'more than 5,000 changes of a book waited for its full book; the oldest had to go, and only a newer full book will do',
  too_many_instruments: 'more instruments than one run holds'
}
