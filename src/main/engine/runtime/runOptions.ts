import type { CaptureConfig } from '../capture/index.ts'
import type { Clock } from '../clock.ts'
import type { EventMode } from './events/eventFeed.ts'
import type { ParameterValue } from './strategyApi.ts'

/** A strategy of a run: one that comes with the program, by id, or one's own, by file. */
export interface StrategyChoice {
  /** Id of a built-in strategy, or path of a TypeScript or JavaScript file. */
  readonly name: string
  /** Over the strategy's defaults. */
  readonly params?: Readonly<Record<string, ParameterValue>>
}

export interface RunProgress {
  /** 0..1; undefined in a live run without an end. */
  readonly share: number | undefined
  readonly frames: number
  readonly canonicalEvents: number
  readonly intents: number
  readonly fills: number
}

/** A run of strategies in simulation. Left out = the default that stands with it. */
export interface RunOptions {
  readonly source: ReplayChoice | LiveChoice
  /** Default none: events are counted, nothing is asked for. */
  readonly strategies?: readonly StrategyChoice[]
  /** Default book. */
  readonly events?: EventMode
  /** Stop after so many canonical events. */
  readonly maxEvents?: number | undefined
  /** Default 10. */
  readonly takerSlippageBps?: number | undefined
  /** Default none. */
  readonly maxFillSizeE6?: number | undefined
  /** Default 100. */
  readonly feeBps?: number | undefined
  /** For one event. Default none. */
  readonly maxIntentsPerStrategy?: number | undefined
  readonly maxIntentsGlobal?: number | undefined
  /** A slower callback counts as an overrun. Default none. Callbacks are timed only in live runs and when this is given. */
  readonly maxCallbackUs?: number | undefined
  /** After which a callback of a strategy of one's own is stopped, and the run with it. Default 1000. */
  readonly callbackLimitMs?: number | undefined
  /** For each strategy of one's own. Default 256. */
  readonly memoryLimitMb?: number | undefined
  /** Keep intents, fills and series for a screen. Default true. */
  readonly details?: boolean
  /** Events that are handed to the strategies at a time; the result never depends on it. Default 4096. */
  readonly batchEvents?: number
  readonly onProgress?: (progress: RunProgress) => void
  /** Ends a live run in order, and a replay with ABORTED. */
  readonly signal?: AbortSignal | undefined
  /** For tests. */
  readonly clock?: Clock
  readonly sleep?: (ms: number) => Promise<void>
}

export interface ReplayChoice {
  readonly mode: 'replay'
  readonly runDir: string
  /** From the first frame on. */
  readonly maxSeconds?: number | undefined
  /** Times the recorded pace; 0 (default) = as fast as possible. The result never depends on it. */
  readonly speed?: number | undefined
}

export interface LiveChoice {
  readonly mode: 'live'
  readonly config: CaptureConfig
  readonly durationSeconds?: number | undefined
}
