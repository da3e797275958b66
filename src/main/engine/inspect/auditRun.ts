import { existsSync, readFileSync } from 'node:fs'
import { GATE_LIMITS, qualityOf, type QualityReport } from '../../../shared/gates/index.ts'
import { bundlePaths, type BigJson } from '../bundle/index.ts'
import { latencyReportOf, type LatencyReport } from './latencyReport.ts'
import type { HeartbeatGap, RunlogFacts } from './runlogFacts.ts'
import { scanRun } from './runScan.ts'
import type { ScanOptions } from './scanOptions.ts'
import type { UnreadableLines } from './unreadableLines.ts'
import { crcMismatches, type VerifySummary } from './verifySummary.ts'

export interface AuditOptions extends ScanOptions {
  /** A longer time between two heartbeats is a gap. Default 2. */
  readonly thresholdS?: number
  /** Limits of the loop lag in milliseconds; what is above fails. Defaults 10 and 100. */
  readonly maxLoopLagP99Ms?: number
  readonly maxLoopLagMaxMs?: number
  /** False leaves loop lag, reconnects, drops and pressure out. Default true. */
  readonly latencyGates?: boolean
}

export type LatencyGates =
  | { readonly enabled: false; readonly ok: true }
  | {
      readonly enabled: true
      readonly ok: boolean
      readonly reasons: readonly string[]
      readonly reconnects_total: number
      readonly midrun_disconnected_incidents: number | null
      readonly dropped_messages_total: number | null
      readonly loop_lag_count: number
      readonly loop_lag_p99_ms: number | null
      readonly loop_lag_max_ms: number | null
      readonly pressure_streaks: LatencyReport['pressure_streaks']
    }

/** The audit, keys as printed. */
export interface RunAudit extends QualityReport {
  readonly run_dir: string
  readonly threshold_seconds: number
  readonly hb_count: number
  readonly gaps_over_threshold: number
  /** 0 when no gap is over the threshold. */
  readonly max_gap_seconds: number
  readonly max_gap: HeartbeatGap | null
  readonly top_gaps: readonly HeartbeatGap[]
  readonly latency_gates: LatencyGates
  /** What follows is Tapedeck's own. */
  readonly fatal: { readonly present: boolean; readonly fatal_reason: string | null }
  readonly capture_verify: { readonly present: boolean; readonly path: string | null; readonly crc_mismatch: number | null }
  /** The run log ends with a capture_stop record. */
  readonly clean_stop: boolean
  readonly unreadable_lines: UnreadableLines
  /** Gates that the run says nothing about. They do not fail. */
  readonly unknown: readonly string[]
  readonly ok: boolean
  /** Every gate that failed. */
  readonly reasons: readonly string[]
}

/**
 * Judges a run by what it wrote of itself: heartbeat gaps, quality, latency gates, a fatal end, and a kept result of `capture-verify`.
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_NEWER, FILE_FAILED; the signal's reason
 */
export async function auditRun(runDir: string, options: AuditOptions = {}): Promise<RunAudit> {
  const thresholdS = options.thresholdS ?? GATE_LIMITS.heartbeatGapS
  const scan = await scanRun(runDir, thresholdS, options)
  const report = latencyReportOf(scan)
  const { runlog } = scan
  const quality = qualityOf(runlog.captureStop, scan.global.last)
  const gates: LatencyGates = options.latencyGates === false ? { enabled: false, ok: true } : latencyGates(report, options)
  const fatal = readFatal(scan.facts.dir)
  const crcMismatch = crcMismatches(report.capture_verify)
  const reasons = [
    ...(runlog.gapsOverThreshold > 0 ? ['heartbeat_gaps'] : []),
    ...(quality.quality_ok ? [] : [`quality_${quality.quality_status}`]),
    ...(gates.enabled ? gates.reasons : []),
    ...(crcMismatch !== null && crcMismatch > 0 ? ['crc_mismatch'] : []),
    ...(fatal.present ? ['fatal'] : [])
  ]
  return {
    run_dir: scan.facts.dir,
    threshold_seconds: thresholdS,
    ...gapsPart(runlog),
    ...quality,
    latency_gates: gates,
    fatal,
    capture_verify: verifyPart(report.capture_verify, crcMismatch),
    clean_stop: runlog.captureStop !== undefined,
    unreadable_lines: report.unreadable_lines,
    unknown: unknownGates(runlog, gates, crcMismatch),
    ok: reasons.length === 0,
    reasons
  }
}

