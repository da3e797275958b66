import type { GateResult } from '../api/index.ts'
import { finiteNumber, jsonRecord, type JsonRecord } from './jsonRecord.ts'
import { LagPercentile } from './lagPercentile.ts'
import { PressureStreaks } from './pressureStreaks.ts'
import { qualityOf } from './quality.ts'
import { atMost, GATE_LIMITS, runGates } from './runGates.ts'

/** The gates of a recording while it runs, from the plant's heartbeats. Plain state: the panel reads it a few times a second. */
export class LiveGates {
  #count = 0
  #newest: JsonRecord | undefined
  #elapsedNs = -1
  #number = NaN
  #gaps = 0
  #longestGapS = 0
  readonly #lags = new LagPercentile()
  #lagMaxMs = 0
  #pressure = new PressureStreaks()
  revision = 0

  /** Heartbeats that were looked at. */
  get count(): number {
    return this.#count
  }

  /**
   * Takes a heartbeat, JSON text. One that came before, or that is no heartbeat, changes nothing.
   * @param number its place among all heartbeats of the run: what happened between two that do not follow each other was not seen here
   */
  put(json: string, number: number): void {
    const beat = jsonRecord(json)
    const elapsedNs = beat === undefined ? undefined : finiteNumber(beat, 'elapsed_ns')
    if (beat === undefined || elapsedNs === undefined || elapsedNs <= this.#elapsedNs) return
    if (number === this.#number + 1) this.#noteGap((elapsedNs - this.#elapsedNs) / 1e9)
    this.#number = number
    this.#elapsedNs = elapsedNs
    this.#newest = beat
    this.#count++
    this.#noteLag(finiteNumber(beat, 'loop_lag_ms_max_last_interval'))
    this.#pressure.take(beat)
    this.revision++
  }

  clear(): void {
    this.#count = 0
    this.#newest = undefined
    this.#elapsedNs = -1
    this.#number = NaN
    this.#gaps = 0
    this.#longestGapS = 0
    this.#lags.clear()
    this.#lagMaxMs = 0
    this.#pressure = new PressureStreaks()
    this.revision++
  }

  /**
   * The gates of the report, judged on what is known so far, then what only matters while a recording can still be helped.
   * @param fatal why the run has to end; undefined while it has not
   */
  results(fatal?: string): readonly GateResult[] {
    const newest = (field: string): number | undefined => (this.#newest === undefined ? undefined : finiteNumber(this.#newest, field))
    const { heartbeatGapS: thresholdS } = GATE_LIMITS
    return [
      ...runGates({
        heartbeats: this.#count > 1 ? { count: this.#count, gaps: this.#gaps, longestS: this.#longestGapS, thresholdS } : undefined,
        reconnects: newest('reconnects'),
        disconnects: newest('midrun_disconnected_incidents'),
        dropped: newest('dropped_messages_total'),
        loopLagP99Ms: this.#lags.at(99),
        loopLagMaxMs: this.#lags.count === 0 ? undefined : this.#lagMaxMs,
        pressure: this.#pressure.report(),
        quality: qualityOf(undefined, this.#newest),
        fatal
      }),
      atMost('Connections not confirmed', newest('shards_unconfirmed_count'), 0, ''),
      atMost('Instruments without a first book', newest('tokens_without_first_book'), 0, '')
    ]
  }

  /** Bytes that are written and not yet safely on disk; undefined when no heartbeat says so. */
  unsyncedBytes(): number | undefined {
    const beat = this.#newest ?? {}
    const written = finiteNumber(beat, 'bytes_written')
    const synced = sumOf(beat['synced_bytes'])
    const syncedIdx = sumOf(beat['idx_synced_bytes'])
    return written === undefined || synced === undefined || syncedIdx === undefined ? undefined : Math.max(0, written - synced - syncedIdx)
  }

  #noteGap(seconds: number): void {
    if (seconds > GATE_LIMITS.heartbeatGapS) this.#gaps++
    this.#longestGapS = Math.max(this.#longestGapS, seconds)
  }

  #noteLag(lagMs: number | undefined): void {
    if (lagMs === undefined) return
    this.#lags.add(lagMs)
    this.#lagMaxMs = Math.max(this.#lagMaxMs, lagMs)
  }
}

/** @returns the sum over the shards; undefined where it is no object */
function sumOf(byShard: unknown): number | undefined {
  if (typeof byShard !== 'object' || byShard === null) return undefined
  return Object.values(byShard).reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : 0), 0)
}
