import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
    [['lake-verify', '--lake', nowhere], 'lake'],
    [['retention', '--lake', nowhere], 'lake'],
    [['days', '--run-dir', nowhere], 'run bundle'],
    [['compact', '--run-dir', nowhere], 'run bundle'],
    [['retention', '--run-dir', nowhere], 'run bundle'],
    [['lake-verify', '--lake', work, '--run-dir', nowhere], 'run bundle'],
    [['verify', '--day', '2026-11-20', '--run-dir', nowhere], 'run bundle'],
    [['replay', '--day', '2026-11-20', '--run-dir', nowhere], 'run bundle'],
    [['serve', '--day', '2026-11-20', '--run-dir', nowhere], 'run bundle']
  ] as const) {
    complained = ''
    expect([args, await runCli(args)]).toEqual([args, 1])
    expect(complained).toContain(`There is no ${what} at this place: ${nowhere}`)
  }
})

test('a file where a folder is expected is said, not called empty', async () => {
  const file = join(work, 'a file')
  writeFileSync(file, '')
  for (const [args, what] of [
    [['days', '--data-dir', file], 'data folder'],
    [['compact', '--data-dir', file], 'data folder'],
    [['days', '--lake', file], 'lake'],
    [['retention', '--lake', file], 'lake'],
    [['compact', '--run-dir', run.dir, '--lake', file], 'lake'],
    [['lake-verify', '--lake', file], 'lake'],
    [['compact', '--run-dir', file], 'run bundle'],
    [['days', '--run-dir', file], 'run bundle']
  ] as const) {
    complained = ''
    expect([args, await runCli(args)]).toEqual([args, 1])
    expect(complained).toContain(`A folder is expected as the ${what}, but this is a file: ${file}`)
  }
})

test('a run of which the lake has nothing is said: nothing was compared, and nothing is played', async () => {
  const lake = join(work, 'lake')
  expect(await runCli(['lake-verify', '--lake', lake, '--run-id', 'nobody'])).toBe(1)
  expect(complained).toContain('The lake has nothing of the run nobody; it has rough-71.')
  complained = ''
  expect(await runCli(['replay', '--run-dir', run.dir, '--from', 'lake', '--lake', join(work, 'nowhere')])).toBe(1)
  expect(complained).toContain('The lake has nothing of this run: compact it first, or replay its journal or its frame log.')
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

test('options that mean nothing together are refused, not left out in silence', async () => {
  for (const [args, sentence] of [
    [['--run-dir', run.dir, '--station', 'KLGA'], '--station belongs to --day.'],
    [['--run-dir', run.dir, '--time-zone', 'Europe/Madrid'], '--time-zone belongs to --day.'],
    [['--run-dir', run.dir, '--data-dir', work], '--data-dir belongs to --day.'],
    [['--day', '2026-11-20', '--recorded'], '--recorded belongs to a replay of --run-dir alone.'],
    [['--day', '2026-11-20', '--speed', '10'], '--speed belongs to a replay of --run-dir alone.']
  ] as const) {
    complained = ''
    expect([args, await runCli(['replay', ...args])]).toEqual([args, 2])
    expect(complained).toContain(sentence)
  }
})
