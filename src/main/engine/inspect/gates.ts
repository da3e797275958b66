import type { GateResult } from '../../../shared/api/index.ts'
import type { VerifyReport } from '../bundle/index.ts'
import type { RunAudit } from './auditRun.ts'

/** The FAIL gates of a capture as a page shows them: each with what was found. What the run does not say stays unknown. */
export function gatesOf(audit: RunAudit, verify: VerifyReport): GateResult[] {
  const { latency_gates: gates } = audit
  const lag = gates.enabled ? gates : undefined
  const silent = (gate: string): boolean => audit.unknown.includes(gate)
  // A run without a heartbeat was imported or made: it says nothing of connections either.
  const reconnects = silent('heartbeat_gaps') ? undefined : lag?.reconnects_total
  const { crc_mismatch: crc, errors, truncated_shards: truncated } = verify.totals
  return [
    {
      name: 'Heartbeats without a gap',
      ok: silent('heartbeat_gaps') ? undefined : audit.gaps_over_threshold === 0,
      found: `${audit.gaps_over_threshold} gaps in ${audit.hb_count} heartbeats`,
      limit: `no gap over ${audit.threshold_seconds} s`
    },
    atMost('Reconnects while it ran', reconnects, 0, ''),
    atMost('Connections lost while it ran', lag?.midrun_disconnected_incidents, 0, ''),
    atMost('Dropped messages', lag?.dropped_messages_total, 0, ''),
    atMost('Loop lag, 99th percentile', lag?.loop_lag_p99_ms, 10, ' ms'),
    atMost('Loop lag, longest', lag?.loop_lag_max_ms, 100, ' ms'),
    {
      name: 'No sustained pressure',
      ok: lag === undefined || silent('pressure_streaks') ? undefined : !lag.pressure_streaks.failed,
      found:
        lag === undefined ? 'unknown' : lag.pressure_streaks.failed ? `${lag.pressure_streaks.worst_streak} heartbeats in a row` : 'none',
      limit: 'fewer than 5 heartbeats in a row'
    },
    {
      name: 'Every byte as written',
      ok: crc === 0 && errors === 0 && truncated.length === 0,
      found: `${verify.totals.records} records, ${errors} errors, ${crc} wrong checksums, ${truncated.length} shards cut off`,
      limit: 'no error'
    },
    {
      name: 'Recording quality',
      ok: audit.quality_status === 'unknown' ? undefined : audit.quality_ok,
      found: audit.quality_status,
      limit: 'ok'
    },
    {
      name: 'No fatal end',
      ok: !audit.fatal.present,
      found: audit.fatal.fatal_reason ?? (audit.fatal.present ? 'fatal' : 'none'),
      limit: 'none'
    }
  ]
}

function atMost(name: string, value: number | null | undefined, limit: number, unit: string): GateResult {
  if (value === null || value === undefined) return { name, found: 'unknown', limit: `at most ${limit}${unit}` }
  return { name, ok: value <= limit, found: `${Math.round(value * 100) / 100}${unit}`, limit: `at most ${limit}${unit}` }
}
