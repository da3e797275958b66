import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeShard, numberedRecords, T0_MONO_NS, writeFixtureBundle } from './testBundle.ts'
import { writeCaptureLock } from './captureLock.ts'
import { openBundle } from './openBundle.ts'
import { bundlePaths } from './manifest.ts'
import { verifyRun } from './verify.ts'
import { writeStudioFacts } from './studioFacts.ts'
import type { OpenBundle } from './types.ts'

const framesOf = (dir: string, shard = 0): string => join(dir, 'capture', `shard_0${shard}.frames`)
const idxOf = (dir: string, shard = 0): string => join(dir, 'capture', `shard_0${shard}.idx`)

function countRecords(bundle: OpenBundle, shard = 0): number {
  const reader = bundle.openReader(shard)
  let count = 0
  while (reader.next()) count += 1
  reader.close()
  return count
}

test('a bundle that ended cleanly opens with nothing to say', async () => {
  const bundle = await openBundle(writeFixtureBundle([numberedRecords(30), numberedRecords(20, 1)]))
  expect(bundle.verdict).toEqual({ state: 'ended', lost: [], damage: [], repairedIdx: [], sentence: '' })
  expect(bundle.shards.map((log) => [log.shard, log.records, log.firstMonoRelNs, log.lastMonoRelNs])).toEqual([
    [0, 30, 0, 29_000_000],
    [1, 20, 1, 19_000_001]
  ])
  expect([bundle.t0MonoNs, bundle.runId, countRecords(bundle)]).toEqual([T0_MONO_NS, 'fixture', 30])
  bundle.close()
  bundle.close()
})

test('a torn tail is ignored for reading, never cut off the file, and named to the byte', async () => {
  const dir = writeFixtureBundle([numberedRecords(30)], { cleanStop: false })
  const whole = statSync(framesOf(dir)).size
  appendFileSync(framesOf(dir), encodeShard(numberedRecords(1)).frames.subarray(0, 41))
  const bundle = await openBundle(dir)
  expect(bundle.verdict).toMatchObject({
    state: 'recovered',
    lost: [{ shard: 0, droppedBytes: 41, reason: 'truncated payload' }],
    repairedIdx: []
  })
  expect(bundle.verdict.sentence).toMatch(/not stopped cleanly.*2023-11-14 22:13:20 UTC \(30 records\).*41 bytes of shard 0/)
  expect([bundle.shards[0]?.validBytes, statSync(framesOf(dir)).size, countRecords(bundle)]).toEqual([whole, whole + 41, 30])
})

test('a missing, short or torn index is rebuilt on disk, so that the shard verifies', async () => {
  const damages: ((path: string) => void)[] = [
    (path) => rmSync(path),
    (path) => truncateSync(path, 0),
    (path) => truncateSync(path, 32 * 11),
    (path) => truncateSync(path, 32 * 11 + 13),
    (path) => appendFileSync(path, Buffer.alloc(32, 9)),
    (path) => writeFileSync(path, Buffer.alloc(32 * 30, 7))
  ]
  for (const damage of damages) {
    const dir = writeFixtureBundle([numberedRecords(30)])
    const before = readFileSync(idxOf(dir))
    damage(idxOf(dir))
    const bundle = await openBundle(dir)
    expect([bundle.verdict.state, bundle.verdict.repairedIdx, bundle.shards[0]?.records]).toEqual(['ended', [0], 30])
    expect(readFileSync(idxOf(dir)).equals(before)).toBe(true)
    expect(verifyRun(dir).ok).toBe(true)
    expect(readdirSync(join(dir, 'capture'))).toEqual(['shard_00.frames', 'shard_00.idx'])
    bundle.close()
  }
})

test('a bundle on a read-only place opens with the rebuilt index in memory', async () => {
  const dir = writeFixtureBundle([numberedRecords(30)])
  rmSync(idxOf(dir))
  chmodSync(join(dir, 'capture'), 0o555)
  const bundle = await openBundle(dir, { readOnly: true })
  const reader = bundle.openReader(0)
  reader.seek(17)
  expect([reader.next(), reader.monoRelNs, bundle.verdict.repairedIdx]).toEqual([true, 17_000_000, [0]])
  expect(readdirSync(join(dir, 'capture'))).toEqual(['shard_00.frames'])
  reader.close()
  chmodSync(join(dir, 'capture'), 0o755)
})

