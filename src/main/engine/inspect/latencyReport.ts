import { join } from 'node:path'
import type { PressureReport } from '../../../shared/gates/index.ts'
import { publishFile, stringifyBigJson, type BigJson } from '../bundle/index.ts'
import { LOOP_LAG, QUEUES, STAGES, type GlobalMetrics } from './globalMetrics.ts'
import { histogram, type Histogram } from './histogram.ts'
import type { LagAttribution } from './lagAttribution.ts'
import { latencyText } from './latencyText.ts'
import type { RunlogFacts } from './runlogFacts.ts'
import { scanRun, type RunScan } from './runScan.ts'
import type { ScanOptions } from './scanOptions.ts'
import { Series, type SeriesStats } from './series.ts'
import type { ShardMetrics } from './shardMetrics.ts'
import type { UnreadableLines } from './unreadableLines.ts'
import { readVerifySummary, type VerifySummary } from './verifySummary.ts'

const HEARTBEAT_MARKS_S = ['1.25', '1.5', '2.0'] as const

type ByShard<T> = Readonly<Record<string, T>>

interface StageReport {
  readonly p50: SeriesStats
  readonly p95: SeriesStats
  readonly p99: SeriesStats
  readonly max: SeriesStats
  /** Heartbeats that had the stage. */
  readonly count: number
}

/** The latency report, keys as on disk. A number that no heartbeat gave is null: unknown, not zero. */
export interface LatencyReport {
  readonly run_dir: string
  readonly run_id: string
  readonly capture_verify: VerifySummary
  readonly heartbeat: {
    readonly expected_interval_s: number
    readonly dt_s: SeriesStats
    readonly jitter_s: SeriesStats
    readonly counts_over_s: Readonly<Record<string, number>>
  }
  readonly reconnects: {
    readonly total: number
    readonly by_trigger: Readonly<Record<string, number>>
    readonly by_reason: Readonly<Record<string, number>>
    /** Renewals before the venue's own cut; not in the total. */
    readonly planned: number
  }
  readonly disconnected: {
    readonly startup_connect_time_s: {
      readonly stats: SeriesStats
      readonly pending_shards: number | null
      readonly by_shard: ByShard<number | null>
    }
    readonly midrun: {
      readonly time_s_total: number | null
      readonly incidents: number | null
      readonly incident_duration_s_p95: number | null
      readonly incident_duration_s_max: number | null
      readonly by_shard: ByShard<number | null>
    }
  }
  readonly rx_idle: {
    readonly global_any_shard_s: SeriesStats
    readonly global_all_shards_s: SeriesStats
    readonly per_shard: ByShard<SeriesStats>
  }
  readonly ingest_latency_ms: Readonly<Record<string, StageReport>>
  readonly queue_depth: Readonly<Record<string, { readonly p95: SeriesStats; readonly max: SeriesStats }>>
  readonly drops: { readonly dropped_messages_total: number | null; readonly dropped_messages_per_interval: SeriesStats }
  readonly loop_lag_ms: SeriesStats
  readonly heartbeat_work_ms: SeriesStats
  readonly disk_check_ms: SeriesStats
  readonly disk_check_performed_count: number
  readonly loop_lag_attribution: LagAttribution
  readonly histograms_ms: Readonly<Record<string, Histogram>>
  readonly pressure_streaks: PressureReport
  readonly refresh: { readonly duration_ms: SeriesStats; readonly count: number; readonly errors: number }
  readonly unreadable_lines: UnreadableLines
}

/**
 * Reads run log and metrics of a run and sums up times, queues, losses and reconnects. Writes nothing.
 * Memory: eight bytes for each value of a heartbeat, about 25 MB for a day of one a second with every field.
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_NEWER, FILE_FAILED; the signal's reason
 */
export async function latencyReport(runDir: string, options: ScanOptions = {}): Promise<LatencyReport> {
  return latencyReportOf(await scanRun(runDir, Infinity, options))
}

/** Writes `latency_report.json` and `latency_report.txt` into the run's folder. @returns the JSON without its newline; @throws the operating system's error */
export function writeLatencyReport(report: LatencyReport): string {
  const json = stringifyBigJson(report as unknown as BigJson)
  publishFile(join(report.run_dir, 'latency_report.json'), `${json}\n`)
  publishFile(join(report.run_dir, 'latency_report.txt'), latencyText(report))
  return json
}

