import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { testRecords, writeTestJournal } from '../engine/lake/testJournal.ts'
import { runCli } from './runCli.ts'

let dir = ''
let flags: string[] = []
let printed = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-lake-cli-'))
  writeTestJournal(join(dir, 'runs', 'one'), testRecords())
  flags = ['--data-dir', dir]
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  process.exitCode = undefined
})

const lines = (): Record<string, unknown>[] =>
  printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('a data folder is compacted, verified, and its old journals are deleted only when told to', async () => {
  expect(await runCli(['compact', ...flags])).toBe(0)
  expect(lines()).toMatchObject([{ ok: true, rows: [...testRecords()].length, faults: [] }])
  printed = ''
  expect(await runCli(['lake-verify', ...flags, '--deep'])).toBe(0)
  expect(lines()).toMatchObject([{ ok: true, strangers: [], runs: [{ ok: true, rows: [...testRecords()].length }] }])
  printed = ''
  expect(await runCli(['retention', ...flags, '--journal-days', '0.000001', '--keep', 'none'])).toBe(0)
  expect(new Set(lines().map(({ action }) => action))).toEqual(new Set(['would delete', 'keep', undefined]))
  printed = ''
  expect(await runCli(['retention', ...flags, '--journal-days', '0.000001', '--apply'])).toBe(0)
  expect(lines().at(-1)).toMatchObject({ ok: true, applied: true })
  printed = ''
  expect(await runCli(['compact', ...flags])).toBe(0)
  expect(lines()).toMatchObject([{ ok: true, rows: 0, compacted: [] }])
})

test('a span of months that is too short, and a data folder without journals, are refused', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await runCli(['retention', ...flags, '--parquet-months', '3'])).toBe(2)
  mkdirSync(join(dir, 'none'))
  expect(await runCli(['compact', '--data-dir', join(dir, 'none')])).toBe(2)
  expect(await runCli(['lake-verify', '--lake', join(dir, 'none', 'lake')])).toBe(1)
})

test('a channel that there is not is refused: a word misspelt in --keep would delete what was to be kept', async () => {
  let complained = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((complained += String(text)), true))
  for (const args of [
    ['compact', '--channel', 'tape_trade'],
    ['retention', '--keep', 'event_window', 'tape_trade'],
    ['retention', '--channel-days', 'tape_trade=3']
  ]) {
    complained = ''
    expect([args, await runCli([...args, ...flags])]).toEqual([args, 2])
    expect(complained).toContain('There is no recorded channel tape_trade. There are frame_raw, ')
  }
  complained = ''
  expect(await runCli(['retention', ...flags, '--keep', 'depth_1s'])).toBe(2)
  expect(complained).toContain('There is no recorded channel depth_1s.')
  for (const days of ['tape_trades', 'tape_trades=x', 'tape_trades=0']) {
    complained = ''
    expect(await runCli(['retention', ...flags, '--channel-days', days])).toBe(2)
    expect(complained).toContain(`argument '${days}' is invalid. Expected`)
  }
})

test('every SQL example of the page about queries gives rows', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/how-to/query-the-lake.md'), 'utf8')
  const examples = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = '']) => sql)
  const inPython = [...page.matchAll(/duckdb\.sql\("""\n([\s\S]*?)"""\)/g)].map(([, sql = '']) => sql)
  expect(examples.length).toBeGreaterThan(5)
  const { rowsOf } = await import('../engine/lake/testDuckDb.ts')
  for (const sql of [...examples, ...inPython]) {
    // In the test, the lake lies elsewhere, its ten minutes are the same ones.
    const rows = await rowsOf(sql.replaceAll("'lake/", `'${join(dir, 'lake')}/`))
    expect([sql, rows.length > 0]).toEqual([sql, true])
  }
})
