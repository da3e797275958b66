import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundlePaths } from '../bundle/index.ts'
import { auditRun, type AuditOptions } from './auditRun.ts'
import { GOOD_STOP, keyPaths, T0_NS, writeTestRun, type TestRun } from './testRun.ts'

const audit = (run: TestRun, options?: AuditOptions): ReturnType<typeof auditRun> => auditRun(writeTestRun(run), options)
const RECONNECT = { record_type: 'reconnect', shard_id: 0, reason: 'ConnectionClosedError', trigger: 'exception' }
const VERIFIED = (mismatches: number): string =>
  `{"ok":${mismatches === 0},"totals":{"records":9,"errors":${mismatches},"crc_mismatch":${mismatches}}}`

test('a run in which nothing is wrong passes every gate', async () => {
  const result = await audit({ files: { 'verify_summary.json': VERIFIED(0) } })
  expect(result).toMatchObject({
    ok: true,
    reasons: [],
    unknown: [],
    hb_count: 60,
    gaps_over_threshold: 0,
    quality_status: 'ok',
    clean_stop: true
  })
  expect(result.latency_gates).toMatchObject({ enabled: true, ok: true, reasons: [], loop_lag_count: 60, loop_lag_p99_ms: 1.5 })
})

/** Each gate of the operator's list, tripped by a run that is well but for this. */
const GATES: readonly (readonly [string, TestRun])[] = [
  ['heartbeat_gaps', { late: (i) => (i === 30 ? 1_000_000_001n : 0n) }],
  ['reconnects_total', { between: (i) => (i === 10 ? [RECONNECT] : []) }],
  ['midrun_disconnected_incidents', { metrics: (i) => (i >= 20 ? { midrun_disconnected_incidents: 1 } : {}) }],
  ['dropped_messages_total', { metrics: (i) => (i >= 20 ? { dropped_messages_total: 1 } : {}) }],
  ['loop_lag_p99_ms', { metrics: (i) => (i === 20 ? { loop_lag_ms_max_last_interval: 10.001 } : {}) }],
  ['loop_lag_max_ms', { heartbeats: 150, metrics: (i) => (i === 20 ? { loop_lag_ms_max_last_interval: 100.001 } : {}) }],
  ['missing_loop_lag_metrics', { metrics: () => ({ loop_lag_ms_max_last_interval: undefined }) }],
  ['pressure_streaks', { metrics: (i) => (i >= 20 && i < 25 ? { parse_q_depth_max: 200 } : {}) }],
  ['crc_mismatch', { files: { 'verify_summary.json': VERIFIED(1) } }],
  ['fatal', { files: { 'fatal.json': '{"fatal_reason":"LOW_DISK","fatal_message":"..."}' } }],
  ['quality_degraded', { stop: { ...GOOD_STOP, quality_ok: false, quality_status: 'degraded', quality_reasons: ['metrics_drops'] } }],
  ['quality_unknown', { stop: null, metrics: () => ({ loss_total: undefined }) }]
]

test.each(GATES)('%s fails alone', async (name, run) => {
  const { ok, reasons, latency_gates: gates } = await audit(run)
  expect({ ok, reasons }).toEqual({ ok: false, reasons: [name] })
  const others = ['heartbeat_gaps', 'crc_mismatch', 'fatal', 'quality_degraded', 'quality_unknown']
  expect(gates).toMatchObject({ reasons: others.includes(name) ? [] : [name] })
})

test('values exactly at a limit pass', async () => {
  const run: TestRun = {
    heartbeats: 150,
    late: (i) => (i === 30 ? 1_000_000_000n : 0n),
    metrics: (i) => ({
      ...(i === 20 ? { loop_lag_ms_max_last_interval: 100 } : { loop_lag_ms_max_last_interval: 10 }),
      ...(i < 4 ? { parse_q_depth_max: 5000 } : {})
    })
  }
  expect(await audit(run)).toMatchObject({ ok: true, gaps_over_threshold: 0, latency_gates: { loop_lag_p99_ms: 10, loop_lag_max_ms: 100 } })
})