test('damage in the middle is reported, never cut: reading goes on behind it', async () => {
  const dir = writeFixtureBundle([numberedRecords(30)])
  const bytes = readFileSync(framesOf(dir))
  const from = readFileSync(idxOf(dir)).readUInt32LE(10 * 32)
  const to = readFileSync(idxOf(dir)).readUInt32LE(11 * 32)
  bytes[from + 50]! ^= 1
  writeFileSync(framesOf(dir), bytes)
  const bundle = await openBundle(dir)
  expect(bundle.verdict).toMatchObject({
    state: 'damaged',
    lost: [],
    damage: [{ shard: 0, fromOffset: from, toOffset: to, reason: 'crc mismatch' }],
    repairedIdx: []
  })
  expect(bundle.verdict.sentence).toContain(`${to - from} bytes of shard 0 at offset ${from} (crc mismatch)`)
  const reader = bundle.openReader(0)
  const numbers: number[] = []
  while (reader.next()) numbers.push(reader.idx)
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => i).filter((i) => i !== 10))
  expect(bundle.shards[0]?.records).toBe(30)
})

test('a log that is shorter than its index after a clean end is damage', async () => {
  const dir = writeFixtureBundle([numberedRecords(30)])
  const cut = readFileSync(idxOf(dir)).readUInt32LE(28 * 32)
  const whole = statSync(framesOf(dir)).size
  truncateSync(framesOf(dir), cut)
  const bundle = await openBundle(dir)
  expect(bundle.verdict).toMatchObject({
    state: 'damaged',
    lost: [{ shard: 0, droppedBytes: whole - cut, reason: 'the frame log is shorter than its index says' }]
  })
  expect(bundle.shards[0]?.records).toBe(28)
})

test('a missing shard is named', async () => {
  const dir = writeFixtureBundle([numberedRecords(3), numberedRecords(3, 1)])
  rmSync(framesOf(dir, 1))
  const bundle = await openBundle(dir)
  expect(bundle.verdict.sentence).toContain('shard 1 (the frame log is missing)')
})

test('a bundle that is being captured opens for what is synced, and nothing is written', async () => {
  const dir = writeFixtureBundle([numberedRecords(30)], { cleanStop: false })
  const synced = readFileSync(idxOf(dir)).readUInt32LE(20 * 32)
  writeFileSync(bundlePaths(dir).globalMetrics, `{"synced_bytes":{"0":${synced + 10}}}\n{"torn`)
  writeCaptureLock(dir)
  const bundle = await openBundle(dir)
  expect([bundle.verdict.state, bundle.shards[0]?.records, bundle.shards[0]?.validBytes, countRecords(bundle)]).toEqual([
    'capturing',
    20,
    synced,
    20
  ])
})

test('a bundle of the original capture system opens without studio.json, and ours says what it is', async () => {
  const dir = writeFixtureBundle([numberedRecords(2)])
  expect((await openBundle(dir)).studio).toBeUndefined()
  const facts = {
    synthetic: true,
    venue: 'binance',
    source: 'Practice',
    fingerprint: { sha256: 'ab', counts: { tape_trades: 3 } },
    stoppedWallNs: 1_700_000_000_000_000_001n
  } as const
  writeStudioFacts(dir, facts)
  expect((await openBundle(dir)).studio).toEqual(facts)
})

test('a slice of the original capture system opens by its own name, on the clocks of its source', async () => {
  const dir = writeFixtureBundle([numberedRecords(3)])
  const source = readFileSync(join(dir, 'manifest.json'), 'utf8').trim()
  const slice = (shard: string): string =>
    `{"slice_id":"cut","source_run_id":"fixture","source_run_dir":"/gone","slice":{"start_mono_ns":1,"shard":${shard}},"source_manifest":${source}}\n`
  const whole = await openBundle(dir)
  writeFileSync(join(dir, 'manifest.json'), slice('null'))
  const bundle = await openBundle(dir)
  expect(bundle).toMatchObject({ runId: 'cut', t0WallNs: whole.t0WallNs, t0MonoNs: whole.t0MonoNs })
  expect(bundle.manifest.shardCount).toBe(1)
  expect(countRecords(bundle)).toBe(3)
  writeFileSync(join(dir, 'manifest.json'), slice('0'))
  expect((await openBundle(dir)).manifest.shardCount).toBeUndefined()
})

