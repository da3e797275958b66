import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { compactRun } from '../engine/lake/index.ts'
import { recordedRun, type RecordedTestRun } from '../engine/replay/recorded/testRecordedRun.ts'
import { runCli } from './runCli.ts'

let printed = ''
let complained = ''
let work = ''
let run: RecordedTestRun
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tapedeck-cli-days-'))
  const t0Ns = BigInt(Date.parse('2026-11-20T15:00:00Z')) * 1_000_000n
  run = await recordedRun({ venue: 'polymarket', seed: 71, shards: 1, markets: 1, seconds: 40, messagesPerSecond: 20, weather: true, t0Ns })
  await compactRun({ bundleDir: run.dir, lakeDir: join(work, 'lake') })
})
afterAll(() => rmSync(work, { recursive: true, force: true }))
beforeEach(() => {
  printed = ''
  complained = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((complained += String(text)), true))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

test('a place that is not there is said, not called empty', async () => {
  const nowhere = join(work, 'nowhere')
  for (const [args, what] of [
    [['days', '--data-dir', nowhere], 'data folder'],
    [['compact', '--data-dir', nowhere], 'data folder'],
    [['retention', '--data-dir', nowhere], 'data folder'],
    [['days', '--lake', nowhere], 'lake'],
    [['lake-verify', '--lake', nowhere], 'lake']
  ] as const) {
    complained = ''
    expect(await runCli(args)).toBe(1)
    expect(complained).toContain(`There is no ${what} at this place: ${nowhere}`)
  }
})

test('days are listed, and one is replayed from each place with the recorded fingerprint', async () => {
  const lake = join(work, 'lake')
  expect(await runCli(['days', '--lake', lake])).toBe(0)
  expect(JSON.parse(printed)).toMatchObject({
    date: '2026-11-20',
    stored_in: 'parquet',
    run_ids: ['rough-71'],
    counts: run.recorded.counts
  })
  for (const from of [
    ['--lake', lake],
    ['--run-dir', run.dir, '--data-dir', work, '--from', 'journal'],
    ['--run-dir', run.dir, '--lake', lake, '--station', 'KLGA,LEMD', '--time-zone', 'Europe/Madrid']
  ]) {
    printed = ''
    expect(await runCli(['replay', '--day', '2026-11-20', '--print-fingerprint', ...from])).toBe(0)
    expect(JSON.parse(printed)).toMatchObject({ ok: true, fingerprint: run.recorded.sha256, counts: run.recorded.counts })
  }
})

test('a day of which nothing is recorded, a lake that is not there and a missing choice are said in a sentence', async () => {
  expect(await runCli(['replay', '--day', '2026-11-22', '--lake', join(work, 'lake')])).toBe(1)
  expect(complained).toContain('Nothing was recorded on 2026-11-22')
  expect(await runCli(['days', '--lake', join(work, 'nowhere')])).toBe(1)
  expect(complained).toContain('There is no lake at this place')
  expect(await runCli(['replay'])).toBe(2)
  expect(complained).toContain('replay needs --run-dir')
})