test('limits can be set, and the latency gates left out', async () => {
  const slow: TestRun = { metrics: () => ({ loop_lag_ms_max_last_interval: 40 }), late: () => 2_000_000_000n }
  expect((await audit(slow)).reasons).toEqual(['heartbeat_gaps', 'loop_lag_p99_ms'])
  expect(await audit(slow, { thresholdS: 3, maxLoopLagP99Ms: 40 })).toMatchObject({ ok: true, threshold_seconds: 3 })
  expect((await audit(slow, { thresholdS: 3, maxLoopLagP99Ms: 40, maxLoopLagMaxMs: 39 })).reasons).toEqual(['loop_lag_max_ms'])
  expect(await audit(slow, { thresholdS: 3, latencyGates: false })).toMatchObject({ ok: true, latency_gates: { enabled: false, ok: true } })
})

test('gaps are exact beyond 2^53, the longest five are listed, longest first, with what was logged between', async () => {
  const result = await audit({
    late: (i) => (i % 10 === 5 ? BigInt(i) * 1_000_000_000n : 0n),
    between: (i) => (i === 55 ? [RECONNECT, RECONNECT, { record_type: 'ws_connect' }] : [])
  })
  expect(result.gaps_over_threshold).toBe(6)
  expect(result.top_gaps.map((gap) => gap.gap_seconds)).toEqual([56, 46, 36, 26, 16])
  expect(result.max_gap_seconds).toBe(56)
  expect(result.max_gap).toEqual({
    gap_seconds: 56,
    from_hb_mono_ns: T0_NS + 55_000_000_000n + (5n + 15n + 25n + 35n + 45n) * 1_000_000_000n,
    to_hb_mono_ns: T0_NS + 56_000_000_000n + (5n + 15n + 25n + 35n + 45n + 55n) * 1_000_000_000n,
    record_types_between: { reconnect: 2, ws_connect: 1 }
  })
})

test('a planned renewal of a connection is no reconnect', async () => {
  const run: TestRun = { between: (i) => (i === 10 ? [{ ...RECONNECT, trigger: 'refresh', reason: 'Refresh' }] : []) }
  expect(await audit(run)).toMatchObject({ ok: true, latency_gates: { reconnects_total: 0 } })
})

test('what no heartbeat says is unknown and not zero; it does not fail, and is named', async () => {
  const fields = ['midrun_disconnected_incidents', 'dropped_messages_total']
  const gone = Object.fromEntries(fields.map((field) => [field, undefined]))
  const result = await audit({ metrics: () => gone })
  expect(result).toMatchObject({ ok: true, unknown: [...fields, 'crc_mismatch'] })
  expect(result.latency_gates).toMatchObject({ midrun_disconnected_incidents: null, dropped_messages_total: null })
})

test('without a capture_stop the quality comes from the newest loss counters', async () => {
  expect(await audit({ stop: null })).toMatchObject({ ok: true, quality_status: 'ok', clean_stop: false, loss_metrics_drops: null })
  const drops = (i: number): { loss_parse_queue_drops: number; parse_results_dropped: number } => ({
    loss_parse_queue_drops: i,
    parse_results_dropped: 1
  })
  expect(await audit({ stop: null, metrics: drops })).toMatchObject({
    quality_status: 'degraded',
    quality_reasons: ['parse_queue_drops', 'parse_results_drops'],
    loss_parse_queue_drops: 59
  })
  expect(await audit({ stop: { record_type: 'capture_stop' } })).toMatchObject({ quality_status: 'ok', clean_stop: true })
})