function gapsPart(runlog: RunlogFacts): Pick<RunAudit, 'hb_count' | 'gaps_over_threshold' | 'max_gap_seconds' | 'max_gap' | 'top_gaps'> {
  const longest = runlog.topGaps[0]
  return {
    hb_count: runlog.heartbeats,
    gaps_over_threshold: runlog.gapsOverThreshold,
    max_gap_seconds: longest?.gap_seconds ?? 0,
    max_gap: longest ?? null,
    top_gaps: runlog.topGaps
  }
}

function latencyGates(report: LatencyReport, options: AuditOptions): LatencyGates {
  const { loop_lag_ms: lag, pressure_streaks: pressure } = report
  const incidents = report.disconnected.midrun.incidents
  const dropped = report.drops.dropped_messages_total
  const failed: readonly (readonly [string, boolean])[] = [
    ['missing_loop_lag_metrics', lag.count === 0],
    ['reconnects_total', report.reconnects.total > 0],
    ['midrun_disconnected_incidents', (incidents ?? 0) > 0],
    ['dropped_messages_total', (dropped ?? 0) > 0],
    ['loop_lag_p99_ms', (lag.p99 ?? 0) > (options.maxLoopLagP99Ms ?? GATE_LIMITS.loopLagP99Ms)],
    ['loop_lag_max_ms', (lag.max ?? 0) > (options.maxLoopLagMaxMs ?? GATE_LIMITS.loopLagMaxMs)],
    ['pressure_streaks', pressure.failed]
  ]
  const reasons = failed.flatMap(([name, hasFailed]) => (hasFailed ? [name] : []))
  return {
    enabled: true,
    ok: reasons.length === 0,
    reasons,
    reconnects_total: report.reconnects.total,
    midrun_disconnected_incidents: incidents,
    dropped_messages_total: dropped,
    loop_lag_count: lag.count,
    loop_lag_p99_ms: lag.p99,
    loop_lag_max_ms: lag.max,
    pressure_streaks: pressure
  }
}

function unknownGates(runlog: RunlogFacts, gates: LatencyGates, crcMismatch: number | null): string[] {
  const unknown: string[] = []
  if (runlog.heartbeatDtS.count === 0) unknown.push('heartbeat_gaps')
  if (gates.enabled) {
    if (gates.midrun_disconnected_incidents === null) unknown.push('midrun_disconnected_incidents')
    if (gates.dropped_messages_total === null) unknown.push('dropped_messages_total')
    if (Object.values(gates.pressure_streaks.max_streaks).every((streak) => streak === null)) unknown.push('pressure_streaks')
  }
  if (crcMismatch === null) unknown.push('crc_mismatch')
  return unknown
}

function verifyPart(verify: VerifySummary, crcMismatch: number | null): RunAudit['capture_verify'] {
  return { present: verify.present, path: verify.present ? verify.path : null, crc_mismatch: crcMismatch }
}

function readFatal(dir: string): RunAudit['fatal'] {
  const path = bundlePaths(dir).fatal
  if (!existsSync(path)) return { present: false, fatal_reason: null }
  try {
    const reason = (JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, BigJson>> | null)?.['fatal_reason']
    return { present: true, fatal_reason: typeof reason === 'string' ? reason : null }
  } catch {
    return { present: true, fatal_reason: null }
  }
}
