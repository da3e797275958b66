import { CHANNELS, type ChannelName } from '../../../shared/channels/index.ts'
import { FLAG_NOTE, FLAG_REST } from '../bundle/index.ts'
import { BinanceMapper, OUTCOME, PolymarketMapper, type FeedMapper, type Outcome } from '../feeds/index.ts'
import { Books } from './books.ts'
import type { Venue } from './bookState.ts'
import { emitFrameRaw, emitIntegrity } from './emit.ts'
import { Fingerprint } from './fingerprint.ts'
import { expectedRest, learnFromRest, parseNote, subscribedKeys, type ExpectedRest, type Note } from './notes.ts'
import { RecordWriter } from './recordWriter.ts'
import type { SnapshotRequest } from './resync.ts'
import { SecondRoller } from './secondRoller.ts'
import type { TapeFrame } from './tapeFrame.ts'
import { BookSignals } from './windows/bookSignals.ts'
import { EventWindows } from './windows/eventWindows.ts'
import { WorldTape } from './world/worldTape.ts'

const DRAIN_BYTES = 256 * 1024
const CLOCK_STEP_NS = 500_000_000

export interface TapeOptions {
  readonly runId: string
  readonly venue: Venue
  /** Nanoseconds since the Unix epoch of relNs 0: manifest `t0_wall_ns_utc`. */
  readonly originTsNs: bigint
  /** Asks the plant for a full book; left out in replay. */
  readonly request?: SnapshotRequest
  /** Takes finished records, in order: bytes [0, length) are valid during the call only. */
  readonly onRecords?: (bytes: Uint8Array, length: number) => void
  /** Takes records of the screen's channels (scope `view`) in the same way. */
  readonly onView?: (bytes: Uint8Array, length: number) => void
  /** Leave the fingerprint out, for a pass that only needs state. */
  readonly withoutFingerprint?: boolean
}

/**
 * The one pipeline of live and replay: frames to events to books to channels.
 * Its only inputs are frames in the order (rx_mono_ns, shard, index); time inside is the frames' receive time and nothing else.
 */
export class Tape {
  readonly books: Books
  readonly writer = new RecordWriter()
  readonly fingerprint: Fingerprint
  readonly seconds: SecondRoller
  readonly windows: EventWindows
  readonly signals: BookSignals
  readonly world: WorldTape
  readonly options: TapeOptions
  /** Receive time of the last frame, ns since the origin. */
  recvRelNs = 0
  frames = 0
  malformed = 0
  /** What became of the last frame. */
  outcome: Outcome = OUTCOME.note
  /** REST answer that is announced for the next frame of a shard. */
  readonly expectedRest = new Map<number, ExpectedRest>()
  /** Wall clock minus monotonic clock when it was last looked at anew, ns; NaN before the first frame. */
  clockOffsetNs = NaN
  readonly #mapper: FeedMapper
  readonly #missing: string[] = []

