import { stringifyBigJson, type BigJson } from '../../bundle/index.ts'
import type { RunResult } from '../runResult.ts'

/** The latency report of a live run as one line of JSON, without newline. Times in ns unless named otherwise, rates in thousandths. */
export function liveLatencyLine(result: RunResult): string | undefined {
  const { live, counts } = result
  if (live === undefined) return undefined
  const elapsedNs = live.t1MonoNs - live.t0MonoNs
  const perSecondE3 = (count: number): bigint => (elapsedNs > 0n ? (BigInt(count) * 1_000_000_000_000n) / elapsedNs : 0n)
  return stringifyBigJson({
    record_type: 'live_latency_report',
    mode: 'live',
    execution: 'sim',
    t0_mono_ns: live.t0MonoNs,
    t1_mono_ns: live.t1MonoNs,
    elapsed_ns: elapsedNs,
    frames: result.frames,
    canonical_events: result.canonicalEvents,
    intents: result.intents,
    reconnects: live.reconnects,
    dropped: live.dropped,
    decode_errors: counts.decodeErrors,
    schema_errors: counts.schemaErrors,
    best_bid_scans: counts.bids.scans,
    best_bid_scan_levels_total: counts.bids.levelsTotal,
    best_bid_scan_levels_max: counts.bids.levelsMax,
    best_ask_scans: counts.asks.scans,
    best_ask_scan_levels_total: counts.asks.levelsTotal,
    best_ask_scan_levels_max: counts.asks.levelsMax,
    events_per_sec_e3: perSecondE3(result.canonicalEvents),
    frames_per_sec_e3: perSecondE3(result.frames),
    cpu_time_ns: live.cpuTimeNs,
    cpu_util_bp: elapsedNs > 0n ? Number((BigInt(live.cpuTimeNs) * 10_000n) / elapsedNs) : 0,
    stages: live.stages as unknown as BigJson,
    confirm_timeouts: live.confirmTimeouts,
    shards_ended: live.shardsEnded,
    fallbacks: counts.fallbacks
  })
}
