import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundlePaths, parseBigJson } from '../bundle/index.ts'
import { latencyReport, writeLatencyReport, type LatencyReport } from './latencyReport.ts'
import { keyPaths, T0_NS, writeTestRun, type Fields } from './testRun.ts'

const SHARD = (i: number, rest: Fields = {}): Fields => ({ record_type: 'heartbeat', rx_idle_s: i, ...rest })

/** Every field that the report reads, in a run with a little of everything. */
function fullRun(): string {
  const stages = ['ws_rx_to_enqueue_ms', 'ws_rx_to_parsed_ms', 'ws_rx_to_applied_ms', 'write_end_to_apply_ms', 'apply_update_ms']
  const queues = ['ws_in_q_depth', 'parse_q_depth', 'write_q_depth']
  return writeTestRun({
    heartbeats: 100,
    late: (i) => (i === 50 ? 300_000_000n : i === 60 ? 600_000_000n : i === 70 ? 1_500_000_000n : 0n),
    manifest: { config: { capture_heartbeat_interval_seconds: 1 } },
    metrics: (i) => ({
      ...Object.fromEntries(stages.flatMap((stage) => ['p50', 'p95', 'p99', 'max'].map((part) => [`${stage}_${part}`, (i + 1) / 100]))),
      ...Object.fromEntries(queues.flatMap((queue) => ['p95', 'max'].map((part) => [`${queue}_${part}`, i]))),
      loop_lag_ms_max_last_interval: (i * 37) % 100,
      rx_idle_any_shard_s: 0.5,
      rx_idle_all_shards_s: 2,
      dropped_messages_count: i % 2,
      dropped_messages_total: i,
      hb_tick_work_ns: 250_000,
      disk_check_performed: i % 10 === 0,
      disk_check_ns: 1_500_000,
      disk_free_bytes: 5_000_000_000_000_000_001n,
      startup_connect_pending_shards: 0,
      midrun_disconnected_incident_duration_s_p95: 1.25,
      midrun_disconnected_incident_duration_s_max: 2.5
    }),
    between: (i) => {
      if (i === 20) return [{ record_type: 'reconnect', trigger: 'data_idle_timeout', reason: 'TimeoutError' }]
      if (i === 21)
        return [{ record_type: 'reconnect', trigger: 'exception', reason: 'ConnectionClosedError' }, { record_type: 'reconnect' }]
      if (i === 30) return [{ record_type: 'universe_refresh', duration_ms: 120 }]
      if (i === 31) return [{ record_type: 'universe_refresh_error', duration_ms: 80 }, { record_type: 'universe_refresh' }]
      return []
    },
    shardMetrics: {
      shard_00: [SHARD(1), SHARD(3, { startup_connect_time_s: 0.2, midrun_disconnected_time_s_total: 1.5 })],
      shard_01: [SHARD(5, { startup_connect_time_s: null })],
      shard_02: []
    },
    files: { 'capture_verify.json': '{"ok":true,"totals":{"crc_mismatch":0}}' }
  })
}

test('every part is what its heartbeats say', async () => {
  const report = await latencyReport(fullRun())
  expect(report.heartbeat.counts_over_s).toEqual({ '1.25': 3, '1.5': 2, '2.0': 1 })
  expect(report.heartbeat.dt_s).toEqual({ count: 99, min: 1, max: 2.5, p50: 1, p95: 1, p99: 2.5 })
  expect(report.heartbeat.jitter_s).toEqual({ count: 99, min: 0, max: 1.5, p50: 0, p95: 0, p99: 1.5 })
  expect(report.reconnects).toEqual({
    total: 3,
    by_trigger: { data_idle_timeout: 1, exception: 1, unknown: 1 },
    by_reason: { ConnectionClosedError: 1, TimeoutError: 1, unknown: 1 },
    planned: 0
  })
  expect(report.disconnected.startup_connect_time_s).toMatchObject({
    stats: { count: 1, max: 0.2 },
    by_shard: { shard_00: 0.2, shard_01: null }
  })
  expect(report.disconnected.midrun).toEqual({
    time_s_total: 0,
    incidents: 0,
    incident_duration_s_p95: 1.25,
    incident_duration_s_max: 2.5,
    by_shard: { shard_00: 1.5, shard_01: null }
  })
  expect(report.rx_idle.per_shard['shard_00']).toEqual({ count: 2, min: 1, max: 3, p50: 1, p95: 3, p99: 3 })
  expect(report.ingest_latency_ms['ws_rx_to_parsed_ms']).toMatchObject({ p99: { count: 100, p50: 0.5, max: 1 }, count: 100 })
  expect(report.queue_depth['write_q_depth']?.max).toMatchObject({ count: 100, p99: 98, max: 99 })
  expect(report.drops).toMatchObject({ dropped_messages_total: 99, dropped_messages_per_interval: { count: 100, max: 1 } })
  expect(report.loop_lag_ms).toMatchObject({ count: 100, p50: 49, p99: 98, max: 99 })
  expect(report.heartbeat_work_ms).toMatchObject({ count: 100, p50: 0.25 })
  expect([report.disk_check_performed_count, report.disk_check_ms.max]).toEqual([10, 1.5])
  expect(report.refresh).toMatchObject({ duration_ms: { count: 2, max: 120 }, count: 3, errors: 1 })
  expect(report.histograms_ms['heartbeat_work_ms']?.buckets.filter(({ count }) => count > 0)).toEqual([{ le: 0.25, count: 100, pct: 100 }])
})

