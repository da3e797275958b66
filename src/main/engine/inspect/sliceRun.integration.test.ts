import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bundlePaths, openBundle, parseBigJson, readStudioFacts, verifyRun, writeStudioFacts } from '../bundle/index.ts'
import { numberedRecords, T0_MONO_NS, writeFixtureBundle, type FixtureRecord } from '../bundle/testBundle.ts'
import { replayReport } from '../replay/index.ts'
import { auditRun } from './auditRun.ts'
import { sliceRun, type SliceOptions } from './sliceRun.ts'
import type { SliceWindow } from './sliceWindow.ts'
import { keyPaths, ndjson } from './testRun.ts'

const GOLDEN = fileURLToPath(new URL('../../../../e2e/samples/golden-v2', import.meta.url))
const DEMO = fileURLToPath(new URL('../../../../resources/demo', import.meta.url))
const ALL: SliceWindow = { kind: 'mono', startMonoNs: 0n }
const SHARDS = [numberedRecords(60), numberedRecords(40, 1), []]

const fresh = (): string => join(mkdtempSync(join(tmpdir(), 'tapedeck-slice-')), 'slice')
const at = (ms: number): bigint => T0_MONO_NS + BigInt(ms) * 1_000_000n
const mono = (startMs?: number, endMs?: number): SliceWindow => ({
  kind: 'mono',
  startMonoNs: startMs === undefined ? undefined : at(startMs),
  endMonoNs: endMs === undefined ? undefined : at(endMs)
})

async function slice(dir: string, window: SliceWindow, options: Partial<SliceOptions> = {}): Promise<string> {
  return (await sliceRun(dir, { window, outDir: fresh(), ...options })).sliceDir
}

function captureFiles(dir: string): Record<string, string> {
  const { captureDir } = bundlePaths(dir)
  return Object.fromEntries(readdirSync(captureDir).map((name) => [name, readFileSync(join(captureDir, name)).toString('hex')]))
}

interface Copied {
  readonly shard: number
  readonly flags: number
  readonly monoRelNs: number
  readonly wallRelNs: number
  readonly payload: string
}

async function recordsOf(dir: string): Promise<Copied[]> {
  const bundle = await openBundle(dir, { readOnly: true, scan: 'full' })
  try {
    expect(bundle.verdict.state).toBe('ended')
    return bundle.shards.flatMap(({ shard }) => {
      const reader = bundle.openReader(shard, { onDamage: 'throw' })
      const records: Copied[] = []
      while (reader.next()) {
        const { flags, monoRelNs, wallRelNs } = reader
        records.push({ shard, flags, monoRelNs, wallRelNs, payload: reader.payload().toString('hex') })
      }
      reader.close()
      return records
    })
  } finally {
    bundle.close()
  }
}

test.each([
  ['the golden bundle, with every flag', () => GOLDEN],
  ['a bundle with an empty shard', () => writeFixtureBundle(SHARDS)],
  ['the demo', () => DEMO]
])('a slice of everything is %s byte for byte', async (_name, make) => {
  const dir = make()
  for (const window of [ALL, { kind: 'offset', startOffset: 0 } as const]) {
    const sliced = await slice(dir, window)
    expect(captureFiles(sliced)).toEqual(captureFiles(dir))
    expect(verifyRun(sliced).ok).toBe(true)
  }
})

test('bounds of time are inclusive on both sides, and either may be left out', async () => {
  const dir = writeFixtureBundle(SHARDS)
  const times = async (window: SliceWindow): Promise<number[]> =>
    (await recordsOf(await slice(dir, window, { shard: 0 }))).map((record) => record.monoRelNs / 1e6)
  expect(await times(mono(10, 13))).toEqual([10, 11, 12, 13])
  expect(await times({ kind: 'mono', startMonoNs: at(10) + 1n, endMonoNs: at(13) - 1n })).toEqual([11, 12])
  expect(await times(mono(57))).toEqual([57, 58, 59])
  expect(await times(mono(undefined, 2))).toEqual([0, 1, 2])
})

