import type { PlayheadFingerprint, SessionState } from '../../../../shared/api/index.ts'
import type { LatestEvents } from '../latestEvents.ts'
import type { Outlet } from '../outlet.ts'
import type { RunPlayer } from '../playable.ts'
import type { DayIndex } from './dayIndex.ts'
import { DayState, type DayOptions } from './dayState.ts'

/** Plays the recorded events of a day. */
export class DayPlayer implements RunPlayer {
  readonly #index: DayIndex
  readonly #state: DayState
  readonly #outlet: Pick<Outlet, 'onView'>
  /** A seek is under way: what it goes through is not played. */
  #silent = false
  /** Everything up to here has been played, which may be behind the last event. */
  #reachedRelNs = -Infinity

  constructor(options: DayOptions, index: DayIndex, outlet: Pick<Outlet, 'onRecords' | 'onView' | 'onRecorded'>) {
    this.#index = index
    this.#outlet = outlet
    this.#state = new DayState({
      ...options,
      onRecords: (bytes, length) => {
        if (!this.#silent) outlet.onRecords(bytes, length)
      },
      onView: (bytes, length) => {
        if (!this.#silent) outlet.onView(bytes, length)
      },
      onRecorded: (run, bytes) => {
        if (!this.#silent) outlet.onRecorded?.(run, bytes)
      }
    })
  }

  get recvRelNs(): number {
    return this.#state.recvRelNs
  }

  get counts(): SessionState['counts'] {
    return this.#state.fingerprint.counts()
  }

  get latest(): LatestEvents {
    return this.#state.latest
  }

  drain(): void {
    // Nothing waits here.
  }

  showLadder(instrumentId: number): void {
    const record = this.#state.ladder(instrumentId, Math.max(this.#reachedRelNs, this.#state.recvRelNs))
    if (record !== undefined) this.#outlet.onView(record, record.length)
  }

  watch(instrumentId: number): void {
    this.#state.seconds.watchedId = instrumentId
  }

  isAtEnd(): boolean {
    return this.#index.done && this.#state.nextRelNs === undefined
  }

  advance(untilRelNs: number, maxInstants: number): number {
    const n = this.#state.advance(Math.min(untilRelNs, this.#index.reachedRelNs), maxInstants)
    if (n < maxInstants && Number.isFinite(untilRelNs)) this.#reachedRelNs = untilRelNs
    return n
  }

  stepMarketEvent(): void {
    this.#state.step()
    this.#reachedRelNs = this.#state.recvRelNs
  }

  seek(relNs: number): void {
    const { watchedId } = this.#state.seconds
    this.#silent = true
    this.#state.restore(this.#index.startBefore(relNs))
    this.#state.seconds.watchedId = watchedId
    this.#state.advance(relNs, Infinity)
    this.#silent = false
    this.#reachedRelNs = relNs
  }

  fingerprint(relNs: number): PlayheadFingerprint {
    const { fingerprint } = this.#state
    const recorded = { sha256: fingerprint.digest(), events: fingerprint.events }
    // A day has what was recorded and nothing else: both sums are one.
    return { relNs, ...recorded, recorded }
  }

  close(): void {
    // The spool is the source's.
  }
}
