import { FRAME_KIND, type Phase, type SessionState } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { openBundle, type OpenBundle } from '../bundle/index.ts'
import { describeInstruments } from '../tape/index.ts'
import type { ReplayCommand, SessionEvent } from '../threads/messages.ts'
import { HealthReader } from './healthReader.ts'
import { HistoryPass } from './historyPass.ts'
import { IndexPass } from './indexPass.ts'
import { ReplayClock } from './replayClock.ts'
import { runOfBundle, TapeRun, type RunFacts } from './runTape.ts'
import { ScreenFeed } from './screenFeed.ts'

const SLICE_NS = 8e6
const SLICE_FRAMES = 512
const STATE_EVERY_NS = 1e8
const INSTRUMENTS_EVERY_NS = 2e9
/** Frames that the index pass reads before the first picture is shown. */
const FIRST_LOOK_FRAMES = 20_000

export interface ReplayHost {
  /** Monotonic time in ns, as a number. */
  nowNs(): number
  post(event: SessionEvent): void
}

type Deed = Exclude<ReplayCommand, { kind: 'credit' | 'refresh' | 'close' | 'open' }>

/** Replay of one bundle on the replay clock. Runs in the replay thread; a test drives `tick` with its own time. */
export class ReplaySession {
  readonly #host: ReplayHost
  readonly #bundle: OpenBundle
  readonly #run: RunFacts
  readonly #feed: ScreenFeed
  readonly #clock: ReplayClock
  readonly #index: IndexPass
  readonly #health: HealthReader
  readonly #start: number
  readonly #end: number
  #play: TapeRun
  #history: HistoryPass | undefined
  #phase: Phase = 'loading'
  #playheadRelNs: number
  #skipIdle = false
  #wanted: { relNs: number; after: 'play' | 'pause' } | undefined
  /** Steps of one event to take when the wanted place is reached. */
  #stepsAfter = 0
  #waiting: { requestId: number; kind: string }[] = []
  #stateAtNs = -Infinity
  #instrumentsAtNs = -Infinity
  #finalDigest: string | undefined
  #closed = false

  static async open(path: string, host: ReplayHost): Promise<ReplaySession> {
    const bundle = await openBundle(path)
    return new ReplaySession(bundle, host)
  }

  constructor(bundle: OpenBundle, host: ReplayHost) {
    this.#host = host
    this.#bundle = bundle
    this.#run = runOfBundle(bundle)
    const firsts = bundle.shards.flatMap((log) => (log.firstMonoRelNs === undefined ? [] : [log.firstMonoRelNs]))
    const lasts = bundle.shards.flatMap((log) => (log.lastMonoRelNs === undefined ? [] : [log.lastMonoRelNs]))
    this.#start = firsts.length === 0 ? 0 : Math.min(...firsts)
    this.#end = lasts.length === 0 ? 0 : Math.max(...lasts)
    this.#playheadRelNs = this.#start
    this.#feed = new ScreenFeed((frame) => host.post({ kind: 'frame', frame }))
    this.#feed.viewEpoch = 1
    this.#clock = new ReplayClock(() => host.nowNs())
    this.#index = new IndexPass(this.#run)
    this.#health = new HealthReader(bundle)
    this.#play = this.#newPlay()
  }

