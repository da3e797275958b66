import {
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_PRESENT,
  AT_RECV,
  AT_SHARD,
  AT_WIRE_ID,
  getI64,
  integrity,
  INTEGRITY_KINDS,
  topOfBook
} from '../../../../shared/channels/index.ts'
import { FLAG_NOTE } from '../../bundle/index.ts'
import { Tape, type BookState, type TapeFrame, type Venue } from '../../tape/index.ts'
import { newCounts, type NormaliserCounts } from '../normalise/bookNormaliser.ts'
import type { Trust } from '../state/trust.ts'
import type { EventBatch } from './eventBatch.ts'
import type { EventFeed, FrameStamps } from './eventFeed.ts'
import type { MarketTable } from './marketTable.ts'

export interface ChangeFeedOptions {
  readonly runId: string
  readonly venue: Venue
  readonly originTsNs: bigint
  readonly markets: MarketTable
  readonly trust: Trust
  /** Hand events out with their own frame instead of in larger portions: for live runs. */
  readonly prompt: boolean
  /** Asks the venue for a full book; left out in replay. */
  readonly request?: (state: BookState) => void
}

const RESYNC_START = INTEGRITY_KINDS.indexOf('BOOK_RESYNC_START')
const RESYNC_DONE = INTEGRITY_KINDS.indexOf('BOOK_RESYNC_DONE')

/**
 * Events are the changes of the top of the tape's books: price changes and depth updates feed them, gaps and resyncs are those of the tape.
 * Works for every venue that the tape knows.
 */
export class ChangeFeed implements EventFeed {
  readonly counts: NormaliserCounts = newCounts()
  readonly #tape: Tape
  readonly #options: ChangeFeedOptions
  /** Market number by instrument number. */
  readonly #marketOf = new Map<number, number>()
  #out: EventBatch | undefined

  constructor(options: ChangeFeedOptions) {
    const { runId, venue, originTsNs, request } = options
    this.#options = options
    this.#tape = new Tape({
      runId,
      venue,
      originTsNs,
      withoutFingerprint: true,
      ...(request === undefined ? {} : { request }),
      onRecords: (bytes, length) => this.#read(bytes, length)
    })
  }

  take(frame: TapeFrame, out: EventBatch, stamps?: FrameStamps): void {
    this.#out = out
    const isNote = (frame.flags & FLAG_NOTE) !== 0
    if (!isNote) stamps?.decodeStart()
    this.#tape.push(frame)
    if (this.#options.prompt) this.#tape.drain()
    this.counts.decodeErrors = this.#tape.malformed
    this.counts.fallbacks = this.#tape.fallbacks
    if (isNote) return
    stamps?.decodeEnd()
    stamps?.normalised()
  }

  missing(shard: number, _relNs: number, bytes: number, reason: string): void {
    this.#tape.missingBytes(`${bytes} bytes of shard ${shard} could not be read: ${reason}.`)
  }

  flush(out: EventBatch): void {
    this.#out = out
    this.#tape.drain()
  }

  #read(bytes: Uint8Array, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    let size = 0
    for (let at = 0; at < length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      const wireId = view.getUint8(at + AT_WIRE_ID)
      if (wireId === topOfBook.wireId) this.#top(view, at)
      else if (wireId === integrity.wireId) this.#integrity(view, at)
    }
  }

  #top(view: DataView, at: number): void {
    const market = this.#marketAt(view, at)
    if (market < 0) return
    const present = view.getUint32(at + AT_PRESENT, true)
    const field = (name: 'bidPxE6' | 'bidSizeE6' | 'askPxE6' | 'askSizeE6' | 'exchTsMs'): number =>
      (present & topOfBook.bit[name]) === 0 ? NaN : getI64(view, at + topOfBook.at[name])
    const recvRelNs = getI64(view, at + AT_RECV)
    this.#options.trust.known(market, view.getUint16(at + AT_SHARD, true), recvRelNs)
    // A book that lost both sides is an event too: nothing may be filled against what it was before.
    this.#out?.push(market, field('bidPxE6'), field('bidSizeE6'), field('askPxE6'), field('askSizeE6'), field('exchTsMs'), recvRelNs)
  }

  #integrity(view: DataView, at: number): void {
    const kind = view.getUint32(at + integrity.at.kind, true)
    if (kind !== RESYNC_START && kind !== RESYNC_DONE) return
    const market = this.#marketAt(view, at)
    if (market < 0) return
    const recvRelNs = getI64(view, at + AT_RECV)
    if (kind === RESYNC_START) this.#options.trust.lost(market, recvRelNs)
    else this.#options.trust.regained(market, recvRelNs)
  }

  #marketAt(view: DataView, at: number): number {
    const instrument = view.getUint32(at + AT_INSTRUMENT, true)
    const known = this.#marketOf.get(instrument)
    if (known !== undefined) return known
    const state = this.#tape.books.instruments.get(instrument)
    if (state === undefined) return -1
    const market = this.#options.markets.ofText(state.tokenId)
    this.#marketOf.set(instrument, market)
    return market
  }
}
