import { existsSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { finiteNumber, type JsonRecord } from '../../../shared/gates/index.ts'
import { bundlePaths, exactInteger, scanNdjson, type NdjsonCounts, type NdjsonScanOptions } from '../bundle/index.ts'
import { CountMap } from './countMap.ts'
import { Series } from './series.ts'

const TOP_GAPS = 5
/** Planned renewals of a connection are no reconnects. */
const PLANNED = 'refresh'

export interface HeartbeatGap {
  readonly gap_seconds: number
  readonly from_hb_mono_ns: bigint
  readonly to_hb_mono_ns: bigint
  /** What was logged between the two heartbeats, by record type. */
  readonly record_types_between: Readonly<Record<string, number>>
}

/** What the run log says, read once from start to end. */
export class RunlogFacts {
  heartbeats = 0
  /** Seconds between two heartbeats. */
  readonly heartbeatDtS = new Series()
  gapsOverThreshold = 0
  /** The longest gaps over the threshold, longest first. */
  readonly topGaps: HeartbeatGap[] = []
  reconnects = 0
  plannedReconnects = 0
  readonly byTrigger = new CountMap()
  readonly byReason = new CountMap()
  readonly refreshMs = new Series()
  refreshes = 0
  refreshErrors = 0
  captureStop: JsonRecord | undefined
  counts: NdjsonCounts = { exists: false, records: 0, unreadable: 0, tornEnd: false }
  readonly #thresholdS: number
  readonly #between = new CountMap()
  #lastMonoNs: bigint | undefined

  constructor(thresholdS: number) {
    this.#thresholdS = thresholdS
  }

  take(record: JsonRecord, line: string): void {
    const type = record['record_type']
    if (type === 'heartbeat') return this.#heartbeat(record, line)
    if (typeof type === 'string' && type !== '') this.#between.add(type)
    if (type === 'reconnect') this.#reconnect(record)
    if (type === 'capture_stop') this.captureStop = record
    if (type === 'universe_refresh' || type === 'universe_refresh_error') {
      this.refreshes += 1
      this.refreshErrors += type === 'universe_refresh_error' ? 1 : 0
      this.refreshMs.add(finiteNumber(record, 'duration_ms'))
    }
  }

  #heartbeat(record: JsonRecord, line: string): void {
    this.heartbeats += 1
    const monoNs = exactInteger(record, line, 'hb_mono_ns')
    if (monoNs !== undefined) {
      if (this.#lastMonoNs !== undefined) this.#interval(this.#lastMonoNs, monoNs)
      this.#lastMonoNs = monoNs
    }
    this.#between.clear()
  }

  #interval(fromNs: bigint, toNs: bigint): void {
    const seconds = Number(toNs - fromNs) / 1e9
    this.heartbeatDtS.add(seconds)
    if (!(seconds > this.#thresholdS)) return
    this.gapsOverThreshold += 1
    const place = this.topGaps.findIndex((gap) => gap.gap_seconds < seconds)
    if (place < 0 && this.topGaps.length >= TOP_GAPS) return
    this.topGaps.splice(place < 0 ? this.topGaps.length : place, 0, {
      gap_seconds: seconds,
      from_hb_mono_ns: fromNs,
      to_hb_mono_ns: toNs,
      record_types_between: this.#between.toObject()
    })
    this.topGaps.length = Math.min(this.topGaps.length, TOP_GAPS)
  }

  #reconnect(record: JsonRecord): void {
    if (record['trigger'] === PLANNED) {
      this.plannedReconnects += 1
      return
    }
    this.reconnects += 1
    this.byTrigger.add(nameOf(record['trigger']))
    this.byReason.add(nameOf(record['reason']))
  }
}

/**
 * Reads the run log.
 * @param thresholdS a gap between heartbeats is one that is longer than this
 * @throws StudioError BUNDLE_NOT_FOUND when there is none
 */
export async function readRunlog(dir: string, thresholdS: number, scan: NdjsonScanOptions): Promise<RunlogFacts> {
  const path = bundlePaths(dir).runlog
  if (!existsSync(path))
    throw new StudioError('BUNDLE_NOT_FOUND', `The run has no runlog.ndjson, so nothing can be said of its course. File expected: ${path}`)
  const facts = new RunlogFacts(thresholdS)
  facts.counts = await scanNdjson(path, (record, line) => facts.take(record, line), scan)
  return facts
}

function nameOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : 'unknown'
}
