import type { Clock } from '../clock.ts'
import type { RunRecord } from './runFiles.ts'

const SAMPLES = 200
const NS_PER_MS = 1_000_000n
/** Readings in a row that a counter may repeat before it counts as one that moves in steps only. */
const MAX_READINGS = 2_000_000

/**
 * Looks at the monotonic counter: one that moves in whole milliseconds cannot order messages. Reads until it has so many different values.
 * @returns fields of the run log's `monotonic_precision` record
 */
export function monotonicPrecision(clock: Clock): RunRecord & { readonly ok: boolean } {
  const stamps: bigint[] = [clock.monoNs()]
  for (let readings = 0; stamps.length < SAMPLES && readings < MAX_READINGS; readings++) {
    const now = clock.monoNs()
    if (now !== stamps.at(-1)) stamps.push(now)
  }
  const deltas = stamps.slice(1).map((stamp, i) => stamp - (stamps[i] ?? stamp))
  const anyNonMs = stamps.some((stamp) => stamp % NS_PER_MS !== 0n)
  const gcd = deltas.reduce(greatestCommonDivisor, 0n)
  const ok = anyNonMs && deltas.length > 0 && gcd < NS_PER_MS
  const reason = deltas.length === 0 ? 'the counter stands still' : anyNonMs ? 'steps of whole milliseconds' : 'whole milliseconds only'
  return {
    sample_count: stamps.length,
    any_non_ms: anyNonMs,
    delta_gcd_ns: gcd,
    min_delta_ns: deltas.reduce((min, delta) => (delta < min ? delta : min), deltas[0] ?? 0n),
    max_delta_ns: deltas.reduce((max, delta) => (delta > max ? delta : max), 0n),
    ok,
    ...(ok ? {} : { reason })
  }
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
