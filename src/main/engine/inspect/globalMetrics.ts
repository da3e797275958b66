import { finiteNumber, PressureStreaks, type JsonRecord } from '../../../shared/gates/index.ts'
import { LagRanking } from './lagAttribution.ts'
import { Series } from './series.ts'

/** Stages of a message on its way through the plant, as the metrics name them. */
export const STAGES = [
  'ws_rx_to_enqueue_ms',
  'ws_rx_to_parsed_ms',
  'ws_rx_to_applied_ms',
  'write_end_to_apply_ms',
  'apply_update_ms'
] as const
export const QUEUES = ['ws_in_q_depth', 'parse_q_depth', 'write_q_depth'] as const
export const LOOP_LAG = 'loop_lag_ms_max_last_interval'

const STAGE_PARTS = ['p50', 'p95', 'p99', 'max'] as const
const SERIES_FIELDS: readonly string[] = [
  ...STAGES.flatMap((stage) => STAGE_PARTS.map((part) => `${stage}_${part}`)),
  ...QUEUES.flatMap((queue) => [`${queue}_p95`, `${queue}_max`]),
  LOOP_LAG,
  'rx_idle_any_shard_s',
  'rx_idle_all_shards_s',
  'dropped_messages_count'
]

/** Fields whose newest value counts. */
const NEWEST_FIELDS = [
  'dropped_messages_total',
  'startup_connect_pending_shards',
  'midrun_disconnected_time_s_total',
  'midrun_disconnected_incidents',
  'midrun_disconnected_incident_duration_s_p95',
  'midrun_disconnected_incident_duration_s_max'
] as const
export type NewestField = (typeof NEWEST_FIELDS)[number]

/** What metrics/global.ndjson says, heartbeat by heartbeat: eight bytes are kept for each value of a series, and nothing else. */
export class GlobalMetrics {
  readonly pressure = new PressureStreaks()
  readonly lag = new LagRanking()
  /** Nanoseconds in the metrics, milliseconds here. */
  readonly heartbeatWorkMs = new Series()
  readonly diskCheckMs = new Series()
  /** The newest record, for the loss counters of a run without a capture_stop. */
  last: JsonRecord | undefined
  readonly #series = new Map(SERIES_FIELDS.map((field) => [field, new Series()]))
  readonly #newest = new Map<NewestField, number>()

  take(record: JsonRecord, line: string): void {
    this.last = record
    for (const [field, series] of this.#series) series.add(finiteNumber(record, field))
    for (const field of NEWEST_FIELDS) {
      const value = finiteNumber(record, field)
      if (value !== undefined) this.#newest.set(field, value)
    }
    this.heartbeatWorkMs.add(milliseconds(record, 'hb_tick_work_ns'))
    if (record['disk_check_performed'] === true) this.diskCheckMs.add(milliseconds(record, 'disk_check_ns'))
    this.pressure.take(record)
    this.lag.take(record, line)
  }

  series(field: string): Series {
    const series = this.#series.get(field)
    if (series === undefined) throw new Error(`broken promise: ${field} is not collected`)
    return series
  }

  /** @returns the newest value of a field, null where no heartbeat had it */
  newest(field: NewestField): number | null {
    return this.#newest.get(field) ?? null
  }
}

function milliseconds(record: JsonRecord, field: string): number | undefined {
  const ns = finiteNumber(record, field)
  return ns !== undefined && ns >= 0 ? ns / 1e6 : undefined
}
