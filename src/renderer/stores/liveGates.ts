import type { GateResult } from '../../shared/api/index.ts'

/** A longer silence between two heartbeats is a gap: the plant stood still. */
const MAX_GAP_S = 2
const MAX_LAG_P99_MS = 10
const MAX_LAG_MS = 100
const MAX_BACKPRESSURE_MS = 25
/** Longest lags that are kept for the percentile: an hour of heartbeats once a second. */
const MAX_LAGS = 3600

type Heartbeat = Readonly<Record<string, unknown>>

/** The gates of a recording while it runs, from the plant's heartbeats. Plain state: the panel reads it a few times a second. */
export class LiveGates {
  #count = 0
  #newest: Heartbeat = {}
  #elapsedNs = -1
  #gaps = 0
  #longestGapS = 0
  #backpressureNs: number | undefined
  readonly #lagsMs: number[] = []
  #lagMaxMs = 0
  revision = 0

  /** Heartbeats that were looked at. */
  get count(): number {
    return this.#count
  }

  /** Takes a heartbeat, JSON text. One that came before, or that is no heartbeat, changes nothing. */
  put(json: string): void {
    const beat = parsed(json)
    const elapsedNs = numberOf(beat['elapsed_ns'])
    if (elapsedNs === undefined || elapsedNs <= this.#elapsedNs) return
    if (this.#elapsedNs >= 0) this.#noteGap((elapsedNs - this.#elapsedNs) / 1e9)
    this.#elapsedNs = elapsedNs
    this.#newest = beat
    this.#count++
    this.#noteLag(numberOf(beat['loop_lag_ms_max_last_interval']))
    const pressure = numberOf(beat['backpressure_ns_p99'])
    if (pressure !== undefined) this.#backpressureNs = Math.max(this.#backpressureNs ?? 0, pressure)
    this.revision++
  }

  clear(): void {
    this.#count = 0
    this.#newest = {}
    this.#elapsedNs = -1
    this.#gaps = 0
    this.#longestGapS = 0
    this.#backpressureNs = undefined
    this.#lagsMs.length = 0
    this.#lagMaxMs = 0
    this.revision++
  }

  /** Every gate, judged on what is known so far. What no heartbeat says is unknown. */
  results(): readonly GateResult[] {
    const lagKnown = this.#lagsMs.length > 0
    return [
      {
        name: 'Heartbeats without a gap',
        ok: this.#count > 1 ? this.#gaps === 0 : undefined,
        found: this.#count > 1 ? `${this.#gaps} in ${this.#count} heartbeats, longest ${rounded(this.#longestGapS)} s` : 'unknown',
        limit: `no gap over ${MAX_GAP_S} s`
      },
      atMost('Reconnects', numberOf(this.#newest['reconnects']), 0, ''),
      atMost('Connections lost', numberOf(this.#newest['midrun_disconnected_incidents']), 0, ''),
      atMost('Dropped messages', numberOf(this.#newest['dropped_messages_total']), 0, ''),
      atMost('Loop lag, 99th percentile', lagKnown ? percentile(this.#lagsMs, 99) : undefined, MAX_LAG_P99_MS, ' ms'),
      atMost('Loop lag, longest', lagKnown ? this.#lagMaxMs : undefined, MAX_LAG_MS, ' ms'),
      atMost('Write backpressure, 99th percentile', msOf(this.#backpressureNs), MAX_BACKPRESSURE_MS, ' ms'),
      atMost('Connections not confirmed', numberOf(this.#newest['shards_unconfirmed_count']), 0, ''),
      firstBooks(this.#newest)
    ]
  }

  /** Bytes that are written and not yet safely on disk; undefined when no heartbeat says so. */
  unsyncedBytes(): number | undefined {
    const written = numberOf(this.#newest['bytes_written'])
    const shards = this.#newest['synced_bytes']
    if (written === undefined || typeof shards !== 'object' || shards === null) return undefined
    const synced = Object.values(shards).reduce<number>((sum, one) => sum + (numberOf(one) ?? 0), 0)
    return Math.max(0, written - synced)
  }

  #noteGap(seconds: number): void {
    if (seconds > MAX_GAP_S) this.#gaps++
    this.#longestGapS = Math.max(this.#longestGapS, seconds)
  }

  #noteLag(lagMs: number | undefined): void {
    if (lagMs === undefined) return
    this.#lagsMs.push(lagMs)
    if (this.#lagsMs.length > MAX_LAGS) this.#lagsMs.shift()
    this.#lagMaxMs = Math.max(this.#lagMaxMs, lagMs)
  }
}

/** @param limit most that passes */
function atMost(name: string, value: number | undefined, limit: number, unit: string): GateResult {
  const text = `at most ${limit}${unit}`
  return value === undefined
    ? { name, found: 'unknown', limit: text }
    : { name, ok: value <= limit, found: `${rounded(value)}${unit}`, limit: text }
}

/** Tokens whose first full book has not come. Plants that do not count them leave the field out. */
function firstBooks(beat: Heartbeat): GateResult {
  const key = Object.keys(beat).find((name) => name.includes('first_book') && typeof beat[name] === 'number')
  return atMost('Instruments without a first book', key === undefined ? undefined : numberOf(beat[key]), 0, '')
}

function parsed(json: string): Heartbeat {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Heartbeat) : {}
  } catch {
    return {}
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function msOf(ns: number | undefined): number | undefined {
  return ns === undefined ? undefined : ns / 1e6
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1))] ?? 0
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
