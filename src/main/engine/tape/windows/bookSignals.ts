import { formatE6 } from '../../../../shared/market/index.ts'
import type { BookState } from '../bookState.ts'
import { SNAP_LEVELS } from '../emit.ts'
import type { EventWindows } from './eventWindows.ts'
import { RollingMedian } from './rollingMedian.ts'

/** A mid that moves by so many ticks within a second is a shock. */
export const SHOCK_TICKS = 5
/** A tick smaller than this part of the price says nothing of a shock: then the shock is counted in such parts. */
const LEAST_TICK_SHARE = 1 / 10_000
/** A spread of this part of the mid is wide. */
export const WIDE_SHARE = 0.05
/** Snapshots that a new regime must last. */
const REGIME_SNAPSHOTS = 2
/** Fewer levels than this on a side is a cliff. */
export const LEAST_LEVELS = 3
const CLIFF_SHARE = 0.35
const REARM_SHARE = 0.6
const MEDIAN_SECONDS = 60
/** Seconds that the median needs before it says anything. */
const LEAST_SECONDS = 30
/** Levels a side whose sizes count: those of the one-second snapshot. */
const LEVELS = SNAP_LEVELS

const UNKNOWN = 0
const REGIMES = ['unknown', 'locked', 'normal', 'wide', 'missing a side'] as const
const [LOCKED, NORMAL, WIDE, MISSING] = [1, 2, 3, 4] as const

/** What the detectors remember of one book. */
interface Signals {
  /** Bid plus ask at the last second; NaN while a side was missing or the book was not trusted. */
  midSumE6: number
  regime: number
  candidate: number
  candidateSeconds: number
  armed: boolean
  readonly depth: RollingMedian
}

interface FrozenSignals {
  readonly scalars: readonly [number, number, number, number, boolean]
  readonly version: number
  readonly depth: Float64Array
}

/** What a keyframe keeps of the detectors, by instrument. */
export type SignalsState = readonly (FrozenSignals | undefined)[]

/** Looks at every book at the end of each second and opens event windows. Untrusted books are not looked at. */
export class BookSignals {
  readonly #windows: EventWindows
  /** Index = instrument id - 1. */
  #books: (Signals | undefined)[] = []

  constructor(windows: EventWindows) {
    this.#windows = windows
  }

