import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeShard, numberedRecords, T0_MONO_NS, T0_WALL_NS, type FixtureRecord } from './testBundle.ts'
import { FrameBatchCursor, type FrameCursor } from './frameCursor.ts'
import { FrameEncoder } from './frameEncoder.ts'
import { FrameReader } from './frameReader.ts'
import { IdxView } from './idxView.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tapedeck-frames-'))
const origins = { t0MonoNs: T0_MONO_NS, t0WallNs: T0_WALL_NS }
let files = 0

function fileOf(bytes: Uint8Array): string {
  const path = join(scratch, `shard_${files++}.frames`)
  writeFileSync(path, bytes)
  return path
}

function recordsOf(
  cursor: FrameCursor
): { idx: number; offset: number; monoRelNs: number; wallRelNs: number; flags: number; payload: string }[] {
  const records = []
  while (cursor.next()) {
    const { idx, offset, monoRelNs, wallRelNs, flags } = cursor
    records.push({ idx, offset, monoRelNs, wallRelNs, flags, payload: cursor.payload().toString('hex') })
  }
  return records
}

test('a record and its index entry have the documented bytes', () => {
  const encoder = new FrameEncoder({ t0MonoNs: 0x1_0000_0002n, t0WallNs: 0x1777_7777_ffff_ffffn, startOffset: 0x2_0000_0010 })
  encoder.append(Buffer.from('hi'), 17, 0xffff_ffff, 2)
  const crc = crc32('hi').toString(16).padStart(8, '0')
  const crcBytes = `${crc.slice(6)}${crc.slice(4, 6)}${crc.slice(2, 4)}${crc.slice(0, 2)}`
  const times = `01000000${'02000000'}${'01000000'}${'78777717'}`
  expect(encoder.frames().toString('hex')).toBe(`504d434150763032${'0200'}${'1100'}${times}${'02000000'}${crcBytes}${'6869'}`)
  expect(encoder.idx().toString('hex')).toBe(`1000000002000000${times}${'02000000'}${crcBytes}`)
})

test('a version 1 record written by hand is read, and its wall time repeats the monotonic one', () => {
  const header = Buffer.alloc(28)
  header.write('PMCAPv01', 0, 'latin1')
  header.writeUInt16LE(1, 8)
  header.writeBigUInt64LE(T0_MONO_NS + 5n, 12)
  header.writeUInt32LE(4, 20)
  header.writeUInt32LE(crc32('PONG'), 24)
  const reader = new FrameReader({
    path: fileOf(Buffer.concat([header, Buffer.from('PONG'), header, Buffer.from('PONG')])),
    shard: 3,
    ...origins
  })
  expect(reader.next()).toBe(true)
  expect([reader.version, reader.monoRelNs, reader.wallRelNs, reader.flags, reader.payload().toString()]).toEqual([1, 5, 5, 0, 'PONG'])
  expect(reader.next()).toBe(true)
  expect([reader.idx, reader.offset]).toEqual([1, 32])
  expect(reader.next()).toBe(false)
  reader.close()
})

const anyRecords: fc.Arbitrary<FixtureRecord[]> = fc.array(
  fc.record({
    payload: fc.uint8Array({ maxLength: 400 }),
    monoRelNs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 10 }),
    flags: fc.integer({ min: 0, max: 31 })
  }),
  { maxLength: 40 }
)

test('what is encoded is read back, from a file in windows of any size and from a batch in memory', () => {
  fc.assert(
    fc.property(anyRecords, fc.integer({ min: 64, max: 2000 }), (records, windowBytes) => {
      const { frames, idx } = encodeShard(records)
      const reader = new FrameReader({ path: fileOf(frames), shard: 1, ...origins, windowBytes })
      const fromFile = recordsOf(reader)
      reader.close()
      const batch = new FrameBatchCursor({ shard: 1, ...origins })
      batch.reset(frames, 1, 0, 0)
      expect(recordsOf(batch)).toEqual(fromFile)
      expect(fromFile.map((r) => r.payload)).toEqual(records.map((r) => Buffer.from(r.payload).toString('hex')))
      expect(fromFile.map((r) => [r.monoRelNs, r.wallRelNs, r.flags])).toEqual(records.map((r) => [r.monoRelNs, r.monoRelNs + 7, r.flags]))
      const view = new IdxView(idx, records.length, { version: 2, ...origins })
      fromFile.forEach((record, i) => {
        view.read(i)
        expect([view.offset, view.monoRelNs, view.length * 2]).toEqual([record.offset, record.monoRelNs, record.payload.length])
      })
    }),
    { numRuns: 150 }
  )
})

