import type { RunSettings } from './runSettings.ts'
import type { CrashVerdict } from './verdict.ts'

/** One FAIL gate of a run, judged. */
export interface GateResult {
  /** Plain words: "Heartbeat gaps". */
  readonly name: string
  /** Undefined: the run says nothing about it. Unknown is not passed. */
  readonly ok?: boolean | undefined
  /** What was found, with its unit. */
  readonly found: string
  /** What is allowed. */
  readonly limit: string
}

/** Everything that the report page of a bundle shows. The JSON parts have the keys that the command line prints. */
export interface BundleReport {
  readonly path: string
  readonly runId: string
  readonly gates: readonly GateResult[]
  readonly verify: unknown
  readonly audit: unknown
  readonly latency: unknown
  readonly inspection: unknown
  /** What the recorder kept and what is lost, by channel. */
  readonly journal: unknown
}

export interface SliceMade {
  readonly path: string
  readonly records: number
  readonly bytes: number
}

/** A strategy of a run: the name of a built-in one, or the path of a strategy file. */
export interface StrategyPick {
  readonly name: string
  /** Over the strategy's own defaults. */
  readonly params: Readonly<Record<string, number | string | boolean>>
}

/** What is run, whatever it is run over. */
export interface StrategyPlan {
  readonly strategies: readonly StrategyPick[]
  /** `book`: full books only (compatible with the original runtime). `change`: every change of the best prices. */
  readonly events: 'book' | 'change'
  readonly settings: RunSettings
}

/** Latencies of one stage of a live run, in microseconds. */
export interface StageLatency {
  readonly name: string
  readonly count: number
  readonly p50Us: number
  readonly p90Us: number
  readonly p99Us: number
  readonly maxUs: number
}

/** What only a live run of strategies has. */
export interface LiveFigures {
  readonly reconnects: number
  /** Messages that found the queue full. */
  readonly dropped: number
  /** Messages of the venue. */
  readonly frames: number
  readonly stages: readonly StageLatency[]
  /** The latency report as the command line prints it: one line of JSON. */
  readonly report: string
}

/** Times are ns since the run's origin; prices, sizes and money are integers × 1e6. */
export interface IntentRow {
  readonly relNs: number
  readonly strategy: string
  readonly kind: 'place' | 'cancel'
  readonly market: string
  /** Absent for a cancel. */
  readonly side?: 'buy' | 'sell'
  /** Absent for a cancel and for a market order. */
  readonly pxE6?: number
  readonly sizeE6?: number
  readonly tag: string
}

export interface FillRow {
  readonly relNs: number
  readonly market: string
  readonly side: 'buy' | 'sell'
  readonly pxE6: number
  readonly sizeE6: number
  readonly feeE6: number
}

/** Result of a run of strategies. Lists are the first rows of at most a few thousand; the counts are of all. */
export interface StrategyResult {
  readonly ok: boolean
  /** It came to its end: one that did and is not ok read a damaged recording. */
  readonly complete: boolean
  readonly error?: string
  /** A remark, for example why there were no events. */
  readonly note?: string
  /** Bundle that was replayed; empty for a live run. */
  readonly path: string
  readonly live?: LiveFigures
  readonly strategies: readonly string[]
  readonly events: 'book' | 'change'
  readonly canonicalEvents: number
  readonly intents: number
  readonly fills: number
  readonly finalHash: string
  readonly elapsedMs: number
  /** Share of the run's time in which some book was not trusted, 0..1. Absent: nothing came that could be judged. */
  readonly untrustedShare?: number
  /** What of the recording could not be read. */
  readonly missingBytes: number
  readonly missingRecords: number
  /** How long the callbacks of each strategy took; only where they were timed. */
  readonly callbacks: readonly {
    readonly strategy: string
    readonly count: number
    readonly meanUs: number
    readonly maxUs: number
    readonly overruns: number
  }[]
  readonly pnl: {
    readonly cashE6: number
    readonly realizedE6: number
    readonly unrealizedE6: number
    readonly feesE6: number
    readonly totalE6: number
  }
  readonly positions: readonly { readonly market: string; readonly positionE6: number }[]
  readonly intentRows: readonly IntentRow[]
  readonly fillRows: readonly FillRow[]
  /** Total PnL and what was held long and short (0 or below) over all markets, over time: parallel arrays, at most 2,000 points. */
  readonly series: {
    readonly relNs: readonly number[]
    readonly totalPnlE6: readonly number[]
    readonly longPositionE6: readonly number[]
    readonly shortPositionE6: readonly number[]
  }
  /** What was held of a market at the same instants, below 0 when short; of the first 100 markets that were traded. */
  readonly marketSeries: readonly { readonly market: string; readonly positionE6: readonly number[] }[]
  readonly marketsLeftOut: number
}

/** What bringing a run's journal into the lake gave. */
export interface CompactMade {
  readonly runId: string
  /** How the run ended, and what of its journal could be saved. */
  readonly verdict: CrashVerdict
  /** Channels and dates that were compacted and proved now. */
  readonly partitions: number
  readonly rows: number
  readonly parquetBytes: number
  readonly journalBytes: number
  /** Segments that were proved before. */
  readonly alreadyProved: number
  /** Parquet that was damaged and was made again from its journal, one sentence each. */
  readonly repaired: readonly string[]
  /** What could not be compacted, one sentence each; its journal is kept. */
  readonly faults: readonly string[]
}

export type JobKind = 'report' | 'slice' | 'strategy' | 'compact' | 'retention'