test('bounds of offsets are inclusive where a record begins', async () => {
  const dir = writeFixtureBundle([numberedRecords(10)])
  const bundle = await openBundle(dir, { readOnly: true })
  const { idx } = bundle.shards[0]!
  const offsets = Array.from({ length: 10 }, (_, i) => (idx.read(i), idx.offset))
  bundle.close()
  const count = async (startOffset?: number, endOffset?: number): Promise<number> =>
    (await sliceRun(dir, { window: { kind: 'offset', startOffset, endOffset }, outDir: fresh() })).records
  expect(await count(offsets[3], offsets[6])).toBe(4)
  expect(await count(offsets[3]! + 1, offsets[6]! - 1)).toBe(2)
  expect(await count(undefined, offsets[0])).toBe(1)
  expect(await count(offsets[9])).toBe(1)
})

test('any window holds exactly the records in it, header for header, with an index that agrees', async () => {
  const dir = writeFixtureBundle(SHARDS)
  const all = await recordsOf(dir)
  const ms = fc.integer({ min: 0, max: 60 })
  await fc.assert(
    fc.asyncProperty(ms, ms, async (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      const wanted = all.filter(({ monoRelNs }) => monoRelNs >= from * 1e6 && monoRelNs <= to * 1e6)
      fc.pre(wanted.length > 0)
      const sliced = await slice(dir, mono(from, to))
      expect(await recordsOf(sliced)).toEqual(wanted)
      expect(verifyRun(sliced)).toMatchObject({ ok: true, totals: { records: wanted.length } })
      rmSync(dirname(sliced), { recursive: true })
    }),
    { numRuns: 25 }
  )
})

test('records larger than a batch are copied whole', async () => {
  const big: FixtureRecord[] = [1, 3_000_000, 7, 1_048_576, 1_048_540, 2].map((bytes, i) => ({
    payload: Buffer.alloc(bytes, i),
    monoRelNs: i
  }))
  const dir = writeFixtureBundle([big])
  expect(captureFiles(await slice(dir, ALL))).toEqual(captureFiles(dir))
})

test('manifest and studio.json say that it is a slice, of what, and keep venue and provenance', async () => {
  const dir = writeFixtureBundle(SHARDS)
  writeStudioFacts(dir, {
    synthetic: true,
    venue: 'binance',
    source: 'Somewhere',
    fingerprint: { sha256: 'ab', counts: { bbo: 1 } },
    stoppedWallNs: 5n
  })
  const sliced = await slice(dir, mono(10, 20), { sliceId: 'morning' })
  const manifest = parseBigJson(readFileSync(join(sliced, 'manifest.json'), 'utf8')) as Record<string, unknown>
  expect(manifest).toMatchObject({
    slice_id: 'morning',
    source_run_id: 'fixture',
    source_run_dir: dir,
    slice: { start_mono_ns: Number(at(10)), end_mono_ns: Number(at(20)), start_offset: null, end_offset: null, shard: null },
    run_id: 'morning',
    shards: { count: 3 },
    slice_content: { records: 21, starts_mid_run: true }
  })
  expect(readStudioFacts(sliced)).toEqual({
    synthetic: true,
    venue: 'binance',
    source: 'Slice of Somewhere',
    fingerprint: undefined,
    stoppedWallNs: undefined
  })
  expect(JSON.parse(readFileSync(join(sliced, 'studio.json'), 'utf8'))).toMatchObject({
    slice: { slice_id: 'morning', source_run_id: 'fixture' }
  })
  await expect(keyPaths(manifest)).toMatchFileSnapshot('keys/capture-slice-manifest.txt')
})

test('a slice of one shard does not miss the others; a run without studio.json gives a slice without', async () => {
  const sliced = await slice(writeFixtureBundle(SHARDS), ALL, { shard: 1 })
  expect(readdirSync(bundlePaths(sliced).captureDir)).toEqual(['shard_01.frames', 'shard_01.idx'])
  expect((await recordsOf(sliced)).length).toBe(40)
  expect(existsSync(join(sliced, 'studio.json'))).toBe(false)
})

