import type { BundleReport, SliceMade, StrategyRequest, StrategyResult } from '../../../shared/api/index.ts'
import type { Failure } from '../../../shared/errors.ts'

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
  | { readonly kind: 'strategy'; readonly request: StrategyRequest }

export type JobEvent =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'result'; readonly result: BundleReport | SliceMade | StrategyResult }
  | { readonly kind: 'failed'; readonly failure: Failure }
