import { FRAME_KIND, type CaptureState, type FeedState, type Phase, type SessionState } from '../../../shared/api/index.ts'
import { bundlePaths, FrameBatchCursor, FrameRangeReader } from '../bundle/index.ts'
import { healthRecord, type HistoryPass, inputsAt, ScreenFeed, writeJumps, type ReplaySource } from '../replay/index.ts'
import { describeInstruments, Tape, type BookState, type Venue } from '../tape/index.ts'
import type { TapeReport } from '../threads/captureMessages.ts'
import type { ReplayRequestCommand, SessionEvent } from '../threads/messages.ts'
import { captureState } from './captureState.ts'
import { growingSource, historyOf, type LiveFacts } from './growingSource.ts'
import { JoinCheck } from './joinCheck.ts'
import { LiveHealth } from './liveHealth.ts'
import { LiveIndex } from './liveIndex.ts'
import { LookBack } from './lookBack.ts'
import { TapeReporter } from './tapeReporter.ts'

const STATE_EVERY_NS = 1e8
const INSTRUMENTS_EVERY_NS = 3e9
/** Frames after which the busiest instrument is put on the screen when nobody chose one. */
const FIRST_LOOK_FRAMES = 50
/** What waits for a screen at most; beyond that it is dropped and the screen is filled anew when it listens again. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** One shard's share of a flush of the capture thread: whole records, as appended to the shard's `.frames` file. */
export interface FramesPart {
  readonly shard: number
  readonly firstIdx: number
  readonly fileOffset: number
  readonly byteLength: number
  /** Left out when the tape was behind: the bytes are in the file. */
  readonly bytes?: Uint8Array | undefined
}

export interface LiveHost {
  /** Monotonic time in ns, as a number. */
  nowNs(): number
  post(event: SessionEvent): void
  /** Asks the capture thread for a full book. */
  requestSnapshot(shard: number, venue: Venue, key: string): void
  /** Takes the tape's records, bytes [0, length), valid during the call only. */
  records?(bytes: Uint8Array, length: number): void
  /** Takes a heartbeat as a `health` record. */
  health?(record: Uint8Array): void
}

/** The live tape: frames of the running capture become books and channels, and go to the screen. Never holds the capture up. */
export class LiveSession {
  readonly tape: Tape
  readonly #host: LiveHost
  readonly #facts: LiveFacts
  readonly #feed: ScreenFeed
  readonly #index: LiveIndex
  readonly #source: ReplaySource
  readonly #health = new LiveHealth()
  readonly #reporter: TapeReporter
  readonly #cursors: FrameBatchCursor[] = []
  readonly #range: FrameRangeReader
  readonly #feeds = new Map<number, FeedState>()
  #history: HistoryPass | undefined
  /** The screen shows the past; what comes meanwhile goes to the tape and the index only. */
  #back: LookBack | undefined
  #join: JoinCheck | undefined
  #phase: Phase = 'recording'
  #capture: CaptureState | undefined
  #heartbeats = 0
  #behind = false
  #stateAtNs = -Infinity
  #instrumentsAtNs = -Infinity
  #marksVersion = 0
  #digest: string | undefined

