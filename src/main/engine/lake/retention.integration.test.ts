import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compactRun } from './compactRun.ts'
import { inLake } from './lakePaths.ts'
import { readProof } from './proofFile.ts'
import { readRetired } from '../record/index.ts'
import { runRetention, type RetentionResult } from './retention.ts'
import { DEFAULT_POLICY, type RetentionPolicy } from './retentionPolicy.ts'
import { storedRecords } from './storedRecords.ts'
import { ORIGIN_TS_NS, RUN_ID, testRecords, writeTestJournal } from './testJournal.ts'

const DAY = 86_400_000
const START_MS = Number(ORIGIN_TS_NS / 1_000_000n)
let dir: string
let bundleDir: string
let lakeDir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-retention-'))
  bundleDir = join(dir, 'run')
  lakeDir = join(dir, 'lake')
  writeTestJournal(bundleDir, testRecords())
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const retain = (days: number, apply: boolean, policy: Partial<RetentionPolicy> = {}): Promise<RetentionResult> =>
  runRetention({
    lakeDir,
    bundleDirs: [bundleDir],
    policy: { ...DEFAULT_POLICY, keepForever: [], ...policy },
    apply,
    nowMs: START_MS + days * DAY
  })

const verdicts = ({ items }: RetentionResult, kind: string): Set<string> =>
  new Set(items.filter((item) => item.kind === kind).map(({ verdict }) => `${verdict.kind}: ${verdict.why}`))

async function count(options: { bundleDir?: string; lakeDir?: string; runId?: string }): Promise<number> {
  let records = 0
  for await (const batch of storedRecords(options)) records += batch.count
  return records
}

test('what is not proved is never deleted, however old', async () => {
  const result = await retain(1000, true)
  expect(verdicts(result, 'journal')).toEqual(new Set(['keep: not proved']))
  expect(await count({ bundleDir })).toBe([...testRecords()].length)
})

test('without --apply nothing is deleted, and the answer is what would be', async () => {
  await compactRun({ bundleDir, lakeDir })
  expect(verdicts(await retain(13, false), 'journal')).toEqual(new Set(['keep: young']))
  const dry = await retain(15, false)
  expect(verdicts(dry, 'journal')).toEqual(new Set(['delete: age']))
  expect(dry.applied).toBe(false)
  expect(await count({ bundleDir })).toBe([...testRecords()].length)
})

test('proved journals go after their time, the events stay and the bundle says where they are', async () => {
  await compactRun({ bundleDir, lakeDir })
  const result = await retain(15, true, { keepForever: ['tape_trades'] })
  expect(result.faults).toEqual([])
  expect(verdicts(result, 'journal')).toEqual(new Set(['delete: age', 'keep: keep forever']))
  expect(existsSync(join(bundleDir, 'journal/ch=tape_trades/date=2026-11-20'))).toBe(true)
  expect(readRetired(join(bundleDir, 'journal/ch=health')).length).toBeGreaterThan(3)
  expect(await count({ bundleDir, lakeDir })).toBe([...testRecords()].length)
  // Compacting again finds nothing to do and nothing wrong.
  expect(await compactRun({ bundleDir, lakeDir })).toMatchObject({ compacted: [], faults: [] })
})

test('a segment whose copy was changed, or that was changed itself, is kept', async () => {
  await compactRun({ bundleDir, lakeDir })
  const entries = readProof(lakeDir, RUN_ID)!.entries
  appendFileSync(inLake(lakeDir, entries.find(({ ch }) => ch === 'health')!.parts[0]!.path), 'x')
  const [row] = JSON.parse(readFileSync(join(bundleDir, 'journal/ch=tape_trades/manifest.json'), 'utf8')) as { path: string }[]
  appendFileSync(join(bundleDir, 'journal', row!.path), 'x')
  const result = await retain(15, true)
  expect(result.faults.filter((fault) => fault.includes('its copy is not sound')).length).toBeGreaterThan(0)
  expect(result.faults.filter((fault) => fault.includes('was changed after it was compacted'))).toHaveLength(1)
  expect(existsSync(join(bundleDir, 'journal', row!.path))).toBe(true)
})

test('a segment that is being written and a channel with a damaged manifest are left alone', async () => {
  await compactRun({ bundleDir, lakeDir })
  const open = join(bundleDir, 'journal/ch=health/date=2026-11-20/segment_20261120_050300_300000000000_pending.jsonl.zst')
  writeFileSync(open, 'x')
  writeFileSync(join(bundleDir, 'journal/ch=tape_trades/manifest.json'), '[{"torn":')
  const result = await retain(15, true)
  expect(existsSync(open)).toBe(true)
  expect(existsSync(join(bundleDir, 'journal/ch=tape_trades/date=2026-11-20'))).toBe(true)
  expect(result.faults).toHaveLength(1)
})

test('a budget takes the oldest proved journals first and never those of the last day', async () => {
  await compactRun({ bundleDir, lakeDir })
  const before = await retain(2, false)
  const over = await retain(2, false, { maxBytes: before.remainingBytes - 1 })
  const gone = over.items.filter(({ verdict }) => verdict.kind === 'delete')
  expect(gone).toHaveLength(1)
  expect(gone[0]!.verdict.why).toBe('budget')
  expect(gone[0]!.endMs).toBe(
    Math.min(...over.items.filter(({ kind, channel }) => kind === 'journal' && channel !== 'event_window').map(({ endMs }) => endMs))
  )
  expect(verdicts(await retain(0.5, false, { maxBytes: 1 }), 'journal')).toEqual(new Set(['keep: young']))
})

test('hours left are those of frame logs, journals and Parquet together, over the time that was recorded', async () => {
  const frames = join(bundleDir, 'frames', 'shard_00.frames')
  mkdirSync(dirname(frames))
  writeFileSync(frames, Buffer.alloc(5_000_000))
  await compactRun({ bundleDir, lakeDir })
  const { hoursLeft, freeBytes, remainingBytes } = await retain(1, false)
  // 240 seconds were recorded. Beside what retention looks at there are manifests and proofs.
  const bytes = (freeBytes / hoursLeft!) * (240 / 3600)
  expect(bytes).toBeGreaterThan(5_000_000 + remainingBytes)
  expect(bytes).toBeLessThan(5_000_000 + remainingBytes + 100_000)
  // It is a rate of recording and does not grow while nothing is recorded.
  const later = await retain(400, false)
  expect(later.freeBytes / later.hoursLeft! / (freeBytes / hoursLeft!)).toBeCloseTo(1, 9)
  expect((await runRetention({ lakeDir, bundleDirs: [], policy: DEFAULT_POLICY, apply: false })).hoursLeft).toBeUndefined()
})

test('old Parquet goes with its proof once no journal stands behind it', async () => {
  await compactRun({ bundleDir, lakeDir })
  expect(verdicts(await retain(800, true), 'parquet')).toEqual(new Set(['keep: its journal is still there']))
  const result = await retain(800, true, { keepForever: ['instrument'] })
  expect(verdicts(result, 'parquet')).toEqual(new Set(['delete: age', 'keep: keep forever']))
  expect(readProof(lakeDir, RUN_ID)!.entries.map(({ ch }) => ch)).toEqual(['instrument'])
  expect(existsSync(join(lakeDir, 'station=KLGA'))).toBe(false)
})
