import { FLAG_NOTE, FLAG_REST } from '../bundle/index.ts'
import { BinanceMapper, OUTCOME, PolymarketMapper, type FeedMapper, type Outcome } from '../feeds/index.ts'
import { Books } from './books.ts'
import type { Venue } from './bookState.ts'
import type { FrameTeller } from './bookTeller.ts'
import { expectedRest, learnFromRest, parseNote, subscribedKeys, type ExpectedRest, type Note } from './notes.ts'
import type { SnapshotRequest } from './resync.ts'
import type { TapeFrame } from './tapeFrame.ts'

/** Frames to books: what messages of the venue, answers over HTTP and the plant's own notes mean. One for the tape and for strategies. */
export class FrameBooks {
  readonly books: Books
  malformed = 0
  /** REST answer that is announced for the next frame of a shard. */
  readonly expectedRest = new Map<number, ExpectedRest>()
  readonly #teller: FrameTeller
  readonly #mapper: FeedMapper
  readonly #missing: string[] = []

  constructor(venue: Venue, teller: FrameTeller, request: SnapshotRequest = () => undefined) {
    this.books = new Books(venue, teller, request)
    this.#teller = teller
    this.#mapper = venue === 'binance' ? new BinanceMapper() : new PolymarketMapper()
  }

  /** Frames that the fast scanner could not take. */
  get fallbacks(): number {
    return this.#mapper.fallbacks
  }

  /** What the last decoded message was, as its venue names it. */
  get kind(): string {
    return this.#mapper.kind
  }

  /** Tells of a hole in the frame log itself, in front of the shard's next frame, which becomes the cause of the events about it. */
  missingBytes(detail: string): void {
    this.#missing.push(detail)
  }

  /** @param recvRelNs receive time that counts, and the Unix second of it */
  take(frame: TapeFrame, recvRelNs: number, second: number): Outcome {
    const { context } = this.books
    context.shard = frame.shard
    context.recvRelNs = recvRelNs
    context.second = second
    if (this.#missing.length > 0) this.#tellMissing()
    const outcome = this.#meaning(frame)
    if (outcome === OUTCOME.malformed || outcome === OUTCOME.rejected) this.#malformed(frame, outcome)
    this.books.endFrame()
    return outcome
  }

  #meaning(frame: TapeFrame): Outcome {
    const { payloadBuffer: buf, payloadStart: from, payloadEnd: to } = frame
    if ((frame.flags & FLAG_NOTE) !== 0) return this.#note(buf, from, to)
    this.#teller.received()
    if ((frame.flags & FLAG_REST) !== 0) return this.#rest(frame.shard, buf, from, to)
    this.books.context.rest = false
    if (frame.scanned !== undefined && frame.scanned >= 0) return frame.tell!(this.books)
    return this.#mapper.map(buf, from, to, this.books, undefined)
  }

  #rest(shard: number, buf: Uint8Array, from: number, to: number): Outcome {
    const expected = this.expectedRest.get(shard)
    this.expectedRest.delete(shard)
    if (expected === undefined) return OUTCOME.unknown
    if (expected.world) return this.#teller.world(expected, buf, from, to)
    learnFromRest(this.books, expected.kind, buf, from, to)
    if (expected.kind !== 'book' && expected.kind !== 'depth') return OUTCOME.decoded
    this.books.context.rest = true
    return this.#mapper.map(buf, from, to, this.books, expected.key)
  }

  #note(buf: Uint8Array, from: number, to: number): Outcome {
    const note = parseNote(buf, from, to)
    if (note === undefined) return OUTCOME.unknown
    switch (note.note) {
      case 'tick':
        return OUTCOME.note
      case 'conn_open':
        this.#connected(note)
        return OUTCOME.note
      case 'conn_closed':
        this.#closed(note)
        return OUTCOME.note
      case 'unsubscribed':
        this.books.roster.retire(subscribedKeys(note))
        return OUTCOME.note
      case 'rest':
        if (note.body === true) this.expectedRest.set(this.books.context.shard, expectedRest(note))
        else this.#noBook(note)
        return OUTCOME.note
      case 'manual_window':
        this.#teller.manualWindow(typeof note.reason === 'string' ? note.reason : '')
        return OUTCOME.note
      case 'window_settings':
        this.#teller.windowSettings(note.extend === true)
        return OUTCOME.note
      default:
        return OUTCOME.unknown
    }
  }

  #connected(note: Extract<Note, { note: 'conn_open' }>): void {
    const { shard } = this.books.context
    const keys = subscribedKeys(note)
    this.books.subscribe(keys, shard)
    const detail = `Connection ${shard} opened for ${keys.length} instruments.`
    this.#teller.integrity(undefined, { kind: 'FEED_OPEN', reason: 'none', epoch: 0, detail })
  }

  #closed(note: Extract<Note, { note: 'conn_closed' }>): void {
    const stopped = note.trigger === 'stop' || note.trigger === 'refresh'
    const idle = note.trigger === 'data_idle_timeout'
    const reason = stopped ? 'stopped' : idle ? 'data_idle' : 'disconnected'
    const code = typeof note.code === 'number' ? ` (code ${note.code})` : ''
    const detail = stopped ? 'The connection was closed on purpose.' : `The connection was lost: ${note.trigger ?? 'unknown cause'}${code}.`
    this.#teller.integrity(undefined, { kind: 'FEED_CLOSED', reason, epoch: 0, detail })
    if (note.trigger === 'stop' || note.overlap === true) return
    if (!stopped) this.#teller.gap()
    this.books.feedClosed(this.books.context.shard, idle ? 'data_idle' : 'disconnected')
  }

  /** A full book was asked for and did not come. */
  #noBook(note: Extract<Note, { note: 'rest' }>): void {
    if (note.kind !== 'book' && note.kind !== 'depth') return
    const state = this.books.roster.stateOf(note.key ?? '')
    const status = typeof note.status === 'number' && note.status > 0 ? `status ${note.status}` : 'no answer'
    this.#teller.integrity(state, {
      kind: 'SNAPSHOT_FAILED',
      reason: 'snapshot_failed',
      epoch: state?.epoch ?? 0,
      detail: `The venue gave no full book: ${status}. It is asked again.`
    })
  }

  #malformed(frame: TapeFrame, outcome: Outcome): void {
    this.malformed++
    this.#teller.gap()
    // What it said of the shard's books is not in them. An answer over HTTP says nothing that a book goes on from.
    if ((frame.flags & FLAG_REST) === 0) this.books.doubtfulShards.add(frame.shard)
    const bytes = frame.payloadEnd - frame.payloadStart
    const what = outcome === OUTCOME.malformed ? 'is not JSON' : 'has values that cannot be'
    this.#teller.integrity(undefined, {
      kind: 'MALFORMED_FRAME',
      reason: 'undecodable',
      epoch: 0,
      detail: `A message of ${bytes} bytes ${what}; it is kept and was not applied.`
    })
  }

  #tellMissing(): void {
    for (const detail of this.#missing) {
      this.#teller.integrity(undefined, { kind: 'GAP_DETECTED', reason: 'missing_bytes', epoch: 0, detail })
      this.#teller.gap()
    }
    this.#missing.length = 0
    this.books.feedClosed(this.books.context.shard, 'missing_bytes')
  }
}
