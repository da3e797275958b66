import type { KeyMemo, MarketMessage } from '../feeds/index.ts'
import { applyLevels, replaceBook, type BookState, type Venue } from './bookState.ts'
import { tellTopIfMoved, type BookTeller } from './bookTeller.ts'
import {
  asciiText,
  checkSnapshotHash,
  hashVerdict,
  noteChange,
  noteFailure,
  tellTrade,
  topVerdict,
  tradeText,
  type HashCounts
} from './hashTrust.ts'
import { HashDoubts } from './hashDoubts.ts'
import type { Instruments } from './instruments.ts'
import { RefreshCheck } from './refreshCheck.ts'
import { applyPending, finishResync, reportDrops, reportHeldDrops, startResync, type SnapshotRequest } from './resync.ts'
import { Roster, type RosterState } from './roster.ts'
import { StatedBooks, type StatedBook } from './statedBooks.ts'
import type { ScannedSink } from './tapeFrame.ts'

/** The frame whose messages are being told. */
export interface FrameContext {
  readonly venue: Venue
  shard: number
  recvRelNs: number
  /** Unix second of the frame's receive time. */
  second: number
  rest: boolean
}

export interface BookCounts extends HashCounts {
  /** Messages about updates that the book has already. */
  stale: number
  /** Parts of messages about tokens that another connection speaks for, or that nobody subscribed to. */
  foreign: number
  /** Parts of messages about instruments for which there was no room. */
  overflow: number
  /** Changes that waited for a full book and had to go because too many waited. */
  heldDropped: number
  crossed: number
  /** Full books whose hash agreed or did not. */
  snapshotHashes: { verified: number; failed: number }
}

/** Books of a run: takes what the mappers say, keeps every instrument's book, and tells what becomes of it. One for live and replay. */
export class Books implements ScannedSink {
  readonly roster: Roster
  readonly instruments: Instruments
  readonly counts: BookCounts = {
    stale: 0,
    foreign: 0,
    overflow: 0,
    heldDropped: 0,
    crossed: 0,
    verified: 0,
    failed: 0,
    unverifiable: 0,
    doubts: 0,
    snapshotHashes: { verified: 0, failed: 0 }
  }
  readonly context: FrameContext
  /** Shards whose subscription is known. */
  readonly subscribedShards = new Set<number>()
  /** Shards whose connection was lost and is not open again. */
  readonly lostShards = new Set<number>()
  /** Shards with a message in the running second that could not be applied: no book of theirs is certain in that second. */
  readonly doubtfulShards = new Set<number>()
  /** Level changes and trades so far: the unit in which replay speed is counted. */
  marketEvents = 0
  /** The newest message of a connection in which the venue stated its time, ms, and when it was received; NaN before the first. */
  readonly told = { exchTsMs: NaN, recvRelNs: NaN }
  readonly #teller: BookTeller
  readonly #refresh = new RefreshCheck()
  readonly #doubts = new HashDoubts()
  readonly #stated = new StatedBooks()
  readonly #request: SnapshotRequest
  /** Books that the running frame changed: the first so many of the list. */
  readonly #touched: BookState[] = []
  #touchedCount = 0

  constructor(venue: Venue, teller: BookTeller, request: SnapshotRequest) {
    this.context = { venue, shard: 0, recvRelNs: 0, second: 0, rest: false }
    this.#teller = teller
    this.#request = request
    this.roster = new Roster(teller, this.context)
    this.instruments = this.roster.instruments
  }

