import { CHANNELS, type ChannelName } from '../../../shared/channels/index.ts'
import { OUTCOME, type Outcome } from '../feeds/index.ts'
import type { Books } from './books.ts'
import type { Venue } from './bookState.ts'
import { emitFrameRaw, emitIntegrity } from './emit.ts'
import { Fingerprint } from './fingerprint.ts'
import { FrameBooks } from './frameBooks.ts'
import { RecordTeller } from './recordTeller.ts'
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
  readonly frameBooks: FrameBooks
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
  /** What became of the last frame. */
  outcome: Outcome = OUTCOME.note
  /** Wall clock minus monotonic clock when it was last looked at anew, ns; NaN before the first frame. */
  clockOffsetNs = NaN

  constructor(options: TapeOptions) {
    this.options = options
    this.frameBooks = new FrameBooks(options.venue, new RecordTeller(this.writer, this), options.request)
    this.books = this.frameBooks.books
    this.fingerprint = new Fingerprint(options.runId, options.originTsNs)
    this.windows = new EventWindows(this.writer)
    this.signals = new BookSignals(this.windows)
    this.world = new WorldTape(options.runId, options.originTsNs, this.writer, this.windows, () => this.#wallStepNs)
    this.seconds = new SecondRoller(options.originTsNs, this.writer, this.books, this)
  }

  /** Frames that the fast scanner could not take. */
  get fallbacks(): number {
    return this.frameBooks.fallbacks
  }

  get malformed(): number {
    return this.frameBooks.malformed
  }

  /** What the last decoded message was, as its venue names it. */
  get kind(): string {
    return this.frameBooks.kind
  }

  /** Takes the frame on which the cursor stands. */
  push(frame: TapeFrame): void {
    const { writer, seconds } = this
    if (frame.monoRelNs > this.recvRelNs || this.frames === 0) this.recvRelNs = frame.monoRelNs
    this.frames++
    writer.cause(frame.shard, frame.idx, this.recvRelNs)
    seconds.advance(this.recvRelNs, frame.shard, frame.idx)
    const stepNs = this.#watchClock(frame)
    const outcome = (this.outcome = this.frameBooks.take(frame, this.recvRelNs, seconds.second))
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
    this.frameBooks.missingBytes(detail)
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