test('payloads of every length from 0 to 600 bytes get the CRC that zlib gives', () => {
  const { frames } = encodeShard(
    Array.from({ length: 601 }, (_, n) => ({
      payload: Buffer.from(Array.from({ length: n }, (_x, i) => (i * 31 + n) & 255)),
      monoRelNs: n
    }))
  )
  const reader = new FrameReader({ path: fileOf(frames), shard: 0, ...origins })
  let read = 0
  while (reader.next()) {
    expect(reader.crc).toBe(crc32(reader.payload()))
    read += 1
  }
  reader.close()
  expect(read).toBe(601)
})

test('a record larger than the window and than the batch is kept and read whole', () => {
  const large = Buffer.alloc(3_000_000, 7)
  const { frames } = encodeShard([
    ...numberedRecords(5000),
    { payload: large, monoRelNs: 6e9 },
    { payload: Buffer.from('after'), monoRelNs: 7e9 }
  ])
  const reader = new FrameReader({ path: fileOf(frames), shard: 0, ...origins })
  let count = 0
  let largest = 0
  while (reader.next()) {
    count += 1
    largest = Math.max(largest, reader.payloadEnd - reader.payloadStart)
  }
  reader.close()
  expect([count, largest, reader.payload().toString()]).toEqual([5002, 3_000_000, 'after'])
})

test('a strict reader stops at damage with the offset in the message', () => {
  const { frames } = encodeShard(numberedRecords(3))
  const flipped = Buffer.from(frames)
  flipped[flipped.length - 1]! ^= 1
  const reader = new FrameReader({ path: fileOf(flipped), shard: 4, ...origins })
  expect(() => recordsOf(reader)).toThrow(/Shard 4 .* offset \d+: crc mismatch/)
  reader.close()
})

test('a lenient reader goes on behind damage, lists it, and keeps the record numbers of the index', () => {
  const { frames, idx } = encodeShard(numberedRecords(4000))
  const view = new IdxView(idx, 4000, { version: 2, ...origins })
  const bad = Buffer.from(frames)
  view.read(2000)
  const from = view.offset
  bad.fill(0xee, from + 1, from + 1500)
  const reader = new FrameReader({ path: fileOf(bad), shard: 0, ...origins, onDamage: 'skip', idx: view })
  const records = recordsOf(reader)
  reader.close()
  view.read(view.lowerBoundOffset(from + 1500))
  expect(reader.damage).toEqual([{ shard: 0, fromOffset: from, toOffset: view.offset, reason: 'bad magic' }])
  expect(records.find((record) => record.offset === view.offset)?.idx).toBe(view.lowerBoundOffset(view.offset))
  expect(records.at(-1)?.idx).toBe(3999)
})

test('seeking goes to the record of the index, forwards and backwards, near and far', () => {
  const { frames, idx } = encodeShard(numberedRecords(20_000))
  const view = new IdxView(idx, 20_000, { version: 2, ...origins })
  const reader = new FrameReader({ path: fileOf(frames), shard: 0, ...origins, idx: view })
  for (const target of [19_999, 0, 7, 6, 12_345, 12_000, 12_346]) {
    reader.seek(target)
    expect(reader.next()).toBe(true)
    expect([reader.idx, reader.monoRelNs]).toEqual([target, target * 1_000_000])
  }
  reader.seek(20_000)
  expect(reader.next()).toBe(false)
  expect(view.lowerBoundMono(12_345 * 1_000_000)).toBe(12_345)
  expect(view.lowerBoundMono(12_345 * 1_000_000 + 1)).toBe(12_346)
  reader.close()
})

test('a growing file is followed with extendTo', () => {
  const { frames } = encodeShard(numberedRecords(10))
  const reader = new FrameReader({ path: fileOf(frames), shard: 0, ...origins, endOffset: 0 })
  expect(reader.next()).toBe(false)
  reader.extendTo(frames.length)
  expect(recordsOf(reader)).toHaveLength(10)
  reader.close()
  reader.close()
})
