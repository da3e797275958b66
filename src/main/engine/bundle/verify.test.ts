import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
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

/** The same scan written the plain way over a whole buffer, as an oracle. */
function plainScan(data: Buffer): {
  records: number
  errors: number
  crc_mismatch: number
  truncated: boolean
  first_bad_offset: number | null
  last_good_offset: number | null
} {
  const result = {
    records: 0,
    errors: 0,
    crc_mismatch: 0,
    truncated: false,
    first_bad_offset: null as number | null,
    last_good_offset: null as number | null
  }
  let at = 0
  while (at < data.length) {
    const fault = faultAt(data, at)
    if (fault === undefined) {
      result.records += 1
      result.last_good_offset = at
      at += recordBytes(data, at)
      continue
    }
    result.errors += 1
    result.first_bad_offset ??= at
    if (fault === 'crc') result.crc_mismatch += 1
    if (fault === 'cut') return { ...result, truncated: true }
    const next = ['PMCAPv01', 'PMCAPv02'].map((magic) => data.indexOf(magic, at + 1, 'latin1')).filter((found) => found >= 0)
    if (next.length === 0) return result
    at = Math.min(...next)
  }
  return result
}

function recordBytes(data: Buffer, at: number): number {
  return data[at + 7] === 0x32 ? 36 + data.readUInt32LE(at + 28) : 28 + data.readUInt32LE(at + 20)
}

function faultAt(data: Buffer, at: number): 'cut' | 'magic' | 'crc' | undefined {
  if (data.length - at < 8) return 'cut'
  const magic = data.toString('latin1', at, at + 8)
  if (magic !== 'PMCAPv01' && magic !== 'PMCAPv02') return 'magic'
  const header = magic === 'PMCAPv02' ? 36 : 28
  if (data.length - at < header) return 'cut'
  if (data.readUInt16LE(at + 8) !== (header === 36 ? 2 : 1)) return 'magic'
  const end = at + recordBytes(data, at)
  if (end > data.length) return 'cut'
  return crc32(data.subarray(at + header, end)) === data.readUInt32LE(at + header - 4) ? undefined : 'crc'
}

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), bit: fc.constant(0) }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), bit: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), bit: fc.integer({ min: 1, max: 90 }) })
)

test('thousands of flips, cuts and splices give what a plain scan gives, and none crashes', () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let bytes = Buffer.from(good.frames)
      for (const { kind, at, bit } of mutations) {
        const place = at % Math.max(1, bytes.length)
        if (kind === 'flip' && bytes.length > 0) bytes[place]! ^= 1 << bit
        if (kind === 'cut') bytes = bytes.subarray(0, place)
        if (kind === 'remove') bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + bit)])
        if (kind === 'insert')
          bytes = Buffer.concat([bytes.subarray(0, place), good.frames.subarray(100, 100 + bit), bytes.subarray(place)])
      }
      expect(verifyBytes(bytes, good.idx)).toMatchObject(plainScan(bytes))
    }),
    { numRuns: 3000 }
  )
})