  /** Carries a command out. The answer comes as a `done` or `failed` event. */
  command(command: ReplayCommand): void {
    if (command.kind === 'credit') return this.#feed.grant(command.bytes)
    if (command.kind === 'refresh') return this.#refresh()
    if (command.kind === 'close') return this.dispose()
    if (command.kind === 'open') return
    if (this.#phase === 'loading' && this.#wanted === undefined) this.#firstLook()
    try {
      this.#waiting.push({ requestId: command.requestId, kind: command.kind })
      this.#do(command)
    } catch (error) {
      this.#waiting.pop()
      const failure =
        error instanceof StudioError ? { code: error.code, message: error.message } : { code: 'INTERNAL' as const, message: String(error) }
      this.#host.post({ kind: 'failed', requestId: command.requestId, failure })
    }
    if (this.#wanted === undefined) this.#answer()
  }

  /** Does a slice of what is to do. @returns ms until it wants to be called again; 0 = at once */
  tick(): number {
    if (this.#closed) return 1000
    const now = this.#host.nowNs()
    if (this.#phase === 'loading' && this.#wanted === undefined) this.#firstLook()
    if (this.#wanted !== undefined) this.#reachWanted()
    else if (this.#phase === 'playing') this.#playSlice(now)
    if (this.#history !== undefined && this.#feed.hasCredit) this.#historySlice()
    else if (!this.#index.done) this.#indexSlice(now)
    this.#catchUp(now)
    this.#report(now, false)
    const busy =
      this.#history !== undefined ||
      !this.#index.done ||
      this.#wanted !== undefined ||
      (this.#phase === 'playing' && this.#clock.speed === 0)
    if (busy) return this.#feed.hasCredit ? 0 : 4
    return this.#phase === 'playing' ? 8 : 50
  }

  dispose(): void {
    if (this.#closed) return
    this.#closed = true
    this.#history?.close()
    this.#index.close()
    this.#play.close()
    this.#bundle.close()
    this.#host.post({ kind: 'closed' })
  }

  get state(): SessionState {
    const { studio, verdict, manifest } = this.#bundle
    const span = Math.max(1, this.#end - this.#start)
    const fingerprint = this.#finalDigest
    const recorded = studio?.fingerprint?.sha256
    return {
      mode: 'replay',
      phase: this.#phase,
      viewEpoch: this.#feed.viewEpoch,
      runId: this.#bundle.runId,
      name: studio?.source ?? manifest.runId,
      path: this.#bundle.dir,
      venue: this.#run.venue,
      synthetic: studio?.synthetic ?? false,
      verdict: { state: verdict.state === 'capturing' ? 'recording' : verdict.state, sentence: verdict.sentence },
      originTsNs: String(this.#bundle.t0WallNs),
      startRelNs: this.#start,
      endRelNs: this.#end,
      playheadRelNs: this.#playheadRelNs,
      speed: this.#clock.speed,
      skipIdle: this.#skipIdle,
      instrumentId: this.#feed.watchedId,
      indexed: this.#index.done ? 1 : Math.min(0.999, Math.max(0, (this.#index.reachedRelNs - this.#start) / span)),
      feeds: [],
      counts: this.#play.tape.counts(),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(recorded === undefined ? {} : { recordedFingerprint: recorded })
    }
  }

  #do(command: Deed): void {
    switch (command.kind) {
      case 'play':
        return this.#playOn()
      case 'pause':
        return this.#pause()
      case 'seek':
        return this.#want(command.relNs)
      case 'step':
        return this.#step(command.unit, command.direction)
      case 'speed':
        this.#clock.setSpeed(command.speed, this.#playheadRelNs)
        return
      case 'skipIdle':
        this.#skipIdle = command.skip
        return
      case 'select':
        return this.#select(command.instrumentId)
    }
  }

  #playOn(): void {
    if (this.#phase === 'playing') return
    if (this.#phase === 'finished') return this.#want(this.#start, 'play')
    if (this.#wanted !== undefined) {
      this.#wanted.after = 'play'
      return
    }
    this.#phase = 'playing'
    this.#clock.play(this.#playheadRelNs)
  }

  #pause(): void {
    if (this.#wanted !== undefined) this.#wanted.after = 'pause'
    if (this.#phase !== 'playing') return
    this.#phase = 'paused'
    this.#clock.pause(this.#playheadRelNs)
    // The book on screen must be that of the playhead, not of the last display frame before it.
    this.#feed.flush(this.#play.tape, this.#host.nowNs(), true)
  }

  #step(unit: 'event' | 'second', direction: 1 | -1): void {
    const from = this.#wanted?.relNs ?? this.#playheadRelNs
    if (unit === 'second') return this.#want(from + direction * 1e9, 'pause')
    if (direction === -1) throw new StudioError('USAGE', 'Stepping back goes by seconds. Use the step of one second to go back.')
    this.#pause()
    if (this.#wanted !== undefined) this.#stepsAfter++
    else this.#stepEvent()
  }

  #stepEvent(): void {
    const { tape } = this.#play
    const before = tape.books.marketEvents
    // Notes of the plant are frames too: one step is one frame that says something of a market.
    while (tape.books.marketEvents === before && this.#play.nextRelNs !== undefined) this.#play.advance(Infinity, 1)
    this.#moveTo(tape.recvRelNs)
    if (this.#play.nextRelNs === undefined) this.#finish()
    this.#feed.flush(tape, this.#host.nowNs(), true)
  }

  #select(instrumentId: number): void {
    if (this.#index.tape.books.instruments.get(instrumentId) === undefined) {
      throw new StudioError('USAGE', `There is no instrument number ${instrumentId} in this bundle. Choose one of the list.`)
    }
    this.#watch(instrumentId)
    this.#feed.reset()
    this.#backfillAll()
  }

  #watch(instrumentId: number): void {
    this.#feed.watchedId = instrumentId
    this.#play.tape.seconds.watchedId = instrumentId
  }

  #want(relNs: number, after?: 'play' | 'pause'): void {
    const clamped = Math.min(this.#end, Math.max(this.#start, relNs))
    this.#wanted = { relNs: clamped, after: after ?? this.#wanted?.after ?? (this.#phase === 'playing' ? 'play' : 'pause') }
    this.#stepsAfter = 0
    if (this.#index.reachedRelNs >= clamped) this.#reachWanted()
    else this.#phase = 'loading'
  }

  /** A seek waits until the index pass has come far enough, then is a pure function of time. */
  #reachWanted(): void {
    const wanted = this.#wanted
    if (wanted === undefined || this.#index.reachedRelNs < wanted.relNs) return
    this.#wanted = undefined
    this.#index.seek(this.#play, wanted.relNs)
    this.#feed.reset()
    this.#watch(this.#feed.watchedId)
    this.#health.seek(wanted.relNs)
    this.#moveTo(wanted.relNs)
    this.#phase = wanted.after === 'play' ? 'playing' : 'paused'
    if (wanted.after === 'play') this.#clock.play(wanted.relNs)
    else this.#clock.pause(wanted.relNs)
    if (this.#play.nextRelNs === undefined) this.#finish()
    for (; this.#stepsAfter > 0; this.#stepsAfter--) this.#stepEvent()
    this.#backfillAll()
    this.#answer()
  }

  #playSlice(now: number): void {
    const { tape } = this.#play
    if (this.#skipIdle && this.#clock.speed !== 0) this.#jumpIdle()
    const target = Math.min(this.#clock.relNs, this.#end)
    let caughtUp = false
    while (this.#feed.hasCredit && !caughtUp && this.#host.nowNs() - now < SLICE_NS) {
      caughtUp = this.#play.advance(target, SLICE_FRAMES) < SLICE_FRAMES
    }
    this.#feed.flush(tape, now)
    // While the screen does not read, the tape stands still and so does the playhead, which may be ahead of the last frame.
    const reached = caughtUp ? Math.min(target, this.#end) : tape.recvRelNs
    this.#moveTo(Math.max(reached, tape.recvRelNs, this.#playheadRelNs))
    if (this.#play.nextRelNs === undefined) this.#finish()
  }

  #jumpIdle(): void {
    const second = this.#play.tape.seconds.secondOf(this.#clock.relNs)
    const next = this.#index.timeline.nextBusy(second)
    if (next === undefined || next - second < 2) return
    this.#clock.jumpTo(this.#clock.relNs + (next - second - 1) * 1e9)
  }

  #finish(): void {
    if (this.#phase === 'finished') return
    this.#phase = 'finished'
    this.#clock.pause(this.#end)
    this.#moveTo(this.#end)
    this.#feed.flush(this.#play.tape, this.#host.nowNs(), true)
    this.#finalDigest = this.#play.tape.summary().sha256
    this.#report(this.#host.nowNs(), true)
  }

  #moveTo(relNs: number): void {
    this.#playheadRelNs = Math.min(this.#end, Math.max(this.#start, relNs))
    const health = this.#health.until(this.#playheadRelNs)
    if (health.length > 0) this.#feed.append(health)
  }

  /** Everything a screen needs to draw the present moment, under the running epoch. */
  #backfillAll(): void {
    this.#history?.close()
    this.#history = undefined
    if (this.#feed.watchedId > 0) {
      this.#history = new HistoryPass(this.#run, this.#feed.watchedId, this.#playheadRelNs, (target, relNs) =>
        this.#index.startBefore(target, relNs)
      )
    }
    this.#feed.flush(this.#play.tape, this.#host.nowNs(), true)
    this.#report(this.#host.nowNs(), true)
  }

  /** A screen came or fell behind: the timeline and everything else is sent again. */
  #refresh(): void {
    this.#feed.reset()
    this.#index.timeline.again()
    this.#sendIndexed()
    this.#instrumentsAtNs = -Infinity
    this.#backfillAll()
  }

  #historySlice(): void {
    const history = this.#history!
    this.#feed.send(FRAME_KIND.backfill, history.step())
    if (!history.done) return
    history.close()
    this.#history = undefined
  }

  #firstLook(): void {
    this.#index.step(FIRST_LOOK_FRAMES)
    this.#indexed()
    const busiest = describeInstruments(this.#index.tape).reduce((best, item) => (item.frames > best.frames ? item : best), {
      instrumentId: 0,
      frames: -1
    })
    if (busiest.instrumentId > 0) this.#watch(busiest.instrumentId)
    this.#phase = 'paused'
    this.#feed.flush(this.#play.tape, this.#host.nowNs(), true)
    this.#answer()
  }

  #indexSlice(now: number): void {
    while (!this.#index.done && this.#host.nowNs() - now < 2 * SLICE_NS) this.#index.step(SLICE_FRAMES)
    this.#indexed()
  }

  #indexed(): void {
    this.#sendIndexed()
    if (this.#index.done) {
      this.#finalDigest ??= this.#index.tape.summary().sha256
      this.#instrumentsAtNs = -Infinity
      if (this.#index.timeline.leftOut > 0) {
        const text = `The timeline lists the first integrity events only; ${this.#index.timeline.leftOut} more are in the bundle.`
        this.#host.post({ kind: 'notice', level: 'warning', text })
      }
    }
  }

  #sendIndexed(): void {
    if (this.#feed.hasCredit) this.#feed.send(FRAME_KIND.backfill, this.#index.timeline.takeFresh())
  }

  /** What had to wait for a screen that did not read. */
  #catchUp(now: number): void {
    this.#sendIndexed()
    if (this.#feed.isLate && this.#feed.hasCredit) this.#feed.flush(this.#play.tape, now)
  }

  #answer(): void {
    if (this.#phase === 'loading') return
    const waiting = this.#waiting
    this.#waiting = []
    for (const { requestId } of waiting) this.#host.post({ kind: 'done', requestId, state: this.state })
    this.#report(this.#host.nowNs(), true)
  }

  #report(now: number, force: boolean): void {
    if (now - this.#instrumentsAtNs > INSTRUMENTS_EVERY_NS && (!this.#index.done || this.#instrumentsAtNs === -Infinity)) {
      this.#instrumentsAtNs = now
      this.#host.post({ kind: 'instruments', instruments: describeInstruments(this.#index.tape) })
    }
    if (!force && (now - this.#stateAtNs < STATE_EVERY_NS || (this.#phase !== 'playing' && this.#index.done))) return
    this.#stateAtNs = now
    this.#host.post({ kind: 'state', state: this.state })
  }

  #newPlay(): TapeRun {
    return new TapeRun(this.#run, { onRecords: this.#feed.onRecords, onView: this.#feed.onView })
  }
}
