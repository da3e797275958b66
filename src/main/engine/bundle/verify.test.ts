import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeShard, numberedRecords, writeFixtureBundle } from './testBundle.ts'
import { verifyRun, verifyShard } from './verify.ts'

const dir = mkdtempSync(join(tmpdir(), 'tapedeck-verify-'))
const framesPath = join(dir, 'shard_00.frames')
const idxPath = join(dir, 'shard_00.idx')

function verifyBytes(frames: Uint8Array, idx: Uint8Array): ReturnType<typeof verifyShard> {
  writeFileSync(framesPath, frames)
  writeFileSync(idxPath, idx)
  return verifyShard(framesPath, idxPath)
}

const good = encodeShard(numberedRecords(60))

test('a whole shard is ok, with the documented keys in their order', () => {
  const summary = verifyBytes(good.frames, good.idx)
  const scanKeys = 'ok records errors crc_mismatch truncated first_bad_offset last_good_offset frames_bytes schema_versions'
  const idxKeys = 'idx_ok idx_records idx_errors idx_first_bad_offset valid_prefix_bytes frames_path idx_path'
  expect(Object.keys(summary).join(' ')).toEqual(`${scanKeys} ${idxKeys}`)
  expect(summary).toMatchObject({
    ok: true,
    records: 60,
    errors: 0,
    first_bad_offset: null,
    schema_versions: [2],
    idx_ok: true,
    idx_records: 60
  })
})

test('a flipped payload byte is one crc mismatch and the scan goes on at the next magic', () => {
  const bad = Buffer.from(good.frames)
  bad[40]! ^= 0xff
  expect(verifyBytes(bad, good.idx)).toMatchObject({
    ok: false,
    records: 59,
    errors: 1,
    crc_mismatch: 1,
    truncated: false,
    first_bad_offset: 0,
    idx_ok: false
  })
})

test('cutting the last byte is a truncation, and the exact valid prefix is named', () => {
  const summary = verifyBytes(good.frames.subarray(0, -1), good.idx)
  const lastStart = good.idx.readUInt32LE(59 * 32)
  expect(summary).toMatchObject({
    ok: false,
    records: 59,
    truncated: true,
    first_bad_offset: lastStart,
    valid_prefix_bytes: lastStart,
    idx_first_bad_offset: 0
  })
})

test('a torn or contradicting index is named with its offset', () => {
  expect(verifyBytes(good.frames, good.idx.subarray(0, -5))).toMatchObject({
    ok: false,
    errors: 0,
    idx_ok: false,
    idx_errors: 1,
    idx_records: 59,
    idx_first_bad_offset: 59 * 32
  })
  const wrong = Buffer.from(good.idx)
  wrong[7 * 32 + 9]! ^= 1
  expect(verifyBytes(good.frames, wrong)).toMatchObject({ idx_ok: false, idx_errors: 1, idx_first_bad_offset: 7 * 32 })
})

test('an empty shard with an empty index is ok', () => {
  expect(verifyBytes(Buffer.alloc(0), Buffer.alloc(0))).toMatchObject({ ok: true, records: 0, valid_prefix_bytes: 0, idx_ok: true })
})

test('a run is the sum of its shards', () => {
  const report = verifyRun(writeFixtureBundle([numberedRecords(5), numberedRecords(7, 1)]))
  expect(report).toMatchObject({ ok: true, totals: { records: 12, errors: 0, crc_mismatch: 0, truncated_shards: [], idx_bad_shards: [] } })
  expect(report.summaries.map((s) => s.records)).toEqual([5, 7])
})

test('a lost index leaves its frame log verified alone, and all others as they are', () => {
  const run = writeFixtureBundle([numberedRecords(5), numberedRecords(7, 1)])
  rmSync(join(run, 'capture', 'shard_00.idx'))
  const report = verifyRun(run)
  expect(report).toMatchObject({ ok: true, totals: { records: 12, errors: 0, idx_bad_shards: [] } })
  expect(report.summaries).toMatchObject([
    { ok: true, records: 5, idx_path: null },
    { ok: true, records: 7, idx_ok: true }
  ])
  expect(report.summaries[0]).not.toHaveProperty('idx_ok')
})