test('what is no bundle, or from a newer version, is refused with a sentence', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-foreign-'))
  await expect(openBundle(join(dir, 'none'))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
  await expect(openBundle(dir)).rejects.toMatchObject({
    code: 'BUNDLE_FOREIGN',
    message: expect.stringContaining('has no manifest.json') as string
  })
  writeFileSync(join(dir, 'manifest.json'), '{"name":"a web app"}')
  await expect(openBundle(dir)).rejects.toMatchObject({
    code: 'BUNDLE_FOREIGN',
    message: expect.stringContaining('manifest_version') as string
  })
  writeFileSync(join(dir, 'manifest.json'), '{"manifest_version":2}')
  await expect(openBundle(dir)).rejects.toMatchObject({ code: 'BUNDLE_NEWER' })
  writeFileSync(join(dir, 'manifest.json'), 'PK')
  await expect(openBundle(dir)).rejects.toMatchObject({ code: 'BUNDLE_FOREIGN' })
  mkdirSync(join(dir, 'x'))
  writeFileSync(join(dir, 'x', 'manifest.json'), '{"manifest_version":1,"run_id":"r","t0_wall_ns_utc":1,"t0_mono_ns":2}')
  await expect(openBundle(join(dir, 'x'))).rejects.toMatchObject({
    code: 'BUNDLE_FOREIGN',
    message: expect.stringContaining('no capture/ folder') as string
  })
})

test('every cut of a small log opens with the longest valid prefix and the exact loss', async () => {
  const dir = writeFixtureBundle([numberedRecords(4)], { cleanStop: false })
  const bytes = readFileSync(framesOf(dir))
  const idx = readFileSync(idxOf(dir))
  const starts = [0, 1, 2, 3].map((i) => idx.readUInt32LE(i * 32))
  for (let cut = 0; cut <= bytes.length; cut++) {
    writeFileSync(framesOf(dir), bytes.subarray(0, cut))
    writeFileSync(idxOf(dir), idx)
    const bundle = await openBundle(dir, { readOnly: true })
    const valid = [...starts, bytes.length].filter((start) => start <= cut).at(-1) ?? 0
    expect(bundle.shards[0]?.validBytes).toBe(valid)
    expect(bundle.verdict.lost.reduce((sum, lost) => sum + lost.droppedBytes, 0)).toBe(cut > valid ? cut - valid : bytes.length - cut)
    expect(countRecords(bundle)).toBe(starts.filter((start) => start < valid).length)
    bundle.close()
  }
})

const damageStep = fc.record({
  file: fc.constantFrom('frames', 'idx'),
  kind: fc.constantFrom('flip', 'cut', 'remove', 'insert', 'zero'),
  at: fc.nat(),
  bytes: fc.integer({ min: 1, max: 120 })
})

function damaged(bytes: Buffer, kind: string, at: number, count: number): Buffer {
  const place = at % Math.max(1, bytes.length)
  const rest = bytes.subarray(place + count)
  if (kind === 'cut') return bytes.subarray(0, place)
  if (kind === 'remove') return Buffer.concat([bytes.subarray(0, place), rest])
  if (kind === 'insert') return Buffer.concat([bytes.subarray(0, place), bytes.subarray(0, count), bytes.subarray(place)])
  const copy = Buffer.from(bytes)
  if (kind === 'zero') copy.fill(0, place, Math.min(place + count, copy.length))
  else if (copy.length > 0) copy[place]! ^= 1 << (count % 8)
  return copy
}

test('however log and index are damaged, the bundle opens, is read to its end, and nothing is written', async () => {
  const records = numberedRecords(25)
  const dir = writeFixtureBundle([records])
  const frames = readFileSync(framesOf(dir))
  const idx = readFileSync(idxOf(dir))
  // A header whose length and checksum were zeroed is an empty record by the format's own rule.
  const good = new Set(['', ...records.map((record) => Buffer.from(record.payload).toString())])
  await fc.assert(
    fc.asyncProperty(fc.array(damageStep, { minLength: 1, maxLength: 4 }), async (steps) => {
      let log: Buffer = frames
      let index: Buffer = idx
      for (const { file, kind, at, bytes } of steps) {
        if (file === 'frames') log = damaged(log, kind, at, bytes)
        else index = damaged(index, kind, at, bytes)
      }
      writeFileSync(framesOf(dir), log)
      writeFileSync(idxOf(dir), index)
      const bundle = await openBundle(dir, { readOnly: true })
      const reader = bundle.openReader(0)
      const numbers: number[] = []
      while (reader.next()) {
        expect(good.has(reader.payload().toString())).toBe(true)
        numbers.push(reader.idx)
      }
      reader.close()
      bundle.close()
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
      expect(numbers.every((number) => number < (bundle.shards[0]?.records ?? 0))).toBe(true)
      expect(readFileSync(idxOf(dir)).equals(index)).toBe(true)
    }),
    { numRuns: 1500 }
  )
})
