import type { LatencyReport } from './latencyReport.ts'
import type { SeriesStats } from './series.ts'

type Quantile = 'p95' | 'p99' | 'max'

/** The report for people: one line a subject, times with three decimals, `unknown` where no heartbeat said. */
export function latencyText(report: LatencyReport): string {
  const { heartbeat, disconnected, rx_idle: idle, refresh, pressure_streaks: pressure, capture_verify: verify } = report
  const over = Object.entries(heartbeat.counts_over_s).map(([mark, count]) => `count_over_${mark}s=${count}`)
  const { startup_connect_time_s: startup, midrun } = disconnected
  const lines = [
    `run_id: ${report.run_id}`,
    `run_dir: ${report.run_dir}`,
    `capture_verify: ${verify.present ? `present (${verify.path})` : 'missing'}`,
    `hb_dt_s: ${quantiles(heartbeat.dt_s, ['p95', 'max'])} ${over.join(' ')}`,
    `hb_jitter_s: ${quantiles(heartbeat.jitter_s, ['p95', 'max'])}`,
    `reconnects_total: ${report.reconnects.total}`,
    `startup_connect_time_s: ${quantiles(startup.stats, ['p95', 'max'])} pending_shards=${whole(startup.pending_shards)}`,
    `midrun_disconnected: time_s_total=${decimals(midrun.time_s_total)} incidents=${whole(midrun.incidents)} duration_s_p95=${decimals(midrun.incident_duration_s_p95)} duration_s_max=${decimals(midrun.incident_duration_s_max)}`,
    `rx_idle_any_shard_s: ${quantiles(idle.global_any_shard_s, ['p95', 'max'])}`,
    `rx_idle_all_shards_s: ${quantiles(idle.global_all_shards_s, ['p95', 'max'])}`,
    `loop_lag_ms: ${quantiles(report.loop_lag_ms, ['p95', 'p99', 'max'])}`,
    `heartbeat_work_ms: ${quantiles(report.heartbeat_work_ms, ['p95', 'p99', 'max'])}`,
    `disk_check_ms(performed): ${quantiles(report.disk_check_ms, ['p95', 'p99', 'max'])} count=${report.disk_check_performed_count}`,
    `refresh_duration_ms: ${quantiles(refresh.duration_ms, ['p95', 'max'])} count=${refresh.count} errors=${refresh.errors}`,
    `dropped_messages_total: ${whole(report.drops.dropped_messages_total)}`,
    `pressure_streaks: failed=${pressure.failed} worst_streak=${pressure.worst_streak} worst_metric=${pressure.worst_metric ?? 'none'}`
  ]
  return `${lines.join('\n')}\n`
}

function quantiles(stats: SeriesStats, names: readonly Quantile[]): string {
  return names.map((name) => `${name}=${decimals(stats[name])}`).join(' ')
}

function decimals(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(3)
}

function whole(value: number | null): string {
  return value === null ? 'unknown' : String(value)
}
