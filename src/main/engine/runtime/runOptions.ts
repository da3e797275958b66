import type { RunSettingKey } from '../../../shared/api/index.ts'
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

/** The numbers of a run, declared in `RUN_SETTINGS`; those that hold for a recording only stand in the source. */
type Settings = { readonly [K in Exclude<RunSettingKey, 'maxSeconds'>]?: number | undefined }

/** A run of strategies in simulation. Left out = the default that stands with it. */
export interface RunOptions extends Settings {
  readonly source: ReplayChoice | LiveChoice
  /** Default none: events are counted, nothing is asked for. */
  readonly strategies?: readonly StrategyChoice[]
  /** Default book. */
  readonly events?: EventMode
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
