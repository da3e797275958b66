import type { JumpKind, Phase, SessionState } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { openBundle } from '../bundle/index.ts'
import { crashVerdict } from '../record/index.ts'
import type { ReplayCommand, ReplayRequestCommand, SessionEvent } from '../threads/messages.ts'
import { Answers } from './answers.ts'
import { resolveJump, type PendingJump } from './jumpSearch.ts'
import type { Outlet } from './outlet.ts'
import { playableOf, type Playable, type RunPlayer } from './playable.ts'
import { PlayLoop } from './playLoop.ts'
import { ReplayClock } from './replayClock.ts'
import { sourceOfBundle, type ReplaySource } from './replaySource.ts'
import { ScreenOutlet } from './screenOutlet.ts'
import { sessionState } from './sessionState.ts'

const SLICE_NS = 8e6
const SLICE_FRAMES = 512
const STATE_EVERY_NS = 1e8
/** Frames that the index pass reads before the first picture is shown. */
const FIRST_LOOK_FRAMES = 20_000

export interface ReplayHost {
  /** Monotonic time in ns, as a number. */
  nowNs(): number
  post(event: SessionEvent): void
  /** A run that is being recorded was played up to its newest frame. */
  atHead?(): void
}

export interface ReplayOptions {
  /** Where what is played goes; the screen when left out. */
  readonly outlet?: Outlet
}

type Waited = 'play' | 'pause'

/** Replay of one run on the replay clock. Runs in a thread; a test drives `tick` with its own time. */
export class ReplaySession {
  readonly #host: ReplayHost
  readonly #source: Playable
  readonly #outlet: Outlet
  readonly #clock: ReplayClock
  readonly #player: RunPlayer
  readonly #answers: Answers
  #phase: Phase = 'loading'
  #watchedId = 0
  #playheadRelNs: number
  #skipIdle = false
  #wanted: { relNs: number; after: Waited } | undefined
  #jump: PendingJump | undefined
  #loop: PlayLoop | undefined
  /** Steps of one event to take when the wanted place is reached. */
  #stepsAfter = 0
  #stateAtNs = -Infinity
  /** The index was done when it was looked at last. */
  #isIndexed = false
  #indexWaits = false
  #finalDigest: string | undefined
  #closed = false

  static async open(path: string, host: ReplayHost): Promise<ReplaySession> {
    const bundle = await openBundle(path)
    return new ReplaySession(sourceOfBundle(bundle, await crashVerdict(bundle, { check: 'auto' })), host)
  }

  constructor(from: ReplaySource | Playable, host: ReplayHost, options: ReplayOptions = {}) {
    const source = playableOf(from)
    this.#host = host
    this.#source = source
    this.#playheadRelNs = source.startRelNs
    this.#outlet = options.outlet ?? new ScreenOutlet(source, host)
    this.#clock = new ReplayClock(() => host.nowNs())
    this.#player = source.player(this.#outlet)
    this.#answers = new Answers(host, () => this.state)
  }

