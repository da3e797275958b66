import { join } from 'node:path'
import { FRAME_KIND, type CaptureState, type FeedState, type Phase, type SessionState } from '../../../shared/api/index.ts'
import { bundlePaths, FrameBatchCursor, FrameRangeReader, FrameReader, framesFileName } from '../bundle/index.ts'
import { healthRecord, HistoryPass, RunTimeline, ScreenFeed, type RunFacts } from '../replay/index.ts'
import { describeInstruments, Tape, type BookState, type Venue } from '../tape/index.ts'
import type { TapeReport } from '../threads/captureMessages.ts'
import type { SessionEvent } from '../threads/messages.ts'
import { LiveMarks } from './liveMarks.ts'
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

export interface LiveFacts {
  readonly runDir: string
  readonly runId: string
  readonly name: string
  readonly venue: Venue
  readonly synthetic: boolean
  readonly t0WallNs: bigint
  readonly t0MonoNs: bigint
}

export interface LiveHost {
  /** Monotonic time in ns, as a number. */
  nowNs(): number
  post(event: SessionEvent): void
  /** Asks the capture thread for a full book. */
  requestSnapshot(shard: number, venue: Venue, key: string): void
}

/** The live tape: frames of the running capture become books and channels, and go to the screen. Never holds the capture up. */
export class LiveSession {
  readonly tape: Tape
  readonly #host: LiveHost
  readonly #facts: LiveFacts
  readonly #feed: ScreenFeed
  readonly #marks = new LiveMarks()
  readonly #reporter: TapeReporter
  readonly #timeline = new RunTimeline()
  readonly #cursors: FrameBatchCursor[] = []
  readonly #range: FrameRangeReader
  readonly #feeds = new Map<number, FeedState>()
  #history: HistoryPass | undefined
  #phase: Phase = 'recording'
  #capture: CaptureState | undefined
  #heartbeats = 0
  #behind = false
  #stateAtNs = -Infinity
  #instrumentsAtNs = -Infinity
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
        this.#timeline.addEvents(bytes, length)
        this.#feed.onRecords(bytes, length)
      },
      onView: (bytes, length) => {
        this.#timeline.addView(bytes, length)
        this.#feed.onView(bytes, length)
      }
    })
    this.#reporter = new TapeReporter(this.tape)
  }

  /**
   * Takes one flush of the capture thread: its parts are merged by receive time, and everything in it is later than the flush before.
   * @param writtenRelNs when its write ended, ns since the run's start
   */
  frames(parts: readonly FramesPart[], writtenRelNs: number): void {
    // The history begins with the first frame, however much the first flush brings.
    if (this.tape.frames === 0) this.#marks.mark(this.tape)
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
      const { malformed } = this.tape
      this.tape.push(best)
      if (this.tape.malformed !== malformed) this.#reporter.malformed(best.shard)
      if (!best.next()) heads.splice(heads.indexOf(best), 1)
    }
    parts.forEach((part, i) => this.#marks.reached(part.shard, { idx: cursors[i]!.idx + 1, offset: part.fileOffset + part.byteLength }))
    const records = this.tape.frames - framesBefore
    const newestRelNs = this.tape.recvRelNs
    this.#reporter.flushed({ records, oldestRelNs, newestRelNs, writtenRelNs, begunRelNs, endedRelNs: this.#nowRelNs() })
    this.#marks.mark(this.tape)
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
    if (!this.#behind) this.#feed.append(record)
  }

  shardState(state: FeedState): void {
    this.#feeds.set(state.shard, state)
    this.#stateAtNs = -Infinity
  }

  /** Nothing more will come. @returns the run's fingerprint and counts, for `studio.json` */
  ended(): { sha256: string; counts: Partial<Record<string, number>> } {
    const summary = this.tape.summary()
    this.#digest = summary.sha256
    this.#phase = 'stopping'
    this.#report(this.#host.nowNs(), true)
    return summary
  }

  select(instrumentId: number): boolean {
    if (this.tape.books.instruments.get(instrumentId) === undefined) return false
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
    this.#feed.grant(bytes)
  }

  /** A screen came or fell behind: everything is sent again under the next epoch. */
  refresh(): void {
    this.#behind = false
    this.#feed.reset()
    this.#timeline.again()
    this.#feed.send(FRAME_KIND.backfill, this.#timeline.takeFresh())
    this.#instrumentsAtNs = -Infinity
    this.#startHistory()
  }

  /** Sends what is due. @returns ms until it wants to be called again */
  tick(): number {
    const now = this.#host.nowNs()
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
    this.#history?.close()
    this.#history = undefined
    this.#range.close()
  }

  get state(): SessionState {
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

  #path(shard: number): string {
    return join(bundlePaths(this.#facts.runDir).captureDir, framesFileName(shard))
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
      const run = this.#run()
      this.#history = new HistoryPass(run, this.#feed.watchedId, this.tape.recvRelNs, (target, relNs) =>
        this.#marks.startBefore(target, relNs, this.tape, run)
      )
    }
    this.#feed.flush(this.tape, this.#host.nowNs(), true)
    this.#report(this.#host.nowNs(), true)
  }

  /** The run so far, read from its own log. */
  #run(): RunFacts {
    const { runId, venue, t0WallNs, t0MonoNs } = this.#facts
    const ends = this.#marks.ends()
    return {
      runId,
      venue,
      originTsNs: t0WallNs,
      shards: [...ends.keys()],
      open: (shard, position) =>
        new FrameReader({
          path: this.#path(shard),
          shard,
          t0MonoNs,
          t0WallNs,
          checkCrc: false,
          startOffset: position?.offset ?? 0,
          startIdx: position?.idx ?? 0,
          endOffset: ends.get(shard)?.offset ?? 0
        })
    }
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
    if (now - this.#instrumentsAtNs > INSTRUMENTS_EVERY_NS) {
      this.#instrumentsAtNs = now
      this.#host.post({ kind: 'instruments', instruments: describeInstruments(this.tape) })
    }
    if (!force && now - this.#stateAtNs < STATE_EVERY_NS) return
    this.#stateAtNs = now
    this.#host.post({ kind: 'state', state: this.state })
  }
}

/** The counters of a heartbeat that the screen shows. */
function captureState(text: string): CaptureState | undefined {
  try {
    const hb = JSON.parse(text) as Record<string, unknown>
    const number = (key: string): number => (typeof hb[key] === 'number' ? hb[key] : 0)
    return {
      frames: number('frames'),
      bytes: number('bytes_written'),
      syncedBytes: Object.values((hb['synced_bytes'] ?? {}) as Record<string, number>).reduce((sum, n) => sum + n, 0),
      framesPerSecond: number('msgs_per_sec'),
      reconnects: number('reconnects_total') || number('reconnects')
    }
  } catch {
    return undefined
  }
}