  /** Times so far that a book was not trusted and had to be made anew. */
  get resyncs(): number {
    return this.instruments.all.reduce((sum, { epoch }) => sum + epoch - 1, 0)
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
    const added = this.roster.announce(buf, from, to, hash)
    if (added === undefined) this.counts.overflow++
    return added?.id ?? 0
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

  snapshot(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined) return
    this.#learnFromSnapshot(state, message)
    if (this.context.rest && !this.#isWanted(state)) {
      this.counts.stale++
      return
    }
    if (state.venue === 'binance') return this.#binanceSnapshot(state, message)
    if (this.#isBehindDropped(state, message)) {
      this.counts.stale++
      return this.#request(state)
    }
    const missed = this.#refresh.replace(state, message)
    // The full book that shows the gap also ends it.
    if (missed) startResync(this.#teller, state, 'book_mismatch', this.context, noRequest)
    const verdict = checkSnapshotHash(state, message, this.counts)
    if (verdict !== undefined) this.counts.snapshotHashes[verdict ? 'verified' : 'failed']++
    state.trust.proven = verdict === true
    state.bookTsMs = message.exchTsMs
    state.stated = undefined
    this.#settle(state, message)
    // A token whose hashes are understood, and a full book that still does not fit its own: then something is wrong with it.
    if (verdict === false && state.trust.hashable === 'yes') {
      noteFailure(state.trust)
      startResync(this.#teller, state, 'hash_mismatch', this.context, this.#request)
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
    const best = applyLevels(state.book, message.bids, message.asks)
    this.#teller.change(state, message)
    if (best) tellTopIfMoved(this.#teller, state, message.exchTsMs)
    if (state.resyncing) this.#hold(state, message)
    else this.#stated.note(state, message, this.context.second)
  }

  trade(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined || this.#isOldTrade(state, message)) return
    this.marketEvents++
    state.trades++
    this.#teller.trade(state, message)
    if (state.venue !== 'polymarket') return
    const text = tradeText(message.pxE6)
    for (const sibling of this.roster.siblingsOf(state)) {
      if (sibling.marketId !== state.marketId) continue
      tellTrade(sibling, text, this.counts)
      sibling.version++
    }
  }

  tickSize(message: MarketMessage): void {
    const state = this.#touch(message)
    if (state === undefined || state.tickE6 === message.tickE6) return
    state.tickE6 = message.tickE6
    this.#teller.instrument(state)
    // Levels off the new grid are stale: the book is not trusted until a full one comes.
    if (state.known && !state.resyncing) startResync(this.#teller, state, 'tick_size_changed', this.context, this.#request)
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
    this.#teller.venueTop(state, message)
  }

  /** After the last message of a frame: its books are judged. One that stays crossed cannot be right. */
  endFrame(): void {
    if (this.#doubts.any && this.#touchedCount > 0 && !this.context.rest) this.#settleDoubts()
    for (let i = 0; i < this.#touchedCount; i++) {
      const state = this.#touched[i]!
      const { stated } = state
      state.stated = undefined
      if (stated !== undefined && state.ok && !state.resyncing) this.#judge(state, stated)
      if (state.ok && state.book.crossed) {
        this.counts.crossed++
        startResync(this.#teller, state, 'crossed_book', this.context, this.#request)
      }
      if (state.book.bids.dropped + state.book.asks.dropped > state.dropsReported) reportDrops(this.#teller, state)
    }
    this.#touchedCount = 0
    this.#stated.endFrame()
    this.roster.endFrame(this.context.second)
  }

  /** Takes up what a connection of a shard has subscribed to. */
  subscribe(tokenIds: readonly string[], shard: number): void {
    this.roster.subscribe(tokenIds, shard)
    if (tokenIds.length > 0) this.subscribedShards.add(shard)
    this.lostShards.delete(shard)
    if (this.#doubts.any)
      this.#doubts.moved(
        shard,
        this.instruments.all.filter((state) => state.shard === shard)
      )
  }

  /** Call when the instruments are restored: what follows from them. */
  restore(roster: RosterState): void {
    this.roster.restore(roster)
    this.#doubts.restore(this.instruments.all)
  }

  /** A connection ended: what it carried is not trusted until new snapshots come. @returns how many books that concerns */
  feedClosed(shard: number, reason: 'disconnected' | 'data_idle' | 'missing_bytes'): number {
    let books = 0
    if (reason !== 'missing_bytes') this.lostShards.add(shard)
    for (const state of this.instruments.all) {
      if (state.shard !== shard) continue
      if (!state.known || state.resyncing) {
        // What waits now has a hole behind it. Nothing must wait, so that the next connection's first update asks for a book.
        if (reason !== 'missing_bytes' && state.pending.length > 0) state.takePending()
        continue
      }
      // Asking now would be too early: the next connection brings a full book, or its first update asks for one.
      startResync(this.#teller, state, reason, this.context, noRequest)
      books++
    }
    return books
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
    if (message.exchTsMs === message.exchTsMs && !this.context.rest) {
      this.told.exchTsMs = message.exchTsMs
      this.told.recvRelNs = this.context.recvRelNs
    }
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
    this.roster.join(state)
    this.#teller.instrument(state)
  }

  /** Judges a book by what the venue stated of it last. */
  #judge(state: BookState, stated: StatedBook): void {
    const { second, recvRelNs } = this.context
    const top = topVerdict(state, stated)
    if (top !== 'differs' && state.trust.doubt !== undefined) return
    state.trust.checkedSecond = second
    const hash = hashVerdict(state, stated, recvRelNs, this.counts)
    if (hash === 'agrees' || (hash === 'silent' && top !== 'differs')) return
    if (hash !== 'silent' && top !== 'differs') return this.#doubts.add(state, hash)
    if (hash !== 'silent') noteFailure(state.trust)
    startResync(this.#teller, state, hash === 'silent' ? 'top_mismatch' : 'hash_mismatch', this.context, this.#request)
  }

  /** After the messages of a connection: mismatches of its books that no trade explains by now are gaps. */
  #settleDoubts(): void {
    const { shard, recvRelNs } = this.context
    const { told } = this
    for (const state of this.#doubts.takeDue(shard, recvRelNs, told.recvRelNs === recvRelNs ? told.exchTsMs : NaN)) {
      const { proven } = state.trust
      if (!proven) noteFailure(state.trust)
      startResync(this.#teller, state, 'hash_mismatch', this.context, proven ? noRequest : this.#request)
      if (!proven) continue
      state.ok = true
      finishResync(this.#teller, state, this.context)
    }
  }

  /**
   * A full book that was asked for over HTTP is older than what the connection has said since: it is taken only where a book is missing,
   * and not while the connection is down, when nothing would keep it up to date.
   */
  #isWanted(state: BookState): boolean {
    return (!state.known || state.resyncing) && !this.lostShards.has(state.shard)
  }

  /** Changes that had to go are in no book of ours: only a full book that is newer than all of them has them. */
  #isBehindDropped(state: BookState, message: MarketMessage): boolean {
    if (state.heldDropped === 0 || message.exchTsMs > state.droppedTsMs) return false
    // Without times to compare, the order of the connection tells.
    return this.context.rest || message.exchTsMs <= state.droppedTsMs
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
      startResync(this.#teller, state, 'sequence_hole', this.context, this.#request, { expected: state.seq + 1, got: message.firstSeq })
      return this.#hold(state, message)
    }
    const best = applyLevels(state.book, message.bids, message.asks)
    state.seq = message.lastSeq
    this.#teller.change(state, message)
    if (best) tellTopIfMoved(this.#teller, state, message.exchTsMs)
  }

  /** A full book has replaced ours: from here on it is trusted, and what waited is applied to it. */
  #settle(state: BookState, message: MarketMessage): void {
    const first = !state.known
    state.known = true
    state.ok = true
    this.#teller.fullBook(state, message)
    tellTopIfMoved(this.#teller, state, message.exchTsMs)
    if (state.resyncing) finishResync(this.#teller, state, this.context)
    else if (first) state.untrusted = false
    applyPending(this.#teller, state, message.exchTsMs, this.context, this.#request)
  }

  #hold(state: BookState, message: MarketMessage): void {
    const first = state.pending.length === 0
    if (!state.hold(message)) {
      this.counts.heldDropped++
      if (state.heldDropped === 1) reportHeldDrops(this.#teller, state)
    }
    if (first) this.#request(state)
  }
}

const noRequest: SnapshotRequest = () => undefined
