import type { SegmentTag } from '../../feeds/index.ts'
import type { CaptureConfig } from '../config.ts'

const CADENCE_MINUTES = { '5m': 5, '15m': 15, '30m': 30, '60m': 60 } as const

export interface ExpectedChurn {
  readonly expected: boolean
  /** The commonest of `EXPECTED_EXPIRY`, `EXPECTED_ROLLOVER_1H` and, for all shorter rounds, `EXPECTED_ROLLOVER_15M`; empty where the change was not expected. */
  readonly reason: string
  readonly rolloverHit: boolean
  readonly expiryHit: boolean
}

/**
 * Whether a change of the universe is one that markets of these kinds make by themselves: they end, or their next round begins.
 * Every changed market counts, also one of which nothing is known.
 * @param segments of every market that came or went
 * @param nowMs Unix milliseconds
 */
export function expectedChurn(segments: readonly SegmentTag[], nowMs: number, config: CaptureConfig): ExpectedChurn {
  const none: ExpectedChurn = { expected: false, reason: '', rolloverHit: false, expiryHit: false }
  if (!config.captureExpectedChurnEnable || segments.length === 0) return none
  const counts = new Map<string, number>()
  for (const segment of segments) {
    const reason = reasonOf(segment, nowMs, config)
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const hits = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const expected = hits > 0 && hits / segments.length >= config.captureExpectedChurnMinRatio
  const [commonest] = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? 1 : -1))
  return {
    expected,
    reason: expected ? (commonest?.[0] ?? '') : '',
    rolloverHit: [...counts.keys()].some((reason) => reason.startsWith('EXPECTED_ROLLOVER')),
    expiryHit: counts.has('EXPECTED_EXPIRY')
  }
}

function reasonOf(segment: SegmentTag, nowMs: number, config: CaptureConfig): string | undefined {
  const expiryMs = config.captureExpectedChurnExpiryWindowSeconds * 1000
  if (segment.endMs !== undefined && Math.abs(nowMs - segment.endMs) <= expiryMs) return 'EXPECTED_EXPIRY'
  if (segment.cadenceBucket === 'unknown') return undefined
  const windows = {
    '5m': config.captureExpectedChurnWindowSeconds5m,
    '15m': config.captureExpectedChurnWindowSeconds15m,
    '30m': config.captureExpectedChurnWindowSeconds30m,
    '60m': config.captureExpectedChurnWindowSeconds60m
  }
  const periodMs = CADENCE_MINUTES[segment.cadenceBucket] * 60_000
  const past = nowMs % periodMs
  if (Math.min(past, periodMs - past) > windows[segment.cadenceBucket] * 1000) return undefined
  return segment.cadenceBucket === '60m' ? 'EXPECTED_ROLLOVER_1H' : 'EXPECTED_ROLLOVER_15M'
}
