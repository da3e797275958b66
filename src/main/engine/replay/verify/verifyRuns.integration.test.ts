import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundlePaths } from '../../bundle/index.ts'
import { compactRun, DEFAULT_POLICY, runRetention } from '../../lake/index.ts'
import { recordedRun, type RecordedTestRun } from '../recorded/testRecordedRun.ts'
import { verifyDay, verifyRecorded } from './verifyRuns.ts'

const T0 = BigInt(Date.parse('2026-11-20T14:59:00.25Z')) * 1_000_000n
const SHAPE = { venue: 'binance', shards: 2, markets: 2, seconds: 120, messagesPerSecond: 20, weather: true, seed: 71, t0Ns: T0 } as const
const DAY_MS = 86_400_000

let work: string
let run: RecordedTestRun
let wholeLake: string
let dir: string
let lakeDir: string
let number = 0
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tapedeck-verify-'))
  run = await recordedRun(SHAPE)
  wholeLake = join(work, 'lake')
  await compactRun({ bundleDir: run.dir, lakeDir: wholeLake })
}, 120_000)
beforeEach(() => {
  number++
  dir = join(work, `run-${number}`)
  lakeDir = join(work, `lake-${number}`)
  cpSync(run.dir, dir, { recursive: true })
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

const again = () => verifyRecorded([dir], { lakeDir, rederive: true })
const whole = () => ({ equal: true, same: run.recorded.events, counts: {}, differences: [], problems: [], deleted: [] })

async function retire(days: number, parquetMonths?: number): Promise<void> {
  const policy = { ...DEFAULT_POLICY, journalDays: 1, parquetMonths, keepForever: [] }
  await runRetention({ lakeDir, bundleDirs: [dir], policy, apply: true, nowMs: Number(T0 / 1_000_000n) + days * DAY_MS })
}

const segments = (): string[] =>
  readdirSync(join(dir, 'journal'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.zst'))

test('a journal that is whole equals what its raw bytes give, and so does the Parquet when the journal is gone', async () => {
  const fromJournal = await again()
  expect(fromJournal).toMatchObject({ ok: true, state: 'ended', runs: [{ lake: null, frames: { errors: 0 } }] })
  expect(fromJournal.runs[0]!.rederived).toMatchObject({ stored_in: 'journal', ...whole() })
  cpSync(wholeLake, lakeDir, { recursive: true })
  await retire(2)
  expect(segments()).toEqual([])
  const { ok, state, runs } = await again()
  expect({ ok, state }).toEqual({ ok: true, state: 'ended' })
  expect(runs).toMatchObject([{ lake: { ok: true, faults: [] }, rederived: { stored_in: 'parquet', ...whole() } }])
})

test('what a damaged Parquet part held is listed by channel and time, when no journal has it any more', async () => {
  cpSync(wholeLake, lakeDir, { recursive: true })
  await retire(2)
  const folder = join(lakeDir, 'station=binance/date=2026-11-20/ch=l2_snap_1s')
  const path = join(folder, readdirSync(folder)[0]!)
  writeFileSync(path, readFileSync(path).fill(0x55, 200, 260))
  const { ok, runs } = await again()
  const [found] = runs
  expect(ok).toBe(false)
  expect(found!.lake).toMatchObject({ ok: false })
  expect(found!.rederived!.problems.join()).toContain('l2_snap_1s')
  expect(found!.rederived!.counts).toEqual({ l2_snap_1s: { missing: run.recorded.counts['l2_snap_1s'], extra: 0, different: 0 } })
  const [first] = found!.rederived!.differences
  expect(first).toMatchObject({ channel: 'l2_snap_1s', kind: 'missing' })
  expect(first!.to_t).toBeGreaterThan(first!.from_t)
})

test('what retention deleted for good is told and is no difference', async () => {
  cpSync(wholeLake, lakeDir, { recursive: true })
  await retire(2)
  await retire(800, 6)
  const [found] = (await again()).runs
  expect(found!.rederived!.deleted.map(({ channel }) => channel)).toContain('l2_snap_1s')
  expect(found!.rederived).toMatchObject({ counts: {}, problems: [], same: 0 })
})

test('a day is compared within its bounds only', async () => {
  const places = { lakeDir: undefined, bundleDirs: [dir] }
  const options = { lakeDir: undefined, rederive: true }
  const { runs, date } = await verifyDay(places, { date: '2026-11-20' }, options)
  expect({ date, runs }).toMatchObject({ date: '2026-11-20', runs: [{ ok: true, rederived: whole() }] })
  // Midnight of this zone is one minute after the run began.
  const both = await Promise.all(
    ['2026-11-20', '2026-11-21'].map((day) => verifyDay(places, { date: day, timeZone: 'Etc/GMT-9' }, options))
  )
  expect(both.map(({ ok }) => ok)).toEqual([true, true])
  const [before, after] = both.map(({ runs: found }) => found[0]!.rederived!.same)
  expect(before! + after!).toBe(run.recorded.events)
  expect(Math.min(before!, after!)).toBeGreaterThan(0)
  await expect(verifyDay(places, { date: '2026-11-23' }, options)).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
})

test('without comparing, frame log, journal and Parquet are looked at, every byte, and a torn one is found', async () => {
  cpSync(wholeLake, lakeDir, { recursive: true })
  const plain = () => verifyRecorded([dir], { lakeDir, rederive: false })
  const sound = await plain()
  expect(sound).toMatchObject({ ok: true, runs: [{ frames: { errors: 0 }, lake: { ok: true } }] })
  expect(sound.runs[0]).not.toHaveProperty('rederived')
  const { captureDir } = bundlePaths(dir)
  const frames = join(
    captureDir,
    readdirSync(captureDir).find((name) => name.endsWith('.frames'))!
  )
  truncateSync(frames, readFileSync(frames).length - 5)
  const [torn] = (await plain()).runs
  expect(torn).toMatchObject({ ok: false, raw: { lost: [{ bytes: expect.any(Number) as number }] }, journal: { state: 'ended' } })
})