  constructor(options: TapeOptions) {
    this.options = options
    this.books = new Books(options.venue, this.writer, options.request ?? (() => undefined))
    this.fingerprint = new Fingerprint(options.runId, options.originTsNs)
    this.windows = new EventWindows(this.writer)
    this.signals = new BookSignals(this.windows)
    this.world = new WorldTape(options.runId, options.originTsNs, this.writer, this.windows, () => this.#wallStepNs)
    this.seconds = new SecondRoller(options.originTsNs, this.writer, this.books, this)
    this.books.context.onGap = () => this.seconds.countGap()
    this.#mapper = options.venue === 'binance' ? new BinanceMapper() : new PolymarketMapper()
  }

  /** Frames that the fast scanner could not take. */
  get fallbacks(): number {
    return this.#mapper.fallbacks
  }

  /** What the last decoded message was, as its venue names it. */
  get kind(): string {
    return this.#mapper.kind
  }

  /** Takes the frame on which the cursor stands. */
  push(frame: TapeFrame): void {
    const { books, writer } = this
    const { context } = books
    if (frame.monoRelNs > this.recvRelNs || this.frames === 0) this.recvRelNs = frame.monoRelNs
    this.frames++
    writer.cause(frame.shard, frame.idx, this.recvRelNs)
    this.seconds.advance(this.recvRelNs, frame.shard, frame.idx)
    context.shard = frame.shard
    context.recvRelNs = this.recvRelNs
    context.second = this.seconds.second
    if (this.#missing.length > 0) this.#tellMissing()
    const stepNs = this.#watchClock(frame)
    const outcome = (this.outcome = this.#take(frame))
    if (outcome === OUTCOME.malformed || outcome === OUTCOME.rejected) this.#malformed(frame, outcome)
    books.endFrame()
    if (stepNs !== undefined) this.#tellClockStep(stepNs)
    emitFrameRaw(writer, {
      rxWallRelNs: frame.wallRelNs,
      flags: frame.flags,
      payloadBytes: frame.payloadEnd - frame.payloadStart,
      payloadCrc32: frame.crc,
      outcome
    })
    if (writer.length >= DRAIN_BYTES) this.drain()
  }

  /** Tells of a hole in the frame log itself, in front of the shard's next frame, which becomes the cause of the events about it. */
  missingBytes(detail: string): void {
    this.#missing.push(detail)
  }

  /** Tells the book of an instrument as it is now, for the ladder on screen; nothing for one that is not known. */
  showLadder(instrumentId: number): void {
    const state = this.books.instruments.get(instrumentId)
    if (state !== undefined) this.seconds.writeLadder(state, this.recvRelNs)
  }

  /** Hands out what was written since the last call. */
  drain(): void {
    const { writer, seconds } = this
    if (writer.length > 0) {
      if (this.options.withoutFingerprint !== true) this.fingerprint.update(writer.bytes, writer.length)
      this.options.onRecords?.(writer.bytes, writer.length)
      writer.reset()
    }
    if (seconds.view.length > 0) {
      this.options.onView?.(seconds.view.bytes, seconds.view.length)
      seconds.view.reset()
    }
  }

  /** SHA-256 of all events so far, in hex, and how many there were by channel. */
  summary(): { sha256: string; counts: Partial<Record<ChannelName, number>> } {
    this.drain()
    return { sha256: this.fingerprint.digest(), counts: this.counts() }
  }

  /** Events handed out so far, by channel of the tape. */
  counts(): Partial<Record<ChannelName, number>> {
    const counts: Partial<Record<ChannelName, number>> = {}
    for (const channel of CHANNELS) {
      if (channel.scope === 'tape') counts[channel.name] = this.fingerprint.counts[channel.wireId] ?? 0
    }
    return counts
  }

  #take(frame: TapeFrame): Outcome {
    const { payloadBuffer: buf, payloadStart: from, payloadEnd: to } = frame
    if ((frame.flags & FLAG_NOTE) !== 0) return this.#note(buf, from, to)
    this.seconds.countFrame()
    if ((frame.flags & FLAG_REST) !== 0) return this.#rest(frame.shard, buf, from, to)
    this.books.context.rest = false
    if (frame.scanned !== undefined && frame.scanned >= 0) return frame.tell!(this.books)
    return this.#mapper.map(buf, from, to, this.books, undefined)
  }

  #rest(shard: number, buf: Uint8Array, from: number, to: number): Outcome {
    const expected = this.expectedRest.get(shard)
    this.expectedRest.delete(shard)
    if (expected === undefined) return OUTCOME.unknown
    if (expected.world) return this.world.take(expected, buf, from, to)
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
        if (note.body === true) this.expectedRest.set(this.writer.shard, expectedRest(note))
        else this.#noBook(note)
        return OUTCOME.note
      case 'manual_window':
        this.windows.start('MANUAL', { instrumentId: 0, key: '' }, typeof note.reason === 'string' ? note.reason : '')
        return OUTCOME.note
      case 'window_settings':
        this.windows.extend = note.extend === true
        return OUTCOME.note
      default:
        return OUTCOME.unknown
    }
  }

