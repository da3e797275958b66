import { FRAME_KIND } from '../../../shared/api/index.ts'
import type { SessionEvent } from '../threads/messages.ts'
import type { Outlet, Played } from './outlet.ts'
import { playableOf, type History, type Playable } from './playable.ts'
import type { HealthSource, ReplaySource } from './replaySource.ts'
import { ScreenFeed } from './screenFeed.ts'

const INSTRUMENTS_EVERY_NS = 2e9
const MARKS_EVERY_NS = 1e9

export interface ScreenHost {
  /** Monotonic time in ns, as a number. */
  nowNs(): number
  post(event: SessionEvent): void
}

export interface ScreenOptions {
  /** Of the first picture; 1 when left out. */
  readonly viewEpoch?: number
  /** What the screen may still be sent; the first credit when left out. */
  readonly creditBytes?: number
}

/** Shows a replay on a screen: what is played, the history before it, the timeline, the list of instruments, and what the timeline marks. */
export class ScreenOutlet implements Outlet {
  readonly #host: ScreenHost
  readonly #source: Playable
  readonly #feed: ScreenFeed
  readonly #health: HealthSource
  #history: History | undefined
  #instrumentsAtNs = -Infinity
  #marksAtNs = -Infinity
  #marksVersion = 0
  #toldLeftOut = false

  constructor(source: ReplaySource | Playable, host: ScreenHost, options: ScreenOptions = {}) {
    this.#source = playableOf(source)
    this.#host = host
    this.#health = source.health()
    this.#feed = new ScreenFeed((frame) => host.post({ kind: 'frame', frame }))
    this.#feed.viewEpoch = options.viewEpoch ?? 1
    if (options.creditBytes !== undefined) this.#feed.creditBytes = options.creditBytes
  }

  get viewEpoch(): number {
    return this.#feed.viewEpoch
  }

  get hasCredit(): boolean {
    return this.#feed.hasCredit
  }

  get creditBytes(): number {
    return this.#feed.creditBytes
  }

  onRecords(bytes: Uint8Array, length: number): void {
    this.#feed.onRecords(bytes, length)
  }

  onView(bytes: Uint8Array, length: number): void {
    this.#feed.onView(bytes, length)
  }

  grant(bytes: number): void {
    this.#feed.grant(bytes)
  }

  watch(instrumentId: number): void {
    this.#feed.watchedId = instrumentId
  }

  reset(relNs: number | undefined): void {
    this.#feed.reset()
    if (relNs !== undefined) this.#health.seek(relNs)
  }

  fill(played: Played, relNs: number): void {
    this.#history?.close()
    this.#history = undefined
    if (this.#feed.watchedId > 0) this.#history = this.#source.history(this.#feed.watchedId, relNs)
    this.flush(played, true)
  }

  flush(played: Played, force: boolean): void {
    this.#feed.flush(played, this.#host.nowNs(), force)
  }

  moved(relNs: number): void {
    const health = this.#health.until(relNs)
    if (health.length > 0) this.#feed.append(health)
  }

  indexed(): void {
    this.#sendIndexed()
    const { done, timeline } = this.#source.index
    if (!done) return
    this.#instrumentsAtNs = -Infinity
    if (timeline.leftOut === 0 || this.#toldLeftOut) return
    this.#toldLeftOut = true
    const text = `The timeline lists the first integrity events only; ${timeline.leftOut} more are in the bundle.`
    this.#host.post({ kind: 'notice', level: 'warning', text })
  }

  refresh(): void {
    this.#feed.reset()
    this.#source.index.timeline.again()
    this.#sendIndexed()
    this.#instrumentsAtNs = -Infinity
    this.#marksAtNs = -Infinity
    this.#marksVersion = -1
  }

  tick(played: Played): boolean {
    if (this.#history !== undefined && this.#feed.hasCredit) this.#historySlice()
    this.#sendIndexed()
    if (this.#feed.isLate && this.#feed.hasCredit) this.flush(played, false)
    this.#report(this.#host.nowNs())
    return this.#history !== undefined
  }

  close(): void {
    this.#history?.close()
    this.#history = undefined
  }

  #historySlice(): void {
    const history = this.#history!
    this.#feed.send(FRAME_KIND.backfill, history.step())
    if (!history.done) return
    history.close()
    this.#history = undefined
  }

  #sendIndexed(): void {
    if (this.#feed.hasCredit) this.#feed.send(FRAME_KIND.backfill, this.#source.index.timeline.takeFresh())
  }

  #report(now: number): void {
    const { index } = this.#source
    if (now - this.#instrumentsAtNs > INSTRUMENTS_EVERY_NS && (!index.done || this.#instrumentsAtNs === -Infinity)) {
      this.#instrumentsAtNs = now
      this.#host.post({ kind: 'instruments', instruments: this.#source.instruments() })
    }
    if (index.jumps.version === this.#marksVersion || now - this.#marksAtNs < MARKS_EVERY_NS) return
    this.#marksAtNs = now
    this.#marksVersion = index.jumps.version
    this.#host.post({ kind: 'marks', marks: index.jumps.marks() })
  }
}