  constructor(facts: LiveFacts, host: LiveHost) {
    this.#facts = facts
    this.#host = host
    this.#range = new FrameRangeReader(bundlePaths(facts.runDir).captureDir)
    this.#feed = new ScreenFeed((frame) => host.post({ kind: 'frame', frame }))
    this.#feed.viewEpoch = 1
    this.tape = new Tape({
      runId: facts.runId,
      venue: facts.venue,
      originTsNs: facts.t0WallNs,
      request: (state: BookState) => host.requestSnapshot(state.shard, state.venue, state.tokenId),
      onRecords: (bytes, length) => {
        host.records?.(bytes, length)
        this.#index.addEvents(bytes, length)
        if (this.#back === undefined) this.#feed.onRecords(bytes, length)
      },
      onView: (bytes, length) => {
        this.#index.timeline.addView(bytes, length)
        if (this.#back === undefined) this.#feed.onView(bytes, length)
      }
    })
    this.#index = new LiveIndex(this.tape, () => this.#source.run)
    this.#source = growingSource(facts, this.tape, this.#index, () => this.#health.reader())
    this.#reporter = new TapeReporter(this.tape)
  }

  /**
   * Takes one flush of the capture thread: its parts are merged by receive time, and everything in it is later than the flush before.
   * @param writtenRelNs when its write ended, ns since the run's start
   */
  frames(parts: readonly FramesPart[], writtenRelNs: number): void {
    // The history begins with the first frame, however much the first flush brings.
    if (this.tape.frames === 0) this.#index.mark()
    const begunRelNs = this.#nowRelNs()
    const framesBefore = this.tape.frames
    const cursors = parts.map((part, i) => this.#cursor(part, i))
    const heads = cursors.filter((cursor) => cursor.next())
    let oldestRelNs = Infinity
    while (heads.length > 0) {
      let best = heads[0]!
      for (const head of heads)
        if (head.monoRelNs < best.monoRelNs || (head.monoRelNs === best.monoRelNs && head.shard < best.shard)) best = head
      if (best.monoRelNs < oldestRelNs) oldestRelNs = best.monoRelNs
      this.tape.push(best)
      this.#reporter.pushed(best.shard, best.flags)
      if (!best.next()) heads.splice(heads.indexOf(best), 1)
    }
    parts.forEach((part, i) => this.#index.reached(part.shard, { idx: cursors[i]!.idx + 1, offset: part.fileOffset + part.byteLength }))
    const records = this.tape.frames - framesBefore
    const newestRelNs = this.tape.recvRelNs
    this.#reporter.flushed({ records, oldestRelNs, newestRelNs, writtenRelNs, begunRelNs, endedRelNs: this.#nowRelNs() })
    this.#index.mark()
  }

  /** @returns what the plant should know, when it is time to tell it */
  dueReport(): TapeReport | undefined {
    return this.#reporter.due(this.#nowRelNs())
  }

  /** @param text the heartbeat as written to metrics/global.ndjson */
  heartbeat(text: string, monoNs: bigint): void {
    const relNs = Number(monoNs - this.#facts.t0MonoNs)
    this.#capture = captureState(text) ?? this.#capture
    const record = healthRecord(text, this.#heartbeats++, relNs)
    this.#health.add(relNs, record)
    this.#host.health?.(record)
    if (!this.#behind && this.#back === undefined) this.#feed.append(this.#health.takeUnsent())
  }

  shardState(state: FeedState): void {
    this.#feeds.set(state.shard, state)
    this.#stateAtNs = -Infinity
  }

  /** Nothing more will come. @returns the run's fingerprint and counts, for `studio.json` */
  ended(): { sha256: string; counts: Partial<Record<string, number>> } {
    const summary = this.tape.summary()
    this.#digest = summary.sha256
    writeJumps(this.#facts.runDir, this.#index.jumps, summary.sha256)
    this.#phase = 'stopping'
    this.#leavePast()
    this.#report(this.#host.nowNs(), true)
    return summary
  }

  select(instrumentId: number): boolean {
    if (this.tape.books.instruments.get(instrumentId) === undefined) return false
    if (this.#back !== undefined) {
      this.#watch(instrumentId)
      this.#back.command({ kind: 'select', requestId: 0, instrumentId })
      return true
    }
    // What was played belongs to the timeline too, which no choice of an instrument sends again: it goes out now, or all comes anew later.
    this.tape.drain()
    if (this.#feed.hasCredit) this.#feed.flush(this.tape, this.#host.nowNs())
    else if (this.#feed.waitingBytes > 0) this.#behind = true
    this.#watch(instrumentId)
    this.#feed.reset()
    this.#startHistory()
    return true
  }

  grant(bytes: number): void {
    if (this.#back === undefined) this.#feed.grant(bytes)
    else this.#back.grant(bytes)
  }

  /** Looks back at the run while it is recorded: the first command that asks for the past leaves the head. Answered with `done` or `failed`. */
  lookBack(command: ReplayRequestCommand): void {
    const { kind, requestId } = command
    if (this.#back === undefined) {
      const relNs = this.tape.recvRelNs
      // At the head there is nothing to play, and what is known there can be said without leaving it.
      if (kind === 'inputs') return this.#done(requestId, inputsAt(this.#index, this.#source.run, relNs))
      if (kind === 'fingerprint')
        return this.#done(requestId, { relNs, sha256: this.tape.summary().sha256, events: this.tape.fingerprint.events })
      if (kind === 'play' || kind === 'speed' || kind === 'skipIdle') return this.#done(requestId)
      this.#back = this.#startLookingBack()
    }
    // Nobody asked for the head but the play itself, which something else follows now.
    if (this.#join?.requestIds.length === 0) this.#endJoin()
    this.#back.command(command)
  }

  /** Goes back to the head when it is proved that the log gives what was delivered. Answered with a JoinProof. */
  rejoin(requestId?: number): void {
    this.#join ??= new JoinCheck(this.#source, this.tape)
    if (requestId !== undefined) this.#join.requestIds.push(requestId)
  }

  /** A screen came or fell behind: everything is sent again under the next epoch. */
  refresh(): void {
    if (this.#back !== undefined) return this.#back.refresh()
    this.#behind = false
    this.#feed.reset()
    this.#feed.append(this.#health.takeUnsent())
    this.#index.timeline.again()
    this.#feed.send(FRAME_KIND.backfill, this.#index.timeline.takeFresh())
    this.#instrumentsAtNs = -Infinity
    this.#marksVersion = -1
    this.#startHistory()
  }

  /** Sends what is due. @returns ms until it wants to be called again */
  tick(): number {
    const now = this.#host.nowNs()
    if (this.#join !== undefined) this.#joinSlice(this.#join)
    if (this.#back !== undefined) return this.#tickBack(this.#back)
    if (this.#feed.watchedId === 0 && this.tape.frames > FIRST_LOOK_FRAMES) this.#chooseBusiest()
    if (this.#behind && this.#feed.hasCredit) this.refresh()
    if (this.#feed.hasCredit) {
      this.#historySlice()
      this.#feed.flush(this.tape, now)
    } else {
      this.tape.drain()
      if (this.#feed.waitingBytes > MAX_WAITING_BYTES) {
        this.#feed.reset()
        this.#behind = true
      }
    }
    this.#report(now, false)
    return this.#history === undefined ? 16 : 1
  }

  dispose(): void {
    this.#endJoin()
    this.#leavePast()
    this.#history?.close()
    this.#history = undefined
    this.#range.close()
    this.#index.close()
  }

  get state(): SessionState {
    if (this.#back !== undefined) return this.#withRecording(this.#back.state)
    const { runId, name, runDir, venue, synthetic, t0WallNs } = this.#facts
    return {
      mode: 'live',
      phase: this.#phase,
      viewEpoch: this.#feed.viewEpoch,
      runId,
      name,
      venue,
      synthetic,
      path: runDir,
      originTsNs: String(t0WallNs),
      startRelNs: 0,
      endRelNs: this.tape.recvRelNs,
      playheadRelNs: this.tape.recvRelNs,
      speed: 1,
      skipIdle: false,
      instrumentId: this.#feed.watchedId,
      indexed: 1,
      feeds: [...this.#feeds.values()],
      ...(this.#capture === undefined ? {} : { capture: this.#capture }),
      counts: this.tape.counts(),
      ...(this.#digest === undefined ? {} : { fingerprint: this.#digest })
    }
  }

  #nowRelNs(): number {
    return this.#host.nowNs() - Number(this.#facts.t0MonoNs)
  }

  #cursor(part: FramesPart, i: number): FrameBatchCursor {
    const { t0MonoNs, t0WallNs } = this.#facts
    const cursor = (this.#cursors[i] ??= new FrameBatchCursor({ shard: part.shard, t0MonoNs, t0WallNs, checkCrc: false }))
    const bytes = part.bytes ?? Uint8Array.from(this.#range.read(part.shard, part.fileOffset, part.byteLength))
    cursor.reset(bytes, part.shard, part.firstIdx, part.fileOffset)
    return cursor
  }

  #chooseBusiest(): void {
    const known = this.tape.books.instruments.all.filter((state) => state.known)
    const busiest = known.reduce<BookState | undefined>(
      (best, state) => (best === undefined || state.frames > best.frames ? state : best),
      undefined
    )
    if (busiest !== undefined) this.select(busiest.id)
  }

  #watch(instrumentId: number): void {
    this.#feed.watchedId = instrumentId
    this.tape.seconds.watchedId = instrumentId
  }

  #startHistory(): void {
    this.#history?.close()
    this.#history = undefined
    if (this.#feed.watchedId > 0) {
      this.#history = historyOf(this.#facts, this.#source.run, this.#index, this.#feed.watchedId)
    }
    this.#feed.flush(this.tape, this.#host.nowNs(), true)
    this.#report(this.#host.nowNs(), true)
  }

  #startLookingBack(): LookBack {
    this.#history?.close()
    this.#history = undefined
    this.tape.drain()
    this.#feed.reset()
    return new LookBack({
      source: this.#source,
      nowNs: () => this.#host.nowNs(),
      post: (event) => this.#postBack(event),
      viewEpoch: this.#feed.viewEpoch,
      creditBytes: this.#feed.creditBytes,
      instrumentId: this.#feed.watchedId
    })
  }

  #tickBack(back: LookBack): number {
    this.tape.drain()
    const afterMs = back.tick()
    if (back.reachedHead) this.rejoin()
    this.#reportInstruments(this.#host.nowNs())
    return this.#join === undefined ? Math.min(afterMs, 16) : 0
  }

  /** What is said of the past says how far it is behind, and what the recording does meanwhile. */
  #postBack(event: SessionEvent): void {
    if (event.kind === 'closed' || event.kind === 'instruments') return
    this.#host.post('state' in event ? { ...event, state: this.#withRecording(event.state) } : event)
  }

  #withRecording(state: SessionState): SessionState {
    const headRelNs = this.tape.recvRelNs
    return {
      ...state,
      feeds: [...this.#feeds.values()],
      ...(this.#capture === undefined ? {} : { capture: this.#capture }),
      dvr: { headRelNs, behindNs: Math.max(0, headRelNs - state.playheadRelNs) }
    }
  }

  #joinSlice(join: JoinCheck): void {
    const proof = join.step()
    if (proof === undefined) return
    this.#endJoin()
    if (this.#leavePast()) this.refresh()
    this.#host.post({ kind: 'joined', proof })
    for (const requestId of join.requestIds) this.#done(requestId, proof)
  }

  #endJoin(): void {
    this.#join?.close()
    this.#join = undefined
  }

  /** @returns whether the past was shown */
  #leavePast(): boolean {
    const back = this.#back
    if (back === undefined) return false
    this.#back = undefined
    this.#feed.viewEpoch = back.viewEpoch
    this.#feed.creditBytes = back.creditBytes
    back.close()
    return true
  }

  #done(requestId: number, value?: unknown): void {
    this.#host.post({ kind: 'done', requestId, state: this.state, ...(value !== undefined && { value }) })
  }

  #historySlice(): void {
    const history = this.#history
    if (history === undefined) return
    this.#feed.send(FRAME_KIND.backfill, history.step())
    if (!history.done) return
    history.close()
    this.#history = undefined
  }

  #report(now: number, force: boolean): void {
    this.#reportInstruments(now)
    if (!force && now - this.#stateAtNs < STATE_EVERY_NS) return
    this.#stateAtNs = now
    this.#host.post({ kind: 'state', state: this.state })
  }

  #reportInstruments(now: number): void {
    if (now - this.#instrumentsAtNs <= INSTRUMENTS_EVERY_NS) return
    this.#instrumentsAtNs = now
    this.#host.post({ kind: 'instruments', instruments: describeInstruments(this.tape) })
    if (this.#index.jumps.version === this.#marksVersion) return
    this.#marksVersion = this.#index.jumps.version
    this.#host.post({ kind: 'marks', marks: this.#index.jumps.marks() })
  }
}
