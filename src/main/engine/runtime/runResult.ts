import type { Failure } from '../../../shared/errors.ts'
import type { EventMode } from './events/eventFeed.ts'
import type { LedgerSummary } from './execution/ledger.ts'
import type { PlainCallbackStats } from './host/callbackStats.ts'
import type { NormaliserCounts } from './normalise/bookNormaliser.ts'
import type { Stage } from './report/liveLatency.ts'
import type { RunDetails } from './report/runDetails.ts'
import type { StageSummary } from './report/stageHistogram.ts'
import type { MissingTotals } from './source/missing.ts'
import type { TrustResult } from './state/trust.ts'

/**
 * What a run gave, also one that failed: then `ok` is false, `failure` says why, and the rest is as far as it came. A run over a damaged
 * recording comes to its end and has failed all the same.
 */
export interface RunResult {
  readonly ok: boolean
  readonly failure: Failure | undefined
  /** It came to its end. */
  readonly complete: boolean
  readonly mode: 'replay' | 'live'
  readonly events: EventMode
  readonly runId: string
  readonly venue: 'polymarket' | 'binance'
  /** Of relative times, ns since the Unix epoch. */
  readonly originTsNs: bigint
  /** Ids of the strategies, sorted. */
  readonly strategyIds: readonly string[]
  /** Messages of the venue over its socket; neither HTTP answers nor our own notes. */
  readonly frames: number
  readonly canonicalEvents: number
  /** Intents that the allocator let through: those in the hash. */
  readonly intents: number
  readonly fills: number
  /** SHA-256 in hex. */
  readonly finalHash: string
  readonly elapsedNs: number
  readonly counts: NormaliserCounts
  /** Whether callbacks were timed: the times in `callbackStats` are 0 where not. */
  readonly timed: boolean
  readonly callbackStats: Readonly<Record<string, PlainCallbackStats>>
  /** Intents given to execution. */
  readonly submittedIntents: number
  readonly pnl: LedgerSummary & { readonly positions: readonly { readonly marketId: string; readonly positionE6: bigint }[] }
  /** What of a recording could not be read, as far as the run came. */
  readonly missing: MissingTotals
  readonly trust: TrustResult
  /** undefined when they were not asked for */
  readonly details: RunDetails | undefined
  /** Only of a live run. */
  readonly live: LiveFacts | undefined
  /** A remark for people, for example why there were no events. */
  readonly note: string | undefined
}

export interface LiveFacts {
  readonly reconnects: number
  readonly dropped: number
  readonly confirmTimeouts: number
  /** Connections that ended because no reconnect was left. */
  readonly shardsEnded: number
  readonly t0MonoNs: bigint
  readonly t1MonoNs: bigint
  readonly cpuTimeNs: number
  readonly stages: Readonly<Record<Stage, StageSummary>>
}
