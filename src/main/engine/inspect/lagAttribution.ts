import { finiteNumber, type JsonRecord } from '../../../shared/gates/index.ts'
import { parseBigJson, type BigJson } from '../bundle/index.ts'

const TOP_N = 10

/** Fields of a heartbeat that may explain a lag; those that it has are repeated. */
const FIELDS = [
  'hb_mono_ns',
  'loop_lag_ms_max_last_interval',
  'hb_tick_work_ns',
  'disk_check_ns',
  'disk_free_bytes',
  'universe_refresh_duration_ms',
  'universe_refresh_worker_duration_ms',
  'ws_in_q_depth_max',
  'parse_q_depth_max',
  'write_q_depth_max',
  'dropped_messages_count',
  'dropped_messages_total',
  'ws_rx_to_enqueue_ms_p99',
  'ws_rx_to_parsed_ms_p99',
  'ws_rx_to_applied_ms_p99',
  'write_end_to_apply_ms_p99',
  'apply_update_ms_p99'
] as const

export interface LagAttribution {
  readonly top_n: number
  /** Worst first: rank, index among the global heartbeats, lag_ms, then the fields that the heartbeat has. */
  readonly top_intervals: readonly Readonly<Record<string, BigJson>>[]
}

interface Candidate {
  readonly lagMs: number
  readonly index: number
  readonly line: string
}

/** Keeps the heartbeats with the largest loop lag. */
export class LagRanking {
  readonly #top: Candidate[] = []
  #index = -1

  take(record: JsonRecord, line: string): void {
    this.#index += 1
    const lagMs = finiteNumber(record, 'loop_lag_ms_max_last_interval')
    if (lagMs === undefined) return
    // Behind equal ones: of two the earlier is first.
    const place = this.#top.findIndex((candidate) => candidate.lagMs < lagMs)
    if (place < 0 && this.#top.length >= TOP_N) return
    this.#top.splice(place < 0 ? this.#top.length : place, 0, { lagMs, index: this.#index, line })
    this.#top.length = Math.min(this.#top.length, TOP_N)
  }

  report(): LagAttribution {
    const intervals = this.#top.map(({ lagMs, index, line }, i) => {
      const record = parseBigJson(line) as Readonly<Record<string, BigJson | undefined>>
      const fields = FIELDS.flatMap((field) => (record[field] === undefined ? [] : [[field, record[field]] as const]))
      return { rank: i + 1, index, lag_ms: lagMs, ...Object.fromEntries(fields) }
    })
    return { top_n: TOP_N, top_intervals: intervals }
  }
}