/** The report of a run that has been read already. */
export function latencyReportOf({ facts, runlog, global, shards, unreadable }: RunScan): LatencyReport {
  return {
    run_dir: facts.dir,
    run_id: facts.runId,
    capture_verify: readVerifySummary(facts.dir),
    heartbeat: heartbeatPart(runlog, facts.heartbeatIntervalS),
    reconnects: {
      total: runlog.reconnects,
      by_trigger: runlog.byTrigger.toObject(),
      by_reason: runlog.byReason.toObject(),
      planned: runlog.plannedReconnects
    },
    disconnected: disconnectedPart(global, shards),
    rx_idle: {
      global_any_shard_s: global.series('rx_idle_any_shard_s').stats(),
      global_all_shards_s: global.series('rx_idle_all_shards_s').stats(),
      per_shard: byShard(shards, (shard) => shard.rxIdleS)
    },
    ingest_latency_ms: Object.fromEntries(STAGES.map((stage) => [stage, stagePart(global, stage)])),
    queue_depth: Object.fromEntries(
      QUEUES.map((queue) => [queue, { p95: global.series(`${queue}_p95`).stats(), max: global.series(`${queue}_max`).stats() }])
    ),
    drops: {
      dropped_messages_total: global.newest('dropped_messages_total'),
      dropped_messages_per_interval: global.series('dropped_messages_count').stats()
    },
    loop_lag_ms: global.series(LOOP_LAG).stats(),
    heartbeat_work_ms: global.heartbeatWorkMs.stats(),
    disk_check_ms: global.diskCheckMs.stats(),
    disk_check_performed_count: global.diskCheckMs.count,
    loop_lag_attribution: global.lag.report(),
    histograms_ms: histogramsPart(global),
    pressure_streaks: global.pressure.report(),
    refresh: { duration_ms: runlog.refreshMs.stats(), count: runlog.refreshes, errors: runlog.refreshErrors },
    unreadable_lines: unreadable.toObject()
  }
}

function heartbeatPart(runlog: RunlogFacts, expectedS: number): LatencyReport['heartbeat'] {
  const dt = runlog.heartbeatDtS.sorted()
  const jitter = new Series()
  for (const seconds of dt) jitter.add(seconds - expectedS)
  const over = HEARTBEAT_MARKS_S.map((mark) => [mark, dt.reduce((count, seconds) => count + (seconds > Number(mark) ? 1 : 0), 0)])
  return {
    expected_interval_s: expectedS,
    dt_s: runlog.heartbeatDtS.stats(),
    jitter_s: jitter.stats(),
    counts_over_s: Object.fromEntries(over)
  }
}

function disconnectedPart(global: GlobalMetrics, shards: readonly ShardMetrics[]): LatencyReport['disconnected'] {
  const startup = new Series()
  for (const shard of shards) startup.add(shard.startupConnectTimeS ?? undefined)
  return {
    startup_connect_time_s: {
      stats: startup.stats(),
      pending_shards: global.newest('startup_connect_pending_shards'),
      by_shard: byShard(shards, (shard) => shard.startupConnectTimeS)
    },
    midrun: {
      time_s_total: global.newest('midrun_disconnected_time_s_total'),
      incidents: global.newest('midrun_disconnected_incidents'),
      incident_duration_s_p95: global.newest('midrun_disconnected_incident_duration_s_p95'),
      incident_duration_s_max: global.newest('midrun_disconnected_incident_duration_s_max'),
      by_shard: byShard(shards, (shard) => shard.midrunDisconnectedTimeS)
    }
  }
}

function stagePart(global: GlobalMetrics, stage: string): StageReport {
  const stats = (part: string): SeriesStats => global.series(`${stage}_${part}`).stats()
  return { p50: stats('p50'), p95: stats('p95'), p99: stats('p99'), max: stats('max'), count: global.series(`${stage}_max`).count }
}

function histogramsPart(global: GlobalMetrics): Record<string, Histogram> {
  const stages = STAGES.map((stage) => [`${stage}_p99`, histogram(global.series(`${stage}_p99`).sorted())] as const)
  return {
    ...Object.fromEntries(stages),
    [LOOP_LAG]: histogram(global.series(LOOP_LAG).sorted()),
    heartbeat_work_ms: histogram(global.heartbeatWorkMs.sorted()),
    disk_check_ms: histogram(global.diskCheckMs.sorted())
  }
}

function byShard<T>(shards: readonly ShardMetrics[], pick: (shard: ShardMetrics) => T): ByShard<T> {
  return Object.fromEntries(shards.map((shard) => [shard.name, pick(shard)]))
}
