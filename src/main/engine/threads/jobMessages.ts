import type {
  BundleReport,
  CompactMade,
  RetentionMade,
  SliceMade,
  StorageSettings,
  StrategyPlan,
  StrategyResult
} from '../../../shared/api/index.ts'
import type { CaptureConfig } from '../capture/index.ts'
import type { Failure } from '../../../shared/errors.ts'

/** What strategies are run over: a bundle, or open connections with the settings of a capture. */
export type StrategyOver =
  | { readonly mode: 'replay'; readonly path: string }
  | { readonly mode: 'live'; readonly config: CaptureConfig; readonly seconds: number }

/** The one thing that a job thread is started for. */
export type JobRequest =
  | { readonly kind: 'report'; readonly path: string }
  | {
      readonly kind: 'slice'
      readonly path: string
      readonly fromRelNs: number
      readonly toRelNs: number
      readonly outDir: string
      readonly sliceId: string
    }
  | { readonly kind: 'strategy'; readonly over: StrategyOver; readonly plan: StrategyPlan }
  | { readonly kind: 'compact'; readonly bundleDir: string; readonly lakeDir: string }
  | {
      readonly kind: 'retention'
      readonly bundleDirs: readonly string[]
      readonly lakeDir: string
      readonly settings: StorageSettings
      readonly apply: boolean
    }

/** Asks the job to end in order; it answers with `failed`, code ABORTED, or with what it has. */
export interface JobCommand {
  readonly kind: 'cancel'
}

/** Result of a run of strategies, and when they decided something, ascending. */
export interface StrategiesRun {
  readonly result: StrategyResult
  readonly decisionsRelNs: readonly number[]
}

export type JobResult = BundleReport | SliceMade | StrategiesRun | CompactMade | RetentionMade

export type JobEvent =
  /** All code of the thread is loaded, native code too: from here on it can be ended at any moment. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'result'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly failure: Failure }
