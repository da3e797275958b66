import type { Clock } from '../../clock.ts'
import type { Feed, VenueFrame } from '../frame.ts'

/** A generator more than this behind its rate gives up catching up. */
const MAX_LAG_NS = 2e9
/** Longest stretch of work before sockets get their turn. */
const SLICE_NS = 5e6

export interface PacerOptions {
  readonly clock: Clock
  readonly feeds: readonly Feed[]
  readonly speed: number
  /** So many times as fast as a timer does the clock go. */
  readonly clockSpeed: number
  readonly canSlip: boolean
  readonly deliver: (frame: VenueFrame) => void
  readonly flush: () => void
  /** Venue time was moved by this many milliseconds, because the source could not keep up. */
  readonly onSlip: (ms: number) => void
}

/** Plays feeds against the monotonic clock. Every moment is counted from the one start, so waits do not add up to a drift. */
export class Pacer {
  readonly #options: PacerOptions
  #stopped = false
  #wake: (() => void) | undefined
  #lagNs = 0

  constructor(options: PacerOptions) {
    this.#options = options
  }

  /** How late the last event was, in milliseconds. */
  get lagMs(): number {
    return this.#lagNs / 1e6
  }

  /** Plays until every feed has ended or `stop` is called. @returns false when stopped */
  async play(): Promise<boolean> {
    const { clock, flush, clockSpeed } = this.#options
    let originNs = clock.monoNs()
    let sliceNs = 0
    while (!this.#stopped) {
      const peeked = this.#peek()
      const next = peeked instanceof Promise ? await peeked : peeked
      if (this.#stopped) break
      if (!next) {
        flush()
        return true
      }
      const nowNs = Number(clock.monoNs() - originNs)
      const lateNs = nowNs - next.dueNs / this.#options.speed
      if (lateNs < 0 || nowNs - sliceNs > SLICE_NS * clockSpeed) {
        flush()
        await this.#rest(lateNs)
        sliceNs = Number(clock.monoNs() - originNs)
        continue
      }
      this.#lagNs = lateNs
      if (lateNs > MAX_LAG_NS * clockSpeed && this.#options.canSlip) {
        originNs += BigInt(Math.floor(lateNs))
        sliceNs -= Math.floor(lateNs)
        this.#options.onSlip(lateNs / 1e6)
      }
      next.feed.advance(this.#options.deliver)
    }
    flush()
    return false
  }

  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  #peek(): { feed: Feed; dueNs: number } | undefined | Promise<{ feed: Feed; dueNs: number } | undefined> {
    const due = this.#options.feeds.map((feed) => feed.peekNs())
    if (!due.some((value) => value instanceof Promise)) return this.#earliest(due as (number | undefined)[])
    return Promise.all(due.map((value) => Promise.resolve(value))).then((values) => this.#earliest(values))
  }

  #earliest(due: readonly (number | undefined)[]): { feed: Feed; dueNs: number } | undefined {
    let best: { feed: Feed; dueNs: number } | undefined
    for (const [index, dueNs] of due.entries()) {
      if (dueNs !== undefined && (!best || dueNs < best.dueNs)) best = { feed: this.#options.feeds[index]!, dueNs }
    }
    return best
  }

  /** Sleeps until the next event, or only lets the sockets work when it is due already. */
  #rest(lateNs: number): Promise<void> {
    return new Promise((resolve) => {
      if (lateNs >= 0) return void setImmediate(resolve)
      const timer = setTimeout(resolve, Math.min(60_000, Math.max(1, -lateNs / 1e6 / this.#options.clockSpeed)))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
