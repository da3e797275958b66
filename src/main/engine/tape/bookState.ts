import { OrderBook } from '../../../shared/market/index.ts'
import type { LevelList, MarketMessage } from '../feeds/index.ts'
import type { BegunText } from './bookText.ts'
import type { StatedBook } from './statedBooks.ts'

export type Venue = 'polymarket' | 'binance'

/** A delta that waits for a snapshot. Levels are price and size pairs × 1e6; NaN sequence numbers and times mean "not given". */
export interface PendingDelta {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly exchTsMs: number
  readonly bids: Float64Array
  readonly asks: Float64Array
}

/** Deltas kept for one instrument while its snapshot is on the way; more than a minute of the busiest feed. */
export const MAX_PENDING = 5_000

/** Changes whose prices are tried as the last trade: more than a busy token has before the trade among them is printed. */
const RECENT_CHANGES = 64

/** What the hash check of a Polymarket token has learned. */
export interface HashTrust {
  minOrderSize: string
  negRisk: boolean | undefined
  /** unknown: not proven yet. yes: a hash of ours agreed once. no: given up, the venue hashes something we do not see. */
  hashable: 'unknown' | 'yes' | 'no'
  /** Failed checks in a row, each after a fresh snapshot. */
  failures: number
  lastTradeText: string
  /** Those before it, newest first: a change may have been hashed before trades that another connection printed already. */
  earlierTradeTexts: string[]
  /** Prices of the newest changes, a ring; 0 = none yet. */
  recentPxE6: Int32Array
  recentAt: number
  checkedSecond: number
  /** A mismatch that a trade may explain that is not printed yet. */
  doubt: HashDoubt | undefined
  /** The newest full book since the doubt fits its own hash. */
  proven: boolean
}

/** What was hashed when a hash of the venue differed, kept until the trade behind it must have been printed. Never changed. */
export interface HashDoubt {
  /** The how many-th of its run. */
  readonly n: number
  readonly recvRelNs: number
  readonly exchTsMs: number
  /** The venue's, hex. */
  readonly wanted: string
  readonly facts: { readonly tickE6: number; readonly minOrderSize: string; readonly negRisk: boolean }
  readonly begun: BegunText
}

/** Everything the tape knows of one instrument. Bounded: levels, pending deltas and texts have limits. */
export class BookState {
  readonly id: number
  readonly venue: Venue
  readonly key: Uint8Array
  readonly tokenId: string
  marketId = ''
  name = ''
  outcome = ''
  tickE6 = 10_000
  shard: number
  readonly book = new OrderBook()
  /** When the instrument was announced; a full book should follow soon. */
  announcedRelNs = 0
  missingReported = false
  /** A snapshot has been applied at least once. */
  known = false
  /** The book is what the venue says it is, as far as anything received tells. */
  ok = false
  resyncing = false
  resyncSinceRelNs = 0
  /** No longer subscribed: nothing is expected of it until it is subscribed again. */
  retired = false
  /** Venue's ids of the newest trade and best-price message; NaN where it has none. */
  tradeSeq = NaN
  topSeq = NaN
  epoch = 1
  /** Venue time of the newest change that came, ms; NaN before the first. */
  changedTsMs = NaN
  /** Venue time of the book: of the full book, or of a newer change since, ms; NaN where the venue told none. */
  bookTsMs = NaN
  /** What the running frame stated of the book last and must be judged; undefined between frames. */
  stated: StatedBook | undefined
  /** Venue's last update id that is in the book; NaN where it has none. */
  seq = NaN
  pending: PendingDelta[] = []
  /** Waiting deltas that had to go since the wait began, and the venue's time of the newest of them, ms. */
  heldDropped = 0
  droppedTsMs = NaN
  /** Was not `ok` at some time in the running second. */
  untrusted = false
  dropsReported = 0
  topBidPxE6 = NaN
  topBidSizeE6 = NaN
  topAskPxE6 = NaN
  topAskSizeE6 = NaN
  /** Last spot reference; NaN before the first. */
  spotE6 = NaN
  trust: HashTrust = {
    minOrderSize: '5',
    negRisk: undefined,
    hashable: 'unknown',
    failures: 0,
    lastTradeText: '',
    earlierTradeTexts: [],
    recentPxE6: new Int32Array(RECENT_CHANGES),
    recentAt: 0,
    checkedSecond: -1,
    doubt: undefined,
    proven: false
  }
  frames = 0
  trades = 0
  /** Rises with every change; lets keyframes share what did not change. */
  version = 0

  constructor(id: number, venue: Venue, key: Uint8Array, tokenId: string, shard: number) {
    this.id = id
    this.venue = venue
    this.key = key
    this.tokenId = tokenId
    this.shard = shard
  }

  /** Takes what waits: from here on nothing does. */
  takePending(): PendingDelta[] {
    const waiting = this.pending
    this.pending = []
    this.heldDropped = 0
    this.droppedTsMs = NaN
    this.version++
    return waiting
  }

  /** No longer subscribed: the book ends here and keeps no memory. */
  retire(): void {
    this.takePending()
    this.retired = true
    this.known = this.ok = this.untrusted = this.resyncing = false
    this.trust.doubt = undefined
    this.seq = NaN
    this.dropsReported = 0
    this.book.release()
    this.topBidPxE6 = this.topBidSizeE6 = this.topAskPxE6 = this.topAskSizeE6 = NaN
  }

  /** @returns false when the limit is reached and the oldest delta had to go */
  hold(message: MarketMessage): boolean {
    const oldest = this.pending.length >= MAX_PENDING ? this.pending.shift() : undefined
    if (oldest !== undefined) {
      this.heldDropped++
      this.droppedTsMs = oldest.exchTsMs
    }
    this.pending.push({
      firstSeq: message.firstSeq,
      lastSeq: message.lastSeq,
      exchTsMs: message.exchTsMs,
      bids: message.bids.values.slice(0, message.bids.count * 2),
      asks: message.asks.values.slice(0, message.asks.count * 2)
    })
    return oldest === undefined
  }
}

/** Sets levels of a book to their new totals. @returns false when the best level of neither side can be another one than before */
export function applyLevels(book: OrderBook, bids: LevelList, asks: LevelList): boolean {
  let best = false
  for (let i = 0; i < bids.count; i++) if (book.bids.set(bids.values[2 * i]!, bids.values[2 * i + 1]!)) best = true
  for (let i = 0; i < asks.count; i++) if (book.asks.set(asks.values[2 * i]!, asks.values[2 * i + 1]!)) best = true
  return best
}

/** Replaces a book by a snapshot, whatever the order of its levels. */
export function replaceBook(book: OrderBook, bids: LevelList, asks: LevelList): void {
  book.clear()
  applyLevels(book, bids, asks)
}
