import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundlePaths } from '../bundle/index.ts'
import { numberedRecords, T0_MONO_NS, T0_WALL_NS, writeFixtureBundle } from '../bundle/testBundle.ts'
import { inspectRun } from './inspectRun.ts'
import { keyPaths, ndjson, T0_NS } from './testRun.ts'

const GOLDEN = fileURLToPath(new URL('../../../../e2e/samples/golden-v2', import.meta.url))

function bundleWithMetrics(): string {
  const dir = writeFixtureBundle([numberedRecords(50), numberedRecords(20, 1), []])
  const { globalMetrics, metricsDir } = bundlePaths(dir)
  writeFileSync(globalMetrics, ndjson([{ hb_mono_ns: T0_NS }, { record_type: 'heartbeat', hb_mono_ns: T0_NS + 1n, frames: 70 }]))
  writeFileSync(join(metricsDir, 'shard_00.ndjson'), ndjson([{ frames: 50 }]))
  writeFileSync(join(metricsDir, 'shard_01.ndjson'), '')
  return dir
}

test('a bundle is summed up: shards, bytes, exact times, newest metrics', async () => {
  const dir = bundleWithMetrics()
  const { shards, metrics, verdict, unreadable_lines: unreadable } = await inspectRun(dir)
  expect(shards).toMatchObject({ count: 3, records: 70, idx_bytes: 70 * 32 })
  expect(shards.frames_bytes).toBe(
    readFileSync(join(dir, 'capture/shard_00.frames')).length + readFileSync(join(dir, 'capture/shard_01.frames')).length
  )
  expect(shards.by_shard['shard_01']).toMatchObject({
    records: 20,
    rx_mono_ns_first: T0_MONO_NS + 1n,
    rx_mono_ns_last: T0_MONO_NS + 19_000_001n,
    rx_wall_ns_utc_first: T0_WALL_NS + 8n,
    rx_wall_ns_utc_last: T0_WALL_NS + 19_000_008n
  })
  expect(shards.by_shard['shard_02']).toMatchObject({ records: 0, frames_bytes: 0, rx_mono_ns_first: null, rx_wall_ns_utc_last: null })
  expect(metrics.global).toEqual({
    path: bundlePaths(dir).globalMetrics,
    count: 2,
    last: { record_type: 'heartbeat', hb_mono_ns: T0_NS + 1n, frames: 70 }
  })
  expect(metrics.shards).toEqual({ shard_00: { count: 1, last: { frames: 50 } }, shard_01: { count: 0, last: null } })
  expect([verdict, unreadable]).toEqual([{ state: 'ended', sentence: '' }, {}])
})

test('the golden bundle is summed up', async () => {
  expect(await inspectRun(GOLDEN)).toMatchObject({ run_id: 'fixture', manifest_version: 1, shards: { count: 2, records: 9 } })
})

test('a damaged, unfinished bundle is summed up as far as it goes, and nothing in it changes', async () => {
  const dir = bundleWithMetrics()
  const { captureDir, globalMetrics, runlog } = bundlePaths(dir)
  writeFileSync(runlog, '')
  rmSync(join(captureDir, 'shard_00.idx'))
  const frames = join(captureDir, 'shard_01.frames')
  truncateSync(frames, readFileSync(frames).length - 5)
  appendFileSync(globalMetrics, 'garbage\n{"frames":7')
  const before = mkdtempSync(join(tmpdir(), 'tapedeck-inspect-'))
  cpSync(dir, before, { recursive: true })
  const { shards, metrics, verdict, unreadable_lines: unreadable } = await inspectRun(dir)
  expect(shards.by_shard['shard_00']).toMatchObject({ records: 50, idx_bytes: null })
  expect(shards.by_shard['shard_01']).toMatchObject({ records: 19 })
  expect(metrics.global.count).toBe(2)
  expect(verdict.state).toBe('recovered')
  expect(unreadable).toEqual({ 'metrics/global.ndjson': { lines: 1, torn_end: true } })
  expect(readFileSync(frames)).toEqual(readFileSync(join(before, 'capture/shard_01.frames')))
  expect(() => readFileSync(join(captureDir, 'shard_00.idx'))).toThrow('ENOENT')
})

test('a bundle of the first version of the format has no wall times', async () => {
  const dir = writeFixtureBundle([[]])
  const payload = Buffer.from('{"old":true}')
  const header = Buffer.alloc(28)
  header.write('PMCAPv01', 0, 'latin1')
  header.writeUInt16LE(1, 8)
  header.writeBigUInt64LE(T0_MONO_NS + 5n, 12)
  header.writeUInt32LE(payload.length, 20)
  header.writeUInt32LE(crc32(payload), 24)
  writeFileSync(join(dir, 'capture/shard_00.frames'), Buffer.concat([header, payload]))
  const entry = Buffer.alloc(24)
  header.copy(entry, 8, 12, 28)
  writeFileSync(join(dir, 'capture/shard_00.idx'), entry)
  const { by_shard: shards } = (await inspectRun(dir)).shards
  expect(shards['shard_00']).toMatchObject({
    records: 1,
    rx_mono_ns_first: T0_MONO_NS + 5n,
    rx_wall_ns_utc_first: null,
    rx_wall_ns_utc_last: null
  })
})

test('what is no run says so', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'tapedeck-inspect-'))
  await expect(inspectRun(empty)).rejects.toMatchObject({ code: 'BUNDLE_FOREIGN' })
  await expect(inspectRun(join(empty, 'none'))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
})

test('keys and their order are those of the golden file', async () => {
  await expect(keyPaths(await inspectRun(bundleWithMetrics()))).toMatchFileSnapshot('keys/capture-inspect.txt')
})
