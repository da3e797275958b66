import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { removeCaptureLock, writeCaptureLock } from '../../bundle/index.ts'
import { compactRun } from '../../lake/index.ts'
import { dayReport } from './dayReport.ts'
import { listDays } from './listDays.ts'
import { crash, recordedRun, type RecordedTestRun } from './testRecordedRun.ts'

const T0 = BigInt(Date.parse('2026-11-20T15:00:00.25Z')) * 1_000_000n
const SHAPE = { venue: 'binance', shards: 1, markets: 2, seconds: 200, messagesPerSecond: 20, weather: true, seed: 61, t0Ns: T0 } as const
const choice = { date: '2026-11-20' }

let work: string
let run: RecordedTestRun
let dir: string
let number = 0
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tapedeck-crashed-'))
  run = await recordedRun(SHAPE)
})
beforeEach(() => {
  dir = join(work, String(number++))
  cpSync(run.dir, dir, { recursive: true })
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

const journal = (...path: string[]): string => join(dir, 'journal', ...path)
const places = () => ({ lakeDir: undefined, bundleDirs: [dir] })
const pending = (): string[] => readdirSync(journal(), { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('_pending'))

test.each(['newest', 'all'] as const)(
  'the day of a killed run has what was on disk (%s segments unfinished), and says how it ended',
  async (open) => {
    crash(dir, open)
    const { days, journals, faults } = await listDays(places())
    expect(faults).toEqual([])
    expect(journals).toMatchObject([
      { path: dir, verdict: { state: 'recovered', sentence: expect.stringMatching(/did not end in order/) as string } }
    ])
    expect(days).toMatchObject([
      { date: '2026-11-20', events: run.recorded.events, counts: run.recorded.counts, verdict: { state: 'recovered' } }
    ])
    expect(pending()).toEqual([])
    const report = await dayReport({ ...places(), choice })
    expect(report).toMatchObject({ ok: true, fingerprint: run.recorded.sha256, faults: [] })
    expect(report.verdict.state).toBe('recovered')
    expect(report.verdict.sentence).toMatch(/did not end in order: at most the last \d+\.\d s are not in the journal/)
    const [only] = report.verdict.runs
    expect(only).toMatchObject({ run_id: 'rough-61', state: 'recovered', raw: { state: 'recovered' }, journal: { state: 'recovered' } })
    const losses = only!.journal!.channels
    expect(losses.map(({ channel }) => channel)).toEqual(expect.arrayContaining(['l2_snap_1s', 'metar_obs']))
    for (const loss of losses) expect(loss.lost_seconds_at_most).toBeGreaterThanOrEqual(0)
  }
)

test('a run that is being recorded is told by that name, and nothing of it is touched', async () => {
  crash(dir, 'newest')
  writeCaptureLock(dir)
  const before = pending()
  expect(before.length).toBeGreaterThan(5)
  const { days } = await listDays(places())
  expect(days[0]!.verdict).toMatchObject({ state: 'recording', runs: [{ run_id: 'rough-61', state: 'recording' }] })
  expect(days[0]!.verdict.runs[0]!.journal!.channels[0]).toMatchObject({ pending_segments: 1 })
  expect(days[0]!.verdict.runs[0]!.journal!.channels[0]).not.toHaveProperty('lost_bytes')
  const { events } = await dayReport({ ...places(), choice })
  expect(events).toBeLessThan(run.recorded.events)
  expect(pending()).toEqual(before)
  removeCaptureLock(dir)
  expect((await dayReport({ ...places(), choice })).events).toBe(run.recorded.events)
})

test('a run whose first segments are still being written is named, for it has nothing to play yet', async () => {
  crash(dir, 'all')
  writeCaptureLock(dir)
  const { days, empty, faults } = await listDays(places())
  expect({ days, faults }).toEqual({ days: [], faults: [] })
  expect(empty).toMatchObject([{ run_id: 'rough-61', state: 'recording' }])
  await expect(dayReport({ ...places(), choice })).rejects.toThrow(/rough-61 has nothing to play yet. This run is being recorded right now/)
})

test('a damaged segment is quarantined, with what it held, and the rest plays', async () => {
  const [row] = JSON.parse(readFileSync(journal('ch=l2_snap_1s', 'manifest.json'), 'utf8')) as { path: string; lines: number }[]
  truncateSync(journal(row!.path), 100)
  const report = await dayReport({ ...places(), choice })
  expect(report).toMatchObject({
    ok: false,
    verdict: { state: 'quarantined', runs: [{ journal: { quarantined: [{ path: row!.path, lines: row!.lines }] } }] }
  })
  expect(report.verdict.sentence).toMatch(/The raw recording is kept/)
  expect(report.counts['metar_obs']).toBe(run.recorded.counts['metar_obs'])
})

test('a manifest that is gone or lies is made again from its segments, and that is said', async () => {
  rmSync(journal('ch=metar_obs', 'manifest.json'))
  const manifest = journal('ch=l2_snap_1s', 'manifest.json')
  const rows = JSON.parse(readFileSync(manifest, 'utf8')) as object[]
  writeFileSync(manifest, JSON.stringify(rows.map((row, n) => (n === 1 ? { ...row, start_t: 9e15, end_t: 9e15 } : row))))
  const report = await dayReport({ ...places(), choice })
  expect(report).toMatchObject({ counts: run.recorded.counts, fingerprint: run.recorded.sha256, verdict: { state: 'recovered' } })
  const notes = report.verdict.runs[0]!.journal!.channels.map(({ channel, notes: said }) => `${channel}: ${said?.join(' ')}`)
  expect(notes.join('\n')).toMatch(/l2_snap_1s: .*its own facts hold[^]*metar_obs: The manifest is missing/)
})

test('a run that cannot be understood is a fault, and the days of the others are listed', async () => {
  const other = join(work, 'other')
  cpSync(run.dir, other, { recursive: true })
  writeFileSync(journal('journal.json'), '{')
  const { days, faults } = await listDays({ lakeDir: undefined, bundleDirs: [dir, other] })
  expect(days).toMatchObject([{ events: run.recorded.events }])
  expect(faults.join()).toMatch(/description of the journal is damaged/)
})

test('a run of which only the lake is left does not claim to have ended', async () => {
  const lakeDir = join(work, 'lake')
  await compactRun({ bundleDir: dir, lakeDir })
  const report = await dayReport({ lakeDir, bundleDirs: [], choice })
  expect(report).toMatchObject({ ok: true, verdict: { state: 'unknown', runs: [{ state: 'unknown', raw: null, journal: null }] } })
  expect((await dayReport({ lakeDir, bundleDirs: [dir], choice })).verdict.state).toBe('ended')
})