test('the folder is slices/ beside runs/, else beside the run', async () => {
  const dir = writeFixtureBundle(SHARDS)
  expect((await sliceRun(dir, { window: ALL, sliceId: 'a' })).sliceDir).toBe(join(dirname(dir), 'slices', 'a'))
  const runs = join(mkdtempSync(join(tmpdir(), 'tapedeck-slice-')), 'runs')
  mkdirSync(runs)
  const inRuns = await slice(dir, ALL, { outDir: join(runs, 'one') })
  const result = await sliceRun(inRuns, { window: ALL, clock: { wallNs: () => 1_700_000_000_000_000_000n, monoNs: () => 0n } })
  expect(dirname(result.sliceDir)).toBe(join(dirname(runs), 'slices'))
  expect(result.sliceId).toMatch(/^20231114T221320Z-[0-9a-f]{8}$/)
})

test('run log and metrics of the time of the slice come along, so that it can be audited', async () => {
  const dir = writeFixtureBundle(SHARDS)
  const { runlog, globalMetrics } = bundlePaths(dir)
  const beat = (ms: number): { record_type: string; hb_mono_ns: bigint } => ({ record_type: 'heartbeat', hb_mono_ns: at(ms) })
  const lines = [
    beat(0),
    beat(10),
    { record_type: 'reconnect', trigger: 'exception', ts_mono_ns: at(12) },
    { record_type: 'subscribe_attempt' },
    beat(20)
  ]
  writeFileSync(
    runlog,
    ndjson([{ record_type: 'run_start', ts_mono_ns: at(0) }, ...lines, beat(30), { record_type: 'capture_stop', quality_ok: true }])
  )
  writeFileSync(globalMetrics, ndjson([0, 10, 20, 30].map((ms) => ({ ...beat(ms), loop_lag_ms_max_last_interval: ms, loss_total: 0 }))))
  const sliced = await slice(dir, mono(10, 20), { sliceId: 'part' })
  const stop = { record_type: 'capture_stop', run_id: 'part', reason: 'slice' }
  expect(readFileSync(join(sliced, 'runlog.ndjson'), 'utf8')).toBe(ndjson([...lines.slice(1), stop]))
  expect(await auditRun(sliced)).toMatchObject({
    hb_count: 2,
    quality_status: 'ok',
    reasons: ['reconnects_total', 'loop_lag_p99_ms'],
    latency_gates: { loop_lag_count: 2, loop_lag_max_ms: 20 }
  })
})

test('a slice from the middle of the demo replays; the manifest says what it lacks', async () => {
  const sliced = await slice(DEMO, { kind: 'mono', startMonoNs: 300_000_000_000n, endMonoNs: 400_000_000_000n })
  const { ok, verdict, frames, counts } = await replayReport(sliced)
  expect({ ok, verdict }).toEqual({ ok: true, verdict: 'ended' })
  expect(frames).toBe((await recordsOf(sliced)).length)
  expect(counts['tape_trades']).toBeGreaterThan(0)
  expect(readFileSync(join(sliced, 'manifest.json'), 'utf8')).toContain('A book is trusted from its first full snapshot on.')
  const whole = await replayReport(await slice(DEMO, ALL))
  expect(whole.counts).toEqual((await replayReport(DEMO)).counts)
})

test('an index that is missing or torn is completed; the slice is whole all the same', async () => {
  const dir = writeFixtureBundle(SHARDS)
  const intact = captureFiles(dir)
  const { captureDir } = bundlePaths(dir)
  rmSync(join(captureDir, 'shard_00.idx'))
  truncateSync(join(captureDir, 'shard_01.idx'), 32 * 7 + 5)
  expect(captureFiles(await slice(dir, ALL))).toEqual(intact)
})

test.each([0, 8, 16, 24, 28])(
  'an index that contradicts the log at byte %i of an entry is refused, and nothing is left behind',
  async (byte) => {
    const dir = writeFixtureBundle(SHARDS)
    const path = join(bundlePaths(dir).captureDir, 'shard_00.idx')
    const bytes = readFileSync(path)
    bytes[32 * 20 + byte]! ^= 1
    writeFileSync(path, bytes)
    const outDir = fresh()
    await expect(sliceRun(dir, { window: ALL, outDir })).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringContaining('shard 0')
    })
    expect(existsSync(outDir)).toBe(false)
  }
)

