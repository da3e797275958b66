import { finiteNumber, type JsonRecord } from './jsonRecord.ts'

const STREAK_INTERVALS = 5
const THRESHOLDS = { q_depth_max: 200, ws_rx_to_parsed_ms_p99: 50, ws_rx_to_applied_ms_p99: 100, backpressure_ms_p99: 25 } as const

/** Name in the report, field of the metrics, what turns its unit into that of the threshold, and the threshold. */
const WATCHED = [
  { name: 'ws_in_q_depth_max', field: 'ws_in_q_depth_max', scale: 1, limit: THRESHOLDS.q_depth_max },
  { name: 'parse_q_depth_max', field: 'parse_q_depth_max', scale: 1, limit: THRESHOLDS.q_depth_max },
  { name: 'write_q_depth_max', field: 'write_q_depth_max', scale: 1, limit: THRESHOLDS.q_depth_max },
  { name: 'ws_rx_to_parsed_ms_p99', field: 'ws_rx_to_parsed_ms_p99', scale: 1, limit: THRESHOLDS.ws_rx_to_parsed_ms_p99 },
  { name: 'ws_rx_to_applied_ms_p99', field: 'ws_rx_to_applied_ms_p99', scale: 1, limit: THRESHOLDS.ws_rx_to_applied_ms_p99 },
  { name: 'backpressure_ms_p99', field: 'backpressure_ns_p99', scale: 1e-6, limit: THRESHOLDS.backpressure_ms_p99 }
] as const

export interface PressureReport {
  readonly streak_intervals: number
  readonly thresholds: typeof THRESHOLDS
  /** Longest run of consecutive heartbeats at or above the threshold; null where no heartbeat had the field. */
  readonly max_streaks: Readonly<Record<string, number | null>>
  readonly worst_metric: string | null
  readonly worst_streak: number
  readonly failed: boolean
}

/** Finds long stretches of pressure in the global heartbeats, one by one as they come. */
export class PressureStreaks {
  readonly #current = WATCHED.map(() => 0)
  readonly #longest = WATCHED.map((): number | undefined => undefined)

  take(record: JsonRecord): void {
    for (const [i, { field, scale, limit }] of WATCHED.entries()) {
      const value = finiteNumber(record, field)
      this.#current[i] = value !== undefined && value * scale >= limit ? this.#current[i]! + 1 : 0
      if (value !== undefined) this.#longest[i] = Math.max(this.#longest[i] ?? 0, this.#current[i])
    }
  }

  report(): PressureReport {
    const worst = this.#longest.reduce<number>((max, streak) => Math.max(max, streak ?? 0), 0)
    const name = worst === 0 ? null : (WATCHED[this.#longest.indexOf(worst)]?.name ?? null)
    return {
      streak_intervals: STREAK_INTERVALS,
      thresholds: THRESHOLDS,
      max_streaks: Object.fromEntries(WATCHED.map((watched, i) => [watched.name, this.#longest[i] ?? null])),
      worst_metric: name,
      worst_streak: worst,
      failed: worst >= STREAK_INTERVALS
    }
  }
}