  #connected(note: Extract<Note, { note: 'conn_open' }>): void {
    const keys = subscribedKeys(note)
    this.books.roster.subscribe(keys, this.writer.shard)
    if (keys.length > 0) this.books.subscribedShards.add(this.writer.shard)
    this.books.lostShards.delete(this.writer.shard)
    const detail = `Connection ${this.writer.shard} opened for ${keys.length} instruments.`
    emitIntegrity(this.writer, 0, { kind: 'FEED_OPEN', reason: 'none', epoch: 0, detail })
  }

  #closed(note: Extract<Note, { note: 'conn_closed' }>): void {
    const stopped = note.trigger === 'stop' || note.trigger === 'refresh'
    const idle = note.trigger === 'data_idle_timeout'
    const reason = stopped ? 'stopped' : idle ? 'data_idle' : 'disconnected'
    const code = typeof note.code === 'number' ? ` (code ${note.code})` : ''
    const detail = stopped ? 'The connection was closed on purpose.' : `The connection was lost: ${note.trigger ?? 'unknown cause'}${code}.`
    emitIntegrity(this.writer, 0, { kind: 'FEED_CLOSED', reason, epoch: 0, detail })
    if (note.trigger === 'stop' || note.overlap === true) return
    if (!stopped) this.seconds.countGap()
    this.books.feedClosed(this.writer.shard, idle ? 'data_idle' : 'disconnected')
  }

  /** A full book was asked for and did not come. */
  #noBook(note: Extract<Note, { note: 'rest' }>): void {
    if (note.kind !== 'book' && note.kind !== 'depth') return
    const state = this.books.roster.stateOf(note.key ?? '')
    const status = typeof note.status === 'number' && note.status > 0 ? `status ${note.status}` : 'no answer'
    emitIntegrity(this.writer, state?.id ?? 0, {
      kind: 'SNAPSHOT_FAILED',
      reason: 'snapshot_failed',
      epoch: state?.epoch ?? 0,
      detail: `The venue gave no full book: ${status}. It is asked again.`
    })
  }

  #malformed(frame: TapeFrame, outcome: Outcome): void {
    this.malformed++
    this.seconds.countGap()
    // What it said of the shard's books is not in them. An answer over HTTP says nothing that a book goes on from.
    if ((frame.flags & FLAG_REST) === 0) this.books.doubtfulShards.add(frame.shard)
    const bytes = frame.payloadEnd - frame.payloadStart
    const what = outcome === OUTCOME.malformed ? 'is not JSON' : 'has values that cannot be'
    emitIntegrity(this.writer, 0, {
      kind: 'MALFORMED_FRAME',
      reason: 'undecodable',
      epoch: 0,
      detail: `A message of ${bytes} bytes ${what}; it is kept and was not applied.`
    })
  }

  #tellMissing(): void {
    for (const detail of this.#missing) {
      emitIntegrity(this.writer, 0, { kind: 'GAP_DETECTED', reason: 'missing_bytes', epoch: 0, detail })
      this.seconds.countGap()
    }
    this.#missing.length = 0
    this.books.feedClosed(this.writer.shard, 'missing_bytes')
  }

  /** By how much the wall clock has left the monotonic one for good: a clock that was set, a host that slept. Small differences are noise. */
  get #wallStepNs(): number {
    return Math.abs(this.clockOffsetNs) > CLOCK_STEP_NS ? this.clockOffsetNs : 0
  }

  /** @returns by how much the host's wall clock was set since the last frame, when it was */
  #watchClock(frame: TapeFrame): number | undefined {
    const offset = frame.wallRelNs - frame.monoRelNs
    const stepNs = offset - this.clockOffsetNs
    if (Math.abs(stepNs) <= CLOCK_STEP_NS) return undefined
    this.clockOffsetNs = offset
    return stepNs === stepNs ? stepNs : undefined
  }

  /** Times of the market stay on the monotonic clock, but say so; the weather goes by the wall clock. */
  #tellClockStep(durationNs: number): void {
    emitIntegrity(this.writer, 0, {
      kind: 'CLOCK_STEP',
      reason: 'wall_clock',
      epoch: 0,
      durationNs,
      detail: 'The clock of the recording machine was set while recording.'
    })
  }
}