  /** Takes the book of an instrument as it is at the end of a second, behind its snapshot. @param size of the levels in it, × 1e6 */
  observe(state: BookState, bookOk: boolean, size: number): void {
    const signals = (this.#books[state.id - 1] ??= fresh())
    if (!bookOk) {
      signals.midSumE6 = NaN
      signals.candidateSeconds = 0
      return
    }
    const { bids, asks } = state.book
    const bid = bids.pxAt(0) ?? NaN
    const ask = asks.pxAt(0) ?? NaN
    this.#midShock(state, signals, bid + ask)
    this.#regime(state, signals, bid, ask)
    this.#cliff(state, signals, size)
  }

  /** The book of an instrument is not known at this second. */
  absent(state: BookState): void {
    if (this.#books[state.id - 1] !== undefined) this.#books[state.id - 1] = undefined
  }

  /** Nothing is known of the seconds before: what comes next is compared with nothing. */
  forget(): void {
    this.#books = []
  }

  /** @param before what was saved last, to share what is the same */
  save(before: SignalsState | undefined): SignalsState {
    return Array.from(this.#books, (signals, i) => {
      if (signals === undefined) return undefined
      const { midSumE6, regime, candidate, candidateSeconds, armed, depth } = signals
      const scalars = [midSumE6, regime, candidate, candidateSeconds, armed] as const
      const old = before?.[i]
      if (old?.version === depth.version && old.scalars.every((value, k) => Object.is(value, scalars[k]))) return old
      return { scalars, version: depth.version, depth: old?.version === depth.version ? old.depth : depth.values() }
    })
  }

  restore(saved: SignalsState): void {
    this.#books = saved.map((frozen) => {
      if (frozen === undefined) return undefined
      const [midSumE6, regime, candidate, candidateSeconds, armed] = frozen.scalars
      const depth = new RollingMedian(MEDIAN_SECONDS)
      depth.load(frozen.depth)
      depth.version = frozen.version
      return { midSumE6, regime, candidate, candidateSeconds, armed, depth }
    })
  }

  #midShock(state: BookState, signals: Signals, midSumE6: number): void {
    const before = signals.midSumE6
    signals.midSumE6 = midSumE6
    // Not a number while a side is missing, and then neither is the difference.
    if (midSumE6 === before) return
    const tick = Math.max(state.tickE6, (midSumE6 / 2) * LEAST_TICK_SHARE)
    const ticks = Math.round(Math.abs(midSumE6 - before) / (2 * tick))
    if (!(ticks >= SHOCK_TICKS) || this.#windows.isOpen('MID_SHOCK', marketOf(state))) return
    this.#open(
      'MID_SHOCK',
      state,
      `The mid went from ${formatE6(Math.round(before / 2))} to ${formatE6(Math.round(midSumE6 / 2))} within a second, by ${ticks} ticks.`
    )
  }

  #regime(state: BookState, signals: Signals, bid: number, ask: number): void {
    const regime = regimeOf(bid, ask, state.tickE6)
    if (regime === signals.regime) {
      signals.candidateSeconds = 0
      return
    }
    if (regime === signals.candidate) signals.candidateSeconds++
    else signals.candidateSeconds = 1
    signals.candidate = regime
    const first = signals.regime === UNKNOWN
    if (!first && signals.candidateSeconds < REGIME_SNAPSHOTS) return
    const reason = `The spread was ${REGIMES[signals.regime]} and is ${REGIMES[regime]}.`
    signals.regime = regime
    signals.candidateSeconds = 0
    if (!first) this.#open('SPREAD_REGIME', state, reason)
  }

  #cliff(state: BookState, signals: Signals, size: number): void {
    const { bids, asks } = state.book
    const { depth } = signals
    const median = depth.count >= LEAST_SECONDS ? depth.median : NaN
    depth.push(size)
    const fewest = Math.min(bids.count, asks.count)
    const thin = size < CLIFF_SHARE * median
    if (fewest >= LEAST_LEVELS && !thin) {
      // Without a median there is nothing to fall from yet.
      if (!signals.armed && !(size <= REARM_SHARE * median)) signals.armed = !this.#windows.isOpen('DEPTH_CLIFF', marketOf(state))
      return
    }
    if (!signals.armed) return
    signals.armed = false
    const share = Math.round((100 * size) / median)
    const reason = thin
      ? `Sizes of the top ${LEVELS} levels fell to ${share}% of what they were over the last minute.`
      : `A side of the book has ${fewest} levels left.`
    this.#open('DEPTH_CLIFF', state, reason)
  }

  #open(trigger: 'MID_SHOCK' | 'SPREAD_REGIME' | 'DEPTH_CLIFF', state: BookState, reason: string): void {
    this.#windows.start(trigger, { instrumentId: state.id, key: marketOf(state) }, reason)
  }
}

function fresh(): Signals {
  return {
    midSumE6: NaN,
    regime: UNKNOWN,
    candidate: UNKNOWN,
    candidateSeconds: 0,
    armed: false,
    depth: new RollingMedian(MEDIAN_SECONDS)
  }
}

function marketOf(state: BookState): string {
  return state.marketId === '' ? state.tokenId : state.marketId
}

/** How the best prices stand to each other. A missing price is not a number. */
function regimeOf(bidE6: number, askE6: number, tickE6: number): number {
  const spread = askE6 - bidE6
  if (!(spread === spread)) return MISSING
  if (spread <= tickE6 / 2) return LOCKED
  return spread >= (WIDE_SHARE * (askE6 + bidE6)) / 2 ? WIDE : NORMAL
}