test('torn ends, garbage and hostile values are counted and listed, never an exception', async () => {
  const dir = writeTestRun({ between: (i) => Array.from({ length: 3 }, (_, n) => ({ record_type: `type ${i} ${n}` })) })
  const { runlog, globalMetrics } = bundlePaths(dir)
  const hostile = [
    '{"record_type":"heartbeat","hb_mono_ns":1e400}',
    '{"record_type":"heartbeat","hb_mono_ns":"soon"}',
    '{"record_type":"reconnect","trigger":{},"reason":7}',
    '{"record_type":5}',
    '{"__proto__":{"record_type":"fatal"}}',
    'garbage',
    '{"record_type":"capture_st'
  ]
  appendFileSync(runlog, hostile.join('\n'))
  appendFileSync(
    globalMetrics,
    '{"loop_lag_ms_max_last_interval":1e999,"dropped_messages_total":"9","parse_q_depth_max":[]}\n\u0000\u0000{"loop'
  )
  const result = await auditRun(dir)
  expect(result.reasons).toEqual(['reconnects_total'])
  expect(result.hb_count).toBe(62)
  expect(result.unreadable_lines).toEqual({
    'runlog.ndjson': { lines: 1, torn_end: true },
    'metrics/global.ndjson': { lines: 0, torn_end: true }
  })
  expect(result.latency_gates).toMatchObject({ loop_lag_count: 60, dropped_messages_total: 0 })
})

test('an unreadable fatal.json fails all the same; a verify summary without a number is unknown', async () => {
  expect(await audit({ files: { 'fatal.json': '{"fatal_rea' } })).toMatchObject({
    reasons: ['fatal'],
    fatal: { present: true, fatal_reason: null }
  })
  expect(await audit({ files: { 'capture_verify.json': 'no json' } })).toMatchObject({
    ok: true,
    capture_verify: { present: true, crc_mismatch: null }
  })
  expect(await audit({ files: { 'capture_verify_summary.json': '{"crc_mismatch":2}' } })).toMatchObject({ reasons: ['crc_mismatch'] })
})

test('empty texts fail for want of loop lag and of any word on quality', async () => {
  const dir = writeTestRun()
  const { runlog, globalMetrics } = bundlePaths(dir)
  writeFileSync(runlog, '')
  writeFileSync(globalMetrics, '')
  expect(await auditRun(dir)).toMatchObject({ reasons: ['quality_unknown', 'missing_loop_lag_metrics'], hb_count: 0 })
  rmSync(globalMetrics)
  expect(await auditRun(dir)).toMatchObject({ reasons: ['quality_unknown', 'missing_loop_lag_metrics'] })
  rmSync(runlog)
  await expect(auditRun(dir)).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND', message: expect.stringContaining('runlog.ndjson') })
})

test('what is no run says so in a sentence', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'tapedeck-inspect-'))
  await expect(auditRun(join(empty, 'none'))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
  await expect(auditRun(empty)).rejects.toMatchObject({ code: 'BUNDLE_FOREIGN' })
  mkdirSync(join(empty, 'other'))
  writeFileSync(join(empty, 'other', 'manifest.json'), '{"name":"a web page"}')
  await expect(auditRun(join(empty, 'other'))).rejects.toMatchObject({ code: 'BUNDLE_FOREIGN' })
  await expect(auditRun(writeTestRun({ manifest: { manifest_version: 9 } }))).rejects.toMatchObject({ code: 'BUNDLE_NEWER' })
})

test('progress runs up to the end, and an abort ends the audit', async () => {
  const shares: number[] = []
  await audit({}, { onProgress: (share) => shares.push(share) })
  expect(shares.at(-1)).toBe(1)
  await expect(audit({}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
})

test('keys and their order are those of the golden file', async () => {
  const result = await audit({ late: (i) => (i === 30 ? 5_000_000_000n : 0n), between: (i) => (i === 30 ? [RECONNECT] : []) })
  await expect(keyPaths(result)).toMatchFileSnapshot('keys/capture-audit.txt')
})
