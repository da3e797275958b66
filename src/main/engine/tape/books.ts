import { formatE6 } from '../../../shared/market/index.ts'
import type { KeyMemo, MarketMessage } from '../feeds/index.ts'
import { applyLevels, replaceBook, type BookState, type Venue } from './bookState.ts'
import { emitBbo, emitBook, emitInstrument, emitL2Book, emitTopIfChanged, emitTrade } from './emit.ts'
import {
  asciiText,
  checkSnapshotHash,
  hashVerdict,
  isCheckDue,
  isProvenWrong,
  noteChange,
  noteTrade,
  topVerdict,
  type HashCounts
} from './hashTrust.ts'
import { factsJson, hashOf, Instruments, type TokenFacts } from './instruments.ts'
import type { RecordWriter } from './recordWriter.ts'
import { RefreshCheck } from './refreshCheck.ts'
import { applyPending, endResync, finishResync, reportDrops, startResync, type SnapshotRequest } from './resync.ts'
import type { ScannedSink } from './tapeFrame.ts'

/** The frame whose messages are being told. */
export interface FrameContext {
  readonly venue: Venue
  shard: number
  recvRelNs: number
  /** Called for each gap of a book. */
  onGap: () => void
  /** Unix second of the frame's receive time. */
  second: number
  rest: boolean
}

export interface BookCounts extends HashCounts {
  /** Messages about updates that the book has already. */
  stale: number
  /** Parts of messages about tokens that another connection speaks for, or that nobody subscribed to. */
  foreign: number
  /** Messages that could not be attributed because there were too many instruments. */
  overflow: number
  crossed: number
  /** Full books whose hash agreed or did not. */
  snapshotHashes: { verified: number; failed: number }
}

/** Books of a run: takes what the mappers say, keeps every instrument's book, and writes the records. One for live and replay. */
export class Books implements ScannedSink {
  readonly instruments = new Instruments()
  readonly counts: BookCounts = {
    stale: 0,
    foreign: 0,
    overflow: 0,
    crossed: 0,
    verified: 0,
    failed: 0,
    unverifiable: 0,
    snapshotHashes: { verified: 0, failed: 0 }
  }
  readonly context: FrameContext
  /** Shards whose subscription is known. */
  readonly subscribedShards = new Set<number>()
  /** Shards whose connection was lost and is not open again. */
  readonly lostShards = new Set<number>()
  /** Level changes and trades so far: the unit in which replay speed is counted. */
  marketEvents = 0
  readonly #w: RecordWriter
  readonly #refresh = new RefreshCheck()
  readonly #request: SnapshotRequest
  readonly #byMarket = new Map<string, BookState[]>()
  /** Books that the running frame changed: the first so many of the list. */
  readonly #touched: BookState[] = []
  #touchedCount = 0

  constructor(venue: Venue, writer: RecordWriter, request: SnapshotRequest) {
    this.context = { venue, shard: 0, recvRelNs: 0, second: 0, rest: false, onGap: () => undefined }
    this.#w = writer
    this.#request = request
  }

  instrumentOf(buf: Uint8Array, from: number, to: number, hash: number, memo?: KeyMemo): number {
    const { instruments, context } = this
    if (memo !== undefined && memo.generation === instruments.generation) return this.#mayTell(instruments.get(memo.id)!)
    const found = instruments.find(buf, from, to, hash)
    if (found !== undefined) {
      if (memo !== undefined) {
        memo.id = found.id
        memo.generation = instruments.generation
      }
      return this.#mayTell(found)
    }
    if (!context.rest && this.subscribedShards.has(context.shard)) {
      this.counts.foreign++
      return 0
    }
    return this.#announce(buf, from, to, hash)
  }

  instrumentAgain(id: number): number {
    const found = this.instruments.get(id)
    return found === undefined ? 0 : this.#mayTell(found)
  }

  numberOf(buf: Uint8Array, from: number, to: number, hash: number): number {
    return this.instruments.find(buf, from, to, hash)?.id ?? 0
  }