  /** Carries a command out. The answer comes as a `done` or `failed` event. */
  command(command: ReplayCommand): void {
    if (command.kind === 'credit') return this.#outlet.grant(command.bytes)
    if (command.kind === 'refresh') return this.#refresh()
    if (command.kind === 'close') return this.dispose()
    if (command.kind === 'open' || command.kind === 'openDay') return
    if (this.#phase === 'loading' && !this.#isWaiting) this.#firstLook()
    this.#answers.guarded(command.requestId, () => this.#do(command))
    if (!this.#isWaiting) this.#answer()
  }

  /** Does a slice of what is to do. @returns ms until it wants to be called again; 0 = at once */
  tick(): number {
    if (this.#closed) return 1000
    const now = this.#host.nowNs()
    const { index } = this.#source
    if (this.#phase === 'loading' && !this.#isWaiting) this.#firstLook()
    if (this.#wanted !== undefined) this.#reachWanted()
    else if (this.#jump !== undefined) this.#tryJump()
    else if (this.#phase === 'playing') this.#playSlice(now)
    const filling = this.#outlet.tick(this.#player)
    if (!filling && !this.#isIndexed) this.#indexSlice(now)
    this.#report(now, false)
    // An index that is filled from elsewhere needs no calls, only time.
    if (!filling && !index.done && this.#indexWaits) return 4
    const busy = filling || !index.done || this.#isWaiting || (this.#phase === 'playing' && this.#clock.speed === 0)
    if (busy) return this.#outlet.hasCredit ? 0 : 4
    return this.#phase === 'playing' ? 8 : 50
  }

  dispose(): void {
    if (this.#closed) return
    this.release()
    this.#source.close()
    this.#host.post({ kind: 'closed' })
  }

  /** Ends the session and leaves its source open, for one that is shared. */
  release(): void {
    this.#closed = true
    this.#outlet.close()
    this.#player.close()
  }

  get state(): SessionState {
    const stands = this.#phase === 'paused' || this.#phase === 'finished'
    return sessionState(this.#source, this.#player, {
      phase: this.#phase,
      viewEpoch: this.#outlet.viewEpoch,
      playheadRelNs: this.#playheadRelNs,
      speed: this.#clock.speed,
      skipIdle: this.#skipIdle,
      instrumentId: this.#watchedId,
      ...(this.#finalDigest !== undefined && { fingerprint: this.#finalDigest }),
      ...(stands && { playheadFingerprint: this.#player.fingerprint(this.#playheadRelNs).sha256 }),
      ...(this.#loop !== undefined && { loop: this.#loop.state })
    })
  }

  /** Receive time of the last frame that was played. */
  get lastFrameRelNs(): number {
    return this.#player.recvRelNs
  }

  get #isWaiting(): boolean {
    return this.#wanted !== undefined || this.#jump !== undefined
  }

  #do(command: ReplayRequestCommand): unknown {
    switch (command.kind) {
      case 'play':
        return this.#playOn()
      case 'pause':
        return this.#pause()
      case 'seek':
        return this.#want(command.relNs)
      case 'seekPercent': {
        const { startRelNs, endRelNs } = this.#source
        return this.#want(startRelNs + Math.round(((endRelNs - startRelNs) * command.percent) / 100))
      }
      case 'step':
        return this.#step(command.unit, command.direction)
      case 'jump':
        return this.#startJump(command.to, command.direction, command.requestId)
      case 'loop':
        return this.#setLoop(command.loop)
      case 'speed':
        this.#clock.setSpeed(command.speed, this.#playheadRelNs)
        return
      case 'skipIdle':
        this.#skipIdle = command.skip
        return
      case 'select':
        return this.#select(command.instrumentId)
      case 'decisions':
        this.#source.index.jumps.decisions = command.relNs
        return
      case 'inputs':
        return this.#source.inputs(this.#playheadRelNs)
      case 'fingerprint':
        return this.#player.fingerprint(this.#playheadRelNs)
    }
  }

  #playOn(): void {
    if (this.#phase === 'playing') return
    if (this.#phase === 'finished') return this.#want(this.#loop?.beginRelNs ?? this.#source.startRelNs, 'play')
    const waited = this.#wanted ?? this.#jump
    if (waited !== undefined) {
      waited.after = 'play'
      return
    }
    this.#phase = 'playing'
    this.#clock.play(this.#playheadRelNs)
  }

  #pause(): void {
    const waited = this.#wanted ?? this.#jump
    if (waited !== undefined) waited.after = 'pause'
    if (this.#phase !== 'playing') return
    this.#phase = 'paused'
    this.#clock.pause(this.#playheadRelNs)
    // The book on screen must be that of the playhead, not of the last display frame before it.
    this.#outlet.flush(this.#player, true)
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
    this.#player.stepMarketEvent()
    this.#moveTo(this.#player.recvRelNs)
    if (this.#player.isAtEnd()) this.#finish()
    this.#outlet.flush(this.#player, true)
  }

  #startJump(kind: JumpKind, direction: 1 | -1, requestId: number): void {
    const fromRelNs = this.#wanted?.relNs ?? this.#playheadRelNs
    const after = this.#wanted?.after ?? (this.#phase === 'playing' ? 'play' : 'pause')
    this.#wanted = undefined
    this.#jump = { kind, direction, fromRelNs, after, requestId, instrumentId: this.#watchedId }
    this.#phase = 'loading'
    this.#tryJump()
  }

  #tryJump(): void {
    const jump = this.#jump
    const found = jump === undefined ? undefined : resolveJump(jump, this.#source)
    if (jump === undefined || found === undefined) return
    this.#endJump(found.relNs === undefined ? found.notice : undefined)
    if (found.relNs !== undefined) return this.#want(found.relNs, jump.after)
    this.#phase = this.#player.isAtEnd() && jump.fromRelNs === this.#source.endRelNs && !this.#source.index.growing ? 'finished' : 'paused'
    if (jump.after === 'play' && this.#phase === 'paused') this.#playOn()
    this.#host.post({ kind: 'notice', level: 'info', text: found.notice })
    this.#answer()
  }

  /** @param reason why it did not move; undefined when it did */
  #endJump(reason: string | undefined): void {
    const answer = reason === undefined ? { moved: true } : { moved: false, reason }
    if (this.#jump !== undefined) this.#answers.value(this.#jump.requestId, answer)
    this.#jump = undefined
  }

  #setLoop(loop: Parameters<typeof PlayLoop.of>[0]): void {
    this.#loop = PlayLoop.of(loop, this.#source)
    if (this.#loop !== undefined) this.#want(this.#loop.beginRelNs)
  }

  #select(instrumentId: number): void {
    if (!this.#source.hasInstrument(instrumentId)) {
      throw new StudioError('USAGE', `There is no instrument number ${instrumentId} in this bundle. Choose one of the list.`)
    }
    this.#watch(instrumentId)
    this.#outlet.reset(undefined, this.#player)
    this.#fill()
  }

  #watch(instrumentId: number): void {
    this.#watchedId = instrumentId
    this.#outlet.watch(instrumentId)
    this.#player.watch(instrumentId)
  }

  #want(relNs: number, after?: Waited): void {
    const { startRelNs, endRelNs } = this.#source
    const clamped = Math.min(endRelNs, Math.max(startRelNs, relNs))
    const running = this.#wanted ?? this.#jump
    this.#endJump('Another command took its place.')
    this.#wanted = { relNs: clamped, after: after ?? running?.after ?? (this.#phase === 'playing' ? 'play' : 'pause') }
    this.#stepsAfter = 0
    if (this.#source.index.reachedRelNs >= clamped) this.#reachWanted()
    else this.#phase = 'loading'
  }

  /** A seek waits until the index pass has come far enough, then is a pure function of time. */
  #reachWanted(): void {
    const wanted = this.#wanted
    if (wanted === undefined || this.#source.index.reachedRelNs < wanted.relNs) return
    this.#wanted = undefined
    this.#player.seek(wanted.relNs)
    this.#outlet.reset(wanted.relNs, this.#player)
    this.#watch(this.#watchedId)
    this.#moveTo(wanted.relNs)
    this.#phase = wanted.after === 'play' ? 'playing' : 'paused'
    if (wanted.after === 'play') this.#clock.play(wanted.relNs)
    else this.#clock.pause(wanted.relNs)
    if (this.#player.isAtEnd()) this.#finish()
    for (; this.#stepsAfter > 0; this.#stepsAfter--) this.#stepEvent()
    this.#fill()
    this.#answer()
  }

  #playSlice(now: number): void {
    const player = this.#player
    if (this.#skipIdle && this.#clock.speed !== 0) this.#jumpIdle()
    const end = this.#source.readyRelNs
    const from = this.#playheadRelNs
    const loop = this.#loop?.endsBetween(from, Math.min(this.#clock.relNs, end)) === true ? this.#loop : undefined
    const target = Math.min(loop?.toRelNs ?? this.#clock.relNs, end)
    let caughtUp = false
    while (this.#outlet.hasCredit && !caughtUp && this.#host.nowNs() - now < SLICE_NS) {
      caughtUp = this.#player.advance(target, SLICE_FRAMES) < SLICE_FRAMES
    }
    this.#outlet.flush(player, false)
    // While the screen does not read, the tape stands still and so does the playhead, which may be ahead of the last frame.
    const reached = caughtUp ? Math.min(target, end) : player.recvRelNs
    this.#moveTo(Math.max(reached, player.recvRelNs, this.#playheadRelNs))
    if (loop !== undefined && caughtUp) return this.#nextRound(loop)
    if (this.#player.isAtEnd()) this.#finish()
  }

  #nextRound(loop: PlayLoop): void {
    loop.roundEnded()
    this.#want(loop.beginRelNs, 'play')
  }

  #jumpIdle(): void {
    const second = this.#source.secondOf(this.#clock.relNs)
    const next = this.#source.index.timeline.nextBusy(second)
    if (next === undefined || next - second < 2) return
    this.#clock.jumpTo(this.#clock.relNs + (next - second - 1) * 1e9)
  }

  #finish(): void {
    if (this.#phase === 'finished') return
    if (this.#source.index.growing) {
      if (this.#phase === 'playing') this.#host.atHead?.()
      return
    }
    this.#phase = 'finished'
    this.#clock.pause(this.#source.endRelNs)
    this.#moveTo(this.#source.endRelNs)
    this.#outlet.flush(this.#player, true)
    this.#finalDigest = this.#player.fingerprint(this.#source.endRelNs).sha256
    this.#report(this.#host.nowNs(), true)
  }

  #moveTo(relNs: number): void {
    this.#playheadRelNs = Math.min(this.#source.endRelNs, Math.max(this.#source.startRelNs, relNs))
    this.#outlet.moved(this.#playheadRelNs)
  }

  #fill(): void {
    this.#outlet.fill(this.#player, this.#playheadRelNs)
    this.#report(this.#host.nowNs(), true)
  }

  /** A screen came or fell behind: the timeline and everything else is sent again. */
  #refresh(): void {
    this.#outlet.refresh()
    this.#fill()
  }

  #firstLook(): void {
    const { index } = this.#source
    index.step(FIRST_LOOK_FRAMES)
    this.#indexed()
    const busiest = this.#source.instruments().reduce((best, item) => (item.frames > best.frames ? item : best), {
      instrumentId: 0,
      frames: -1
    })
    if (busiest.instrumentId > 0) this.#watch(busiest.instrumentId)
    this.#phase = 'paused'
    this.#outlet.flush(this.#player, true)
    this.#answer()
  }

  #indexSlice(now: number): void {
    const { index } = this.#source
    this.#indexWaits = false
    while (!index.done && !this.#indexWaits && this.#host.nowNs() - now < 2 * SLICE_NS) this.#indexWaits = !index.step(SLICE_FRAMES)
    this.#indexed()
  }

  #indexed(): void {
    const { index } = this.#source
    const isNews = index.done && !this.#isIndexed
    this.#isIndexed = index.done
    if (index.done && !index.growing) this.#finalDigest ??= this.#source.digest()
    this.#outlet.indexed()
    if (isNews) this.#report(this.#host.nowNs(), true)
  }

  #answer(): void {
    if (this.#phase === 'loading') return
    this.#answers.send()
    this.#report(this.#host.nowNs(), true)
  }

  #report(now: number, force: boolean): void {
    const { index } = this.#source
    if (!force && (now - this.#stateAtNs < STATE_EVERY_NS || (this.#phase !== 'playing' && index.done && !index.growing))) return
    this.#stateAtNs = now
    this.#host.post({ kind: 'state', state: this.state })
  }
}