test('records of the first version of the format are copied as they are', async () => {
  const dir = writeFixtureBundle([[]])
  const frames: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (let i = 0; i < 5; i++) {
    const payload = Buffer.from(`old ${i}`)
    const header = Buffer.alloc(28)
    header.write('PMCAPv01', 0, 'latin1')
    header.writeUInt16LE(1, 8)
    header.writeUInt16LE(2, 10)
    header.writeBigUInt64LE(at(i), 12)
    header.writeUInt32LE(payload.length, 20)
    header.writeUInt32LE(crc32(payload), 24)
    const entry = Buffer.alloc(24)
    entry.writeBigUInt64LE(BigInt(offset), 0)
    header.copy(entry, 8, 12, 28)
    frames.push(header, payload)
    entries.push(entry)
    offset += 28 + payload.length
  }
  writeFileSync(join(dir, 'capture/shard_00.frames'), Buffer.concat(frames))
  writeFileSync(join(dir, 'capture/shard_00.idx'), Buffer.concat(entries))
  expect(captureFiles(await slice(dir, ALL))).toEqual(captureFiles(dir))
  expect(
    (await recordsOf(await slice(dir, mono(2, 3)))).map(({ flags, payload }) => [flags, Buffer.from(payload, 'hex').toString()])
  ).toEqual([
    [2, 'old 2'],
    [2, 'old 3']
  ])
})

test('a folder that holds a bundle already is not touched', async () => {
  const dir = writeFixtureBundle(SHARDS)
  const sliced = await slice(dir, ALL)
  await expect(sliceRun(dir, { window: mono(1, 2), outDir: sliced })).rejects.toMatchObject({ code: 'BUNDLE_EXISTS' })
  await expect(sliceRun(dir, { window: ALL, outDir: dir })).rejects.toMatchObject({ code: 'BUNDLE_EXISTS' })
  expect(captureFiles(sliced)).toEqual(captureFiles(dir))
})

test('a folder of the user’s own is kept when the slice fails', async () => {
  const dir = writeFixtureBundle(SHARDS)
  const outDir = fresh()
  mkdirSync(outDir)
  writeFileSync(join(outDir, 'notes.txt'), 'mine')
  const abort = new AbortController()
  const onProgress = (): void => abort.abort(new Error('enough'))
  await expect(sliceRun(dir, { window: ALL, outDir, signal: abort.signal, onProgress })).rejects.toThrow('enough')
  expect(readdirSync(outDir)).toEqual(['notes.txt'])
})

test.each([
  ['no bound', { window: { kind: 'mono' } }, 'Say what to take'],
  ['an end before the start', { window: mono(20, 10) }, 'before its start'],
  ['a window without a record', { window: mono(5000, 6000) }, 'holds no record. Records run from 98765432109876 to'],
  ['bounds beyond all numbers', { window: { kind: 'mono', startMonoNs: 10n ** 19n } }, 'holds no record'],
  ['a shard that is not there', { window: ALL, shard: 9 }, 'no shard 9; it has 0, 1, 2'],
  ['an id that is a path', { window: ALL, sliceId: '../x' }, 'letters, digits']
] as const)('%s is refused in a sentence', async (_name, options, words) => {
  const dir = writeFixtureBundle(SHARDS)
  await expect(sliceRun(dir, options)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(words) })
  expect(existsSync(join(dirname(dir), 'slices'))).toBe(false)
})

test('a damaged record is copied as it is: the slice shows the same damage, and its manifest says so', async () => {
  const dir = writeFixtureBundle([numberedRecords(30)])
  const path = join(bundlePaths(dir).captureDir, 'shard_00.frames')
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('"n":12,')] = 0x7e
  writeFileSync(path, bytes)
  const sliced = await slice(dir, mono(10, 15))
  expect(verifyRun(sliced)).toMatchObject({ ok: false, totals: { records: 5, errors: 1, crc_mismatch: 1 } })
  expect(readFileSync(join(sliced, 'manifest.json'), 'utf8')).toMatch(/"source_verdict":"Unreadable inside, skipped: .* of shard 0/)
})
