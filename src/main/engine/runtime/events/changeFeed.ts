import { FLAG_NOTE, FLAG_REST } from '../../bundle/index.ts'
import { OUTCOME, type Outcome } from '../../feeds/index.ts'
import {
  FrameBooks,
  unixSeconds,
  type BookState,
  type FrameTeller,
  type IntegrityFacts,
  type TapeFrame,
  type Venue
} from '../../tape/index.ts'
import type { MissingBytes } from '../../replay/index.ts'
import { newCounts, type NormaliserCounts } from '../normalise/bookNormaliser.ts'
import { ConnectionNotes } from '../state/connectionNotes.ts'
import type { Trust } from '../state/trust.ts'
import type { EventBatch } from './eventBatch.ts'
import type { EventFeed, FrameStamps } from './eventFeed.ts'
import type { MarketTable } from './marketTable.ts'

/** Written by ourselves: notes and HTTP answers. */
const OWN_FLAGS = FLAG_NOTE | FLAG_REST

export interface ChangeFeedOptions {
  readonly venue: Venue
  readonly originTsNs: bigint
  readonly markets: MarketTable
  readonly trust: Trust
  /** Asks the venue for a full book; left out in replay. */
  readonly request?: (state: BookState) => void
}

/**
 * Events are the changes of the top of the tape's books: price changes and depth updates feed them, gaps and resyncs are those of the tape.
 * Works for every venue that the tape knows. The books are the tape's own; its records, ids and fingerprint are not made.
 */
export class ChangeFeed implements EventFeed, FrameTeller {
  readonly counts: NormaliserCounts = newCounts()
  readonly #options: ChangeFeedOptions
  readonly #frameBooks: FrameBooks
  readonly #secondOf: (relNs: number) => number
  /** Market number by instrument number; -1 = its id is of no use. */
  readonly #marketOf: (number | undefined)[] = []
  readonly #notes: ConnectionNotes
  #out: EventBatch | undefined
  #recvRelNs = -Infinity
  #shard = 0

  constructor(options: ChangeFeedOptions) {
    this.#options = options
    this.#notes = new ConnectionNotes(options.trust)
    this.#frameBooks = new FrameBooks(options.venue, this, options.request)
    this.#secondOf = unixSeconds(options.originTsNs)
  }

  take(frame: TapeFrame, out: EventBatch, stamps?: FrameStamps): void {
    const isNote = (frame.flags & FLAG_NOTE) !== 0
    if (!isNote) stamps?.decodeStart()
    this.#out = out
    this.#shard = frame.shard
    if (frame.monoRelNs > this.#recvRelNs) this.#recvRelNs = frame.monoRelNs
    const outcome = this.#frameBooks.take(frame, this.#recvRelNs, this.#secondOf(this.#recvRelNs))
    if (outcome === OUTCOME.malformed) this.counts.decodeErrors++
    else if (outcome === OUTCOME.rejected) this.counts.schemaErrors++
    else if (outcome === OUTCOME.control || outcome === OUTCOME.unknown) this.counts.skipped += (frame.flags & OWN_FLAGS) === 0 ? 1 : 0
    this.counts.fallbacks = this.#frameBooks.fallbacks
    if (isNote) return void this.#notes.take(frame)
    stamps?.decodeEnd()
    stamps?.normalised()
  }

  missing({ shard, bytes, reason }: MissingBytes): void {
    this.#frameBooks.missingBytes(`${bytes} bytes of shard ${shard} could not be read: ${reason}.`)
  }

  /** A book that lost both sides is an event too: nothing may be filled against what it was before. */
  top(state: BookState, exchTsMs: number): void {
    const market = this.#marketAt(state)
    if (market < 0) return
    const { topBidPxE6, topBidSizeE6, topAskPxE6, topAskSizeE6 } = state
    this.#options.trust.known(market, this.#shard, this.#recvRelNs)
    this.#out!.push(market, topBidPxE6, topBidSizeE6, topAskPxE6, topAskSizeE6, exchTsMs, this.#recvRelNs)
  }

  integrity(state: BookState | undefined, { kind }: IntegrityFacts): void {
    const starts = kind === 'BOOK_RESYNC_START'
    if (state === undefined || (!starts && kind !== 'BOOK_RESYNC_DONE')) return
    const market = this.#marketAt(state)
    if (market < 0) return
    if (starts) this.#options.trust.lost(market, this.#recvRelNs)
    else this.#options.trust.regained(market, this.#recvRelNs)
  }

  /** Also one that the tape did not wait for: what was missing in front of it is made up for. */
  fullBook(state: BookState): void {
    const market = this.#marketAt(state)
    if (market >= 0) this.#options.trust.regained(market, this.#recvRelNs)
  }

  // What no strategy is told of.
  instrument(): void {}
  change(): void {}
  trade(): void {}
  venueTop(): void {}
  gap(): void {}
  received(): void {}
  manualWindow(): void {}
  windowSettings(): void {}

  world(): Outcome {
    return OUTCOME.decoded
  }

  #marketAt(state: BookState): number {
    const known = this.#marketOf[state.id]
    if (known !== undefined) return known
    while (this.#marketOf.length < state.id) this.#marketOf.push(undefined)
    return (this.#marketOf[state.id] = this.#options.markets.ofText(state.tokenId))
  }
}