test('the worst ten intervals come first, of equal ones the earlier, with the fields that they have and exact times', async () => {
  const dir = writeTestRun({
    heartbeats: 30,
    metrics: (i) => ({ loop_lag_ms_max_last_interval: i % 3 === 0 ? 9 : i === 7 ? 50 : 1, ...(i === 7 ? { disk_check_ns: 3 } : {}) })
  })
  const { top_n: n, top_intervals: top } = (await latencyReport(dir)).loop_lag_attribution
  expect(n).toBe(10)
  expect(top.map((interval) => interval['index'])).toEqual([7, 0, 3, 6, 9, 12, 15, 18, 21, 24])
  expect(top[0]).toEqual({
    rank: 1,
    index: 7,
    lag_ms: 50,
    hb_mono_ns: T0_NS + 8_000_000_000n,
    loop_lag_ms_max_last_interval: 50,
    disk_check_ns: 3,
    ws_in_q_depth_max: 3,
    parse_q_depth_max: 2,
    write_q_depth_max: 1,
    dropped_messages_count: 0,
    dropped_messages_total: 0,
    ws_rx_to_parsed_ms_p99: 0.4,
    ws_rx_to_applied_ms_p99: 0.8
  })
  expect(top[1]).not.toHaveProperty('disk_check_ns')
})

test('a run without metrics is unknown all over, in numbers and in words', async () => {
  const dir = writeTestRun({ heartbeats: 0 })
  const report = await latencyReport(dir)
  const nothing = { count: 0, min: null, max: null, p50: null, p95: null, p99: null }
  expect(report).toMatchObject({ loop_lag_ms: nothing, drops: { dropped_messages_total: null, dropped_messages_per_interval: nothing } })
  expect(report.disconnected.midrun).toMatchObject({ time_s_total: null, incidents: null })
  writeLatencyReport(report)
  const text = readFileSync(join(dir, 'latency_report.txt'), 'utf8')
  expect(text).toContain('loop_lag_ms: p95=unknown p99=unknown max=unknown\n')
  expect(text).toContain('reconnects_total: 0\n')
})

test('json and text are written into the run, and the json reads back as the report', async () => {
  const dir = fullRun()
  const report = await latencyReport(dir)
  expect(existsSync(join(dir, 'latency_report.json'))).toBe(false)
  const json = writeLatencyReport(report)
  expect(readFileSync(join(dir, 'latency_report.json'), 'utf8')).toBe(`${json}\n`)
  expect(parseBigJson(json)).toEqual(report)
  const text = readFileSync(join(dir, 'latency_report.txt'), 'utf8').replaceAll(dir, '<run>')
  await expect(text).toMatchFileSnapshot('keys/latency_report.txt')
})

test('a newer word wins, and a last heartbeat that says nothing takes nothing back', async () => {
  const dir = writeTestRun({ metrics: (i) => ({ dropped_messages_total: i === 59 ? undefined : i }) })
  appendFileSync(bundlePaths(dir).globalMetrics, '{"record_type":"heart')
  const report: LatencyReport = await latencyReport(dir)
  expect(report.drops.dropped_messages_total).toBe(58)
  expect(report.unreadable_lines).toEqual({ 'metrics/global.ndjson': { lines: 0, torn_end: true } })
})

test('keys and their order are those of the golden file', async () => {
  const report = await latencyReport(fullRun())
  await expect(keyPaths(report)).toMatchFileSnapshot('keys/capture-latency-report.txt')
})
