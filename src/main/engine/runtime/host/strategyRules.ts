import type { FillRules } from '../execution/fill.ts'
import { flatFee, type FeeModel } from '../execution/feeModel.ts'

/** What holds for every strategy of a run. Plain data: it crosses threads. */
export interface StrategyRules extends FillRules {
  readonly feeBps: number
  /** Most intents of one strategy, and of all together, for one event; undefined = as many as they like. */
  readonly maxIntentsPerStrategy: number | undefined
  readonly maxIntentsGlobal: number | undefined
  /** A callback that takes longer counts as an overrun; undefined = none does. Needs `timed`. */
  readonly maxCallbackUs: number | undefined
  /** Whether callbacks are timed at all; reading the clock costs more than most callbacks. */
  readonly timed: boolean
}

/** The one place that says which fee model a run has. */
export function feeModelOf(rules: StrategyRules): FeeModel {
  return flatFee(rules.feeBps)
}
