import type { CaptureConfig } from '../config.ts'

export type RefreshDecision = 'APPLIED' | 'CHURN_GUARD' | 'SKIPPED_DELTA_BELOW_MIN'

/** Decides whether a change of the universe is believed. A venue that suddenly lists something else altogether must not empty a recording. */
export class ChurnGuard {
  /** Seconds until the next refresh. */
  intervalSeconds: number
  /** Changes in a row that were not believed. */
  consecutive = 0
  readonly #config: CaptureConfig

  constructor(config: CaptureConfig) {
    this.#config = config
    this.intervalSeconds = config.captureUniverseRefreshIntervalSeconds
  }

  /** @param current tokens recorded now; @param changed tokens that would come or go */
  decide(current: number, changed: number, expected: boolean): { readonly decision: RefreshDecision; readonly churnPct: number } {
    const config = this.#config
    const churnPct = (100 * changed) / Math.max(1, current)
    if (changed === 0 || changed < config.captureUniverseRefreshMinDeltaTokens) return { decision: 'SKIPPED_DELTA_BELOW_MIN', churnPct }
    if (churnPct > config.captureUniverseRefreshMaxChurnPct && !expected) {
      this.consecutive += 1
      this.intervalSeconds = Math.min(config.captureUniverseRefreshMaxIntervalSeconds, this.intervalSeconds * 2)
      return { decision: 'CHURN_GUARD', churnPct }
    }
    this.consecutive = 0
    this.intervalSeconds = config.captureUniverseRefreshIntervalSeconds
    return { decision: 'APPLIED', churnPct }
  }

  /** So many changes in a row were not believed that the recording can no longer be what was asked for. */
  get isSustained(): boolean {
    return this.consecutive >= this.#config.captureUniverseRefreshChurnGuardConsecutiveFatal
  }
}