  /**
   * Both tokens of a market stand in each of its changes. Only the connection that is subscribed to a token may speak for it: what
   * another one says of it comes out of order.
   */
  #mayTell(found: BookState): number {
    const { context } = this
    if ((found.shard === context.shard || context.rest) && !found.retired) return found.id
    this.counts.foreign++
    return 0
  }

  #announce(buf: Uint8Array, from: number, to: number, hash: number): number {
    const { context } = this
    const added = this.instruments.add(buf, from, to, hash, context.venue, context.shard)
    if (added === undefined) {
      this.counts.overflow++
      return 0
    }
    added.announcedRelNs = this.context.recvRelNs
    this.#joinMarket(added)
    emitInstrument(this.#w, added, factsJson(added))
    return added.id
  }

  /** Announces an instrument that the plant has subscribed to. */
  subscribe(tokenId: string, shard: number): BookState | undefined {
    const bytes = new TextEncoder().encode(tokenId)
    const hash = hashOf(bytes)
    const known = this.instruments.find(bytes, 0, bytes.length, hash)
    if (known !== undefined) {
      known.shard = shard
      if (known.retired) {
        known.retired = false
        known.missingReported = false
        known.announcedRelNs = this.context.recvRelNs
      }
      return known
    }
    return this.instruments.get(this.#announce(bytes, 0, bytes.length, hash))
  }

  /** The plant no longer subscribes to an instrument: its book ends here, and a later one starts anew. */
  retire(tokenId: string): void {
    const state = this.stateOf(tokenId)
    if (state === undefined || state.retired) return
    if (state.resyncing) endResync(this.#w, state, this.context)
    state.retired = true
    state.known = state.ok = state.untrusted = false
    state.seq = NaN
    state.pending = []
    state.book.clear()
    state.topBidPxE6 = state.topBidSizeE6 = state.topAskPxE6 = state.topAskSizeE6 = NaN
    state.version++
  }

  /** The state of a token or symbol that is known already. */
  stateOf(tokenId: string): BookState | undefined {
    const bytes = new TextEncoder().encode(tokenId)
    return this.instruments.find(bytes, 0, bytes.length, hashOf(bytes))
  }

  /** Takes facts of discovery; announces an instrument again when they change it. */
  learn(tokenId: string, facts: TokenFacts): void {
    const changed = this.instruments.learn(tokenId, facts)
    if (changed === undefined) return
    this.#joinMarket(changed)
    emitInstrument(this.#w, changed, factsJson(changed))
  }

  snapshot(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined) return
    this.#learnFromSnapshot(state, message)
    if (this.context.rest && !this.#isWanted(state)) {
      this.counts.stale++
      return
    }
    if (state.venue === 'binance') return this.#binanceSnapshot(state, message)
    const missed = this.#refresh.replace(state, message)
    // The full book that shows the gap also ends it.
    if (missed) startResync(this.#w, state, 'book_mismatch', this.context, noRequest)
    const verdict = checkSnapshotHash(state, message)
    if (verdict !== undefined) this.counts.snapshotHashes[verdict ? 'verified' : 'failed']++
    this.#settle(state, message)
    // A token whose hashes are understood, and a full book that still does not fit its own: then something is wrong with it.
    if (verdict === false && state.trust.hashable === 'yes' && isProvenWrong(state, 'differs')) {
      startResync(this.#w, state, 'hash_mismatch', this.context, this.#request)
    }
  }

  delta(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined) return
    this.marketEvents += message.bids.count + message.asks.count
    if (state.venue === 'binance') return this.#binanceDelta(state, message)
    noteChange(state.trust, message.pxE6)
    state.changedTsMs = message.exchTsMs
    if (!state.known) return this.#hold(state, message)
    applyLevels(state.book, message.bids, message.asks)
    emitL2Book(this.#w, state, message)
    emitTopIfChanged(this.#w, state, message.exchTsMs)
    if (state.resyncing) this.#hold(state, message)
    else this.#checkPolymarket(state, message)
  }

  trade(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined || this.#isOldTrade(state, message)) return
    this.marketEvents++
    state.trades++
    emitTrade(this.#w, state, message)
    if (state.venue !== 'polymarket') return
    const text = formatE6(message.pxE6, 3)
    for (const sibling of this.#byMarket.get(state.marketId) ?? [state]) {
      if (sibling.marketId !== state.marketId) continue
      noteTrade(sibling.trust, text)
      sibling.version++
    }
  }

  tickSize(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined || state.tickE6 === message.tickE6) return
    state.tickE6 = message.tickE6
    emitInstrument(this.#w, state, factsJson(state))
    // Levels off the new grid are stale: the book is not trusted until a full one comes.
    if (state.known && !state.resyncing) startResync(this.#w, state, 'tick_size_changed', this.context, this.#request)
  }

  venueTop(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined) return
    if (message.lastSeq <= state.topSeq) {
      this.counts.stale++
      return
    }
    if (message.lastSeq >= 0) state.topSeq = message.lastSeq
    this.marketEvents++
    emitBbo(this.#w, state, message)
  }

  /** After the last message of a frame: a book that stays crossed cannot be right. */
  endFrame(): void {
    for (let i = 0; i < this.#touchedCount; i++) {
      const state = this.#touched[i]!
      if (state.ok && state.book.crossed) {
        this.counts.crossed++
        startResync(this.#w, state, 'crossed_book', this.context, this.#request)
      }
      if (state.book.bids.dropped + state.book.asks.dropped > state.dropsReported) reportDrops(this.#w, state)
    }
    this.#touchedCount = 0
  }

  /** A connection ended: what it carried is not trusted until new snapshots come. @returns how many books that concerns */
  feedClosed(shard: number, reason: 'disconnected' | 'data_idle' | 'missing_bytes'): number {
    let books = 0
    if (reason !== 'missing_bytes') this.lostShards.add(shard)
    for (const state of this.instruments.all) {
      if (state.shard !== shard) continue
      if (!state.known || state.resyncing) {
        // What waits now has a hole behind it. Nothing must wait, so that the next connection's first update asks for a book.
        if (reason !== 'missing_bytes' && state.pending.length > 0) state.forgetPending()
        continue
      }
      // Asking now would be too early: the next connection brings a full book, or its first update asks for one.
      startResync(this.#w, state, reason, this.context, noRequest)
      books++
    }
    return books
  }

  /** Rebuilds the look-up of markets, after a restore. */
  restored(): void {
    this.#byMarket.clear()
    for (const state of this.instruments.all) this.#joinMarket(state)
  }

  /** While a connection is renewed two of them bring the same trades; Binance numbers them. */
  #isOldTrade(state: BookState, message: MarketMessage): boolean {
    if (state.venue !== 'binance' || message.tradeIdTo === message.tradeIdFrom) return false
    const id = Number(asciiText(message, message.tradeIdFrom, message.tradeIdTo))
    if (id <= state.tradeSeq) {
      this.counts.stale++
      return true
    }
    if (id >= 0) state.tradeSeq = id
    return false
  }

  #touch(message: MarketMessage): BookState | undefined {
    const state = this.instruments.get(message.instrumentId)
    if (state === undefined) return undefined
    state.frames++
    state.version++
    const count = this.#touchedCount
    if (count === 0 || this.#touched[count - 1] !== state) this.#touched[this.#touchedCount++] = state
    return state
  }

  #learnFromSnapshot(state: BookState, message: MarketMessage): void {
    const newMarket = state.marketId === '' && message.marketTo > message.marketFrom
    const newTick = message.tickE6 > 0 && message.tickE6 !== state.tickE6
    if (!newMarket && !newTick) return
    if (newTick) state.tickE6 = message.tickE6
    if (newMarket) state.marketId = asciiText(message, message.marketFrom, message.marketTo)
    this.#joinMarket(state)
    emitInstrument(this.#w, state, factsJson(state))
  }

  #joinMarket(state: BookState): void {
    if (state.marketId === '') return
    const siblings = this.#byMarket.get(state.marketId) ?? []
    if (!siblings.includes(state)) siblings.push(state)
    this.#byMarket.set(state.marketId, siblings)
  }

  #checkPolymarket(state: BookState, message: MarketMessage): void {
    const { second, recvRelNs } = this.context
    const top = topVerdict(state, message)
    if (top !== 'differs' && !isCheckDue(state, second, recvRelNs)) return
    state.trust.checkedSecond = second
    state.trust.checkedRelNs = recvRelNs
    const hash = hashVerdict(state, message, this.counts)
    if (hash === 'agrees' || (hash === 'silent' && top !== 'differs')) return
    if (hash === 'differs' && !isProvenWrong(state, top)) return
    startResync(this.#w, state, hash === 'differs' ? 'hash_mismatch' : 'top_mismatch', this.context, this.#request)
  }

  /**
   * A full book that was asked for over HTTP is older than what the connection has said since: it is taken only where a book is missing,
   * and not while the connection is down, when nothing would keep it up to date.
   */
  #isWanted(state: BookState): boolean {
    return (!state.known || state.resyncing) && !this.lostShards.has(state.shard)
  }

  #binanceSnapshot(state: BookState, message: MarketMessage): void {
    const first = state.pending[0]
    if (first !== undefined && message.lastSeq < first.firstSeq) {
      this.#request(state)
      return
    }
    replaceBook(state.book, message.bids, message.asks)
    state.seq = message.lastSeq
    this.#settle(state, message)
  }

  #binanceDelta(state: BookState, message: MarketMessage): void {
    if (!state.known || state.resyncing) return this.#hold(state, message)
    if (message.lastSeq <= state.seq) {
      this.counts.stale++
      return
    }
    if (message.firstSeq > state.seq + 1) {
      startResync(this.#w, state, 'sequence_hole', this.context, this.#request, { expected: state.seq + 1, got: message.firstSeq })
      return this.#hold(state, message)
    }
    applyLevels(state.book, message.bids, message.asks)
    state.seq = message.lastSeq
    emitL2Book(this.#w, state, message)
    emitTopIfChanged(this.#w, state, message.exchTsMs)
  }

  /** A full book has replaced ours: from here on it is trusted, and what waited is applied to it. */
  #settle(state: BookState, message: MarketMessage): void {
    const first = !state.known
    state.known = true
    state.ok = true
    emitBook(this.#w, state, message)
    emitTopIfChanged(this.#w, state, message.exchTsMs)
    if (state.resyncing) finishResync(this.#w, state, this.context)
    else if (first) state.untrusted = false
    applyPending(this.#w, state, message.exchTsMs, this.context, this.#request)
  }

  #hold(state: BookState, message: MarketMessage): void {
    const first = state.pending.length === 0
    if (!state.hold(message)) this.counts.overflow++
    if (first) this.#request(state)
  }
}

const noRequest: SnapshotRequest = () => undefined
