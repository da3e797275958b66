import type { GateResult } from '../../../shared/api/index.ts'
import { runGates } from '../../../shared/gates/index.ts'
import type { VerifyReport } from '../bundle/index.ts'
import type { RunAudit } from './auditRun.ts'

/** The FAIL gates of a capture as a page shows them: each with what was found. What the run does not say stays unknown. */
export function gatesOf(audit: RunAudit, verify: VerifyReport): GateResult[] {
  const lag = audit.latency_gates.enabled ? audit.latency_gates : undefined
  const silent = audit.unknown.includes('heartbeat_gaps')
  const gates = runGates({
    heartbeats: silent
      ? undefined
      : { count: audit.hb_count, gaps: audit.gaps_over_threshold, longestS: audit.max_gap_seconds, thresholdS: audit.threshold_seconds },
    // A run without a heartbeat was imported or made: it says nothing of connections either.
    reconnects: silent ? undefined : lag?.reconnects_total,
    disconnects: lag?.midrun_disconnected_incidents ?? undefined,
    dropped: lag?.dropped_messages_total ?? undefined,
    loopLagP99Ms: lag?.loop_lag_p99_ms ?? undefined,
    loopLagMaxMs: lag?.loop_lag_max_ms ?? undefined,
    pressure: lag?.pressure_streaks,
    quality: audit,
    fatal: audit.fatal.present ? (audit.fatal.fatal_reason ?? 'fatal') : undefined
  })
  return [...gates, bytesGate(verify)]
}

function bytesGate({ totals }: VerifyReport): GateResult {
  const { crc_mismatch: crc, errors, truncated_shards: truncated } = totals
  return {
    name: 'Every byte as written',
    ok: crc === 0 && errors === 0 && truncated.length === 0,
    found: `${totals.records} records, ${errors} errors, ${crc} wrong checksums, ${truncated.length} shards cut off`,
    limit: 'no error'
  }
}
