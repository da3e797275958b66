import type { Fill } from '../execution/simExecution.ts'
import type { Ledger, LedgerSummary, MarkOf } from '../execution/ledger.ts'
import type { CheckedIntent } from '../host/checkedIntent.ts'

/** One intent as it went into the hash. */
export interface IntentRow {
  readonly seq: number
  readonly recvRelNs: number
  readonly strategyId: string
  readonly orderId: string
  readonly intent: CheckedIntent
  /** Size that was filled at once, × 1e6. */
  readonly filledSizeE6: number
}

/** Profit and exposure at one instant; integers × 1e6. */
export interface SeriesPoint {
  readonly seq: number
  readonly recvRelNs: number
  readonly cashE6: number
  readonly realizedPnlE6: number
  readonly unrealizedPnlE6: number
  readonly feesPaidE6: number
  readonly totalPnlE6: number
  /** Sum over markets of the size held, long or short. */
  readonly grossPositionE6: number
}

/** What a run is looked at by. The lists hold the first rows; the counts are of all. */
export interface RunDetails {
  readonly intents: readonly IntentRow[]
  readonly intentsLeftOut: number
  readonly fills: readonly Fill[]
  readonly fillsLeftOut: number
  /** When intents came, each instant once, ascending; the first million. */
  readonly decisionsRelNs: readonly number[]
  /** Evenly spread over the run, in order; the last point is its end. */
  readonly series: readonly SeriesPoint[]
}

export const MAX_ROWS = 5000
export const MAX_POINTS = 2000
const MAX_DECISIONS = 1_000_000

/** Collects the details of a run within bounds. What it keeps follows from the events alone. */
export class DetailsRecorder {
  readonly #intents: IntentRow[] = []
  readonly #fills: Fill[] = []
  readonly #decisionsRelNs: number[] = []
  #series: SeriesPoint[] = []
  #intentCount = 0
  #fillCount = 0
  #events = 0
  #everyEvents = 1
  readonly #ledger: Ledger
  readonly #markOf: MarkOf

  constructor(ledger: Ledger, markOf: MarkOf) {
    this.#ledger = ledger
    this.#markOf = markOf
  }

  intent(seq: number, recvRelNs: number, strategyId: string, intent: CheckedIntent, orderId: string, fill: Fill | undefined): void {
    this.#intentCount++
    const decisions = this.#decisionsRelNs
    if (decisions.at(-1) !== recvRelNs && decisions.length < MAX_DECISIONS) decisions.push(recvRelNs)
    if (this.#intents.length < MAX_ROWS)
      this.#intents.push({ seq, recvRelNs, strategyId, orderId, intent, filledSizeE6: fill?.sizeE6 ?? 0 })
    if (fill === undefined) return
    this.#fillCount++
    if (this.#fills.length < MAX_ROWS) this.#fills.push(fill)
  }

  /** After each event. */
  event(seq: number, recvRelNs: number): void {
    if (this.#events++ % this.#everyEvents !== 0) return
    if (this.#series.length === MAX_POINTS - 1) {
      this.#series = this.#series.filter((_, i) => i % 2 === 0)
      this.#everyEvents *= 2
      if ((this.#events - 1) % this.#everyEvents !== 0) return
    }
    this.#series.push(this.#point(seq, recvRelNs))
  }

  finish(seq: number, recvRelNs: number): RunDetails {
    const series = this.#series.at(-1)?.seq === seq || seq === 0 ? this.#series : [...this.#series, this.#point(seq, recvRelNs)]
    const intentsLeftOut = this.#intentCount - this.#intents.length
    const fillsLeftOut = this.#fillCount - this.#fills.length
    return { intents: this.#intents, intentsLeftOut, fills: this.#fills, fillsLeftOut, decisionsRelNs: this.#decisionsRelNs, series }
  }

  #point(seq: number, recvRelNs: number): SeriesPoint {
    const { cashE6, realizedPnlE6, unrealizedPnlE6, feesPaidE6, totalPnlE6 }: LedgerSummary = this.#ledger.summary(this.#markOf)
    let gross = 0n
    for (const { positionE6 } of this.#ledger.positions()) gross += positionE6 < 0n ? -positionE6 : positionE6
    return {
      seq,
      recvRelNs,
      cashE6: Number(cashE6),
      realizedPnlE6: Number(realizedPnlE6),
      unrealizedPnlE6: Number(unrealizedPnlE6),
      feesPaidE6: Number(feesPaidE6),
      totalPnlE6: Number(totalPnlE6),
      grossPositionE6: Number(gross)
    }
  }
}
