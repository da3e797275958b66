import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundlePaths, stringifyBigJson, type BigJson } from '../bundle/index.ts'

export type Fields = Readonly<Record<string, BigJson | undefined>>

/** Beyond 2^53, so that a rounded time would show. */
export const T0_NS = 1_152_921_504_606_846_977n
const SECOND_NS = 1_000_000_000n

/** A heartbeat of a run in which nothing is wrong. */
const GOOD: Fields = {
  loop_lag_ms_max_last_interval: 1.5,
  dropped_messages_count: 0,
  dropped_messages_total: 0,
  ws_in_q_depth_max: 3,
  parse_q_depth_max: 2,
  write_q_depth_max: 1,
  ws_rx_to_parsed_ms_p99: 0.4,
  ws_rx_to_applied_ms_p99: 0.8,
  backpressure_ns_p99: 120_000,
  midrun_disconnected_incidents: 0,
  midrun_disconnected_time_s_total: 0,
  loss_total: 0
}

export const GOOD_STOP: Fields = {
  record_type: 'capture_stop',
  reason: 'duration',
  quality_status: 'ok',
  quality_ok: true,
  quality_reasons: [],
  parse_worker_dropped: 0,
  parse_results_dropped: 0,
  loss_parse_queue_drops: 0,
  loss_parse_results_drops: 0,
  loss_metrics_drops: 0
}

export interface TestRun {
  /** Heartbeats, one a second. Default 60. */
  readonly heartbeats?: number
  /** Nanoseconds by which heartbeat `i` is late, and all after it. */
  readonly late?: (i: number) => bigint
  /** Fields of global heartbeat `i` beside the good ones; undefined takes one away. */
  readonly metrics?: (i: number) => Fields
  /** Records of the run log between heartbeat `i` and the one before it. */
  readonly between?: (i: number) => readonly Fields[]
  /** Last record of the run log; null leaves it out. */
  readonly stop?: Fields | null
  readonly shardMetrics?: Readonly<Record<string, readonly Fields[]>>
  readonly manifest?: Fields
  /** Further files of the run's folder. */
  readonly files?: Readonly<Record<string, string>>
}

/** For tests: the texts of a run without frame logs, in a fresh folder; everything is well unless told otherwise. */
export function writeTestRun(run: TestRun = {}): string {
  const dir = join(mkdtempSync(join(tmpdir(), 'tapedeck-inspect-')), 'run')
  const paths = bundlePaths(dir)
  mkdirSync(paths.metricsDir, { recursive: true })
  const runlog: Fields[] = [{ record_type: 'run_start', ts_mono_ns: T0_NS }]
  const metrics: Fields[] = []
  let nowNs = T0_NS
  for (let i = 0; i < (run.heartbeats ?? 60); i++) {
    nowNs += SECOND_NS + (run.late?.(i) ?? 0n)
    runlog.push(...(run.between?.(i) ?? []), { record_type: 'heartbeat', hb_mono_ns: nowNs })
    metrics.push({ record_type: 'heartbeat', hb_mono_ns: nowNs, ...GOOD, ...run.metrics?.(i) })
  }
  if (run.stop !== null) runlog.push(run.stop ?? GOOD_STOP)
  const manifest = { manifest_version: 1, run_id: 'test', t0_wall_ns_utc: 1_700_000_000_000_000_000n, t0_mono_ns: T0_NS, ...run.manifest }
  writeFileSync(paths.manifest, stringifyBigJson(manifest))
  writeFileSync(paths.runlog, ndjson(runlog))
  writeFileSync(paths.globalMetrics, ndjson(metrics))
  for (const [name, records] of Object.entries(run.shardMetrics ?? {}))
    writeFileSync(join(paths.metricsDir, `${name}.ndjson`), ndjson(records))
  for (const [name, text] of Object.entries(run.files ?? {})) writeFileSync(join(dir, name), text)
  return dir
}

export function ndjson(records: readonly Fields[]): string {
  return records.map((record) => `${stringifyBigJson(record)}\n`).join('')
}

/** For tests: the names of all keys of a JSON value in their order, one a line; of a list the first item stands for all. */
export function keyPaths(value: unknown, prefix = ''): string {
  if (Array.isArray(value)) return keyPaths(value[0], `${prefix}[]`)
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([key, item]) => `${prefix}${prefix === '' ? '' : '.'}${key}\n${keyPaths(item, `${prefix}${prefix === '' ? '' : '.'}${key}`)}`)
    .join('')
}
