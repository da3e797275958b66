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
  /** Sums over markets of the sizes held: of those held long, and of those held short (0 or below). */
  readonly longPositionE6: number
  readonly shortPositionE6: number
}

/** What was held of one market, at each point of the series; below 0 when short. */
export interface MarketPosition {
  readonly marketId: string
  readonly positionE6: readonly number[]
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
  /** Of the markets that were traded first, in that order. */
  readonly marketPositions: readonly MarketPosition[]
  readonly marketsLeftOut: number
}

export const MAX_ROWS = 5000
export const MAX_POINTS = 2000
const MAX_DECISIONS = 1_000_000
/** Markets whose position is kept over time: the first so many that are traded. */
export const MAX_POSITION_MARKETS = 100

/** Collects the details of a run within bounds. What it keeps follows from the events alone. */
export class DetailsRecorder {
  readonly #intents: IntentRow[] = []
  readonly #fills: Fill[] = []
  readonly #decisionsRelNs: number[] = []
  #series: SeriesPoint[] = []
  /** Positions of the markets by number, at each point of the series. */
  #held: ReadonlyMap<number, number>[] = []
  #intentCount = 0
  #fillCount = 0
  #events = 0
  #everyEvents = 1
  readonly #ledger: Ledger
  readonly #markOf: MarkOf
  readonly #marketIds: readonly string[]

  /** @param marketIds by number */
  constructor(ledger: Ledger, markOf: MarkOf, marketIds: readonly string[]) {
    this.#ledger = ledger
    this.#markOf = markOf
    this.#marketIds = marketIds
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
      this.#held = this.#held.filter((_, i) => i % 2 === 0)
      this.#everyEvents *= 2
      if ((this.#events - 1) % this.#everyEvents !== 0) return
    }
    this.#addPoint(seq, recvRelNs)
  }

  finish(seq: number, recvRelNs: number): RunDetails {
    if (this.#series.at(-1)?.seq !== seq && seq !== 0) this.#addPoint(seq, recvRelNs)
    const traded = this.#ledger.markets()
    const marketPositions = traded.slice(0, MAX_POSITION_MARKETS).map((market) => ({
      marketId: this.#marketIds[market] ?? '',
      positionE6: this.#held.map((held) => held.get(market) ?? 0)
    }))
    const intentsLeftOut = this.#intentCount - this.#intents.length
    const fillsLeftOut = this.#fillCount - this.#fills.length
    return {
      intents: this.#intents,
      intentsLeftOut,
      fills: this.#fills,
      fillsLeftOut,
      decisionsRelNs: this.#decisionsRelNs,
      series: this.#series,
      marketPositions,
      marketsLeftOut: traded.length - marketPositions.length
    }
  }

  #addPoint(seq: number, recvRelNs: number): void {
    const positions = this.#ledger.positions()
    this.#series.push(this.#point(seq, recvRelNs, positions))
    // Those traded first come first, so the first ones held include all that are kept.
    this.#held.push(new Map(positions.slice(0, MAX_POSITION_MARKETS).map(({ market, positionE6 }) => [market, Number(positionE6)])))
  }

  #point(seq: number, recvRelNs: number, positions: ReturnType<Ledger['positions']>): SeriesPoint {
    const { cashE6, realizedPnlE6, unrealizedPnlE6, feesPaidE6, totalPnlE6 }: LedgerSummary = this.#ledger.summary(this.#markOf)
    let long = 0n
    let short = 0n
    for (const { positionE6 } of positions) {
      if (positionE6 > 0n) long += positionE6
      else short += positionE6
    }
    return {
      seq,
      recvRelNs,
      cashE6: Number(cashE6),
      realizedPnlE6: Number(realizedPnlE6),
      unrealizedPnlE6: Number(unrealizedPnlE6),
      feesPaidE6: Number(feesPaidE6),
      totalPnlE6: Number(totalPnlE6),
      longPositionE6: Number(long),
      shortPositionE6: Number(short)
    }
  }
}
