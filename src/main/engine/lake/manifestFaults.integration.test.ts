import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compactRun } from './compactRun.ts'
import { storedRecords } from './storedRecords.ts'
import { testRecords, writeTestJournal } from './testJournal.ts'

let dir: string
let bundleDir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-manifest-'))
  bundleDir = join(dir, 'run')
  writeTestJournal(bundleDir, testRecords({ seconds: 200 }), 40)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

interface Row {
  path: string
  start_t: number
  end_t: number
  lines: number
  pending: boolean
}

const manifestPath = (): string => join(bundleDir, 'journal/ch=l2_snap_1s/manifest.json')

function changeRows(change: (rows: Row[]) => unknown): void {
  writeFileSync(manifestPath(), JSON.stringify(change(JSON.parse(readFileSync(manifestPath(), 'utf8')) as Row[])))
}

function changeRow(n: number, values: Partial<Row>): void {
  changeRows((rows) => rows.map((row, at) => (at === n ? { ...row, ...values } : row)))
}

async function readSpan(fromRelNs: number, toRelNs: number): Promise<{ rows: number; faults: string[] }> {
  const faults: string[] = []
  let rows = 0
  const options = { bundleDir, channels: ['l2_snap_1s'], span: { fromRelNs, toRelNs }, onFault: (text: string) => void faults.push(text) }
  for await (const batch of storedRecords(options)) rows += batch.count
  return { rows, faults }
}

const CASES: readonly [string, () => void, RegExp, number][] = [
  ['a time that is no whole number', () => changeRow(1, { start_t: 4e10 + 0.5 }), /row 2 of the manifest of l2_snap_1s is no segment/, 480],
  [
    'a time far in the future',
    () => changeRow(1, { start_t: 9e15, end_t: 9e15 }),
    /row 2 of .* gives a segment times that it cannot have/,
    480
  ],
  ['an end on another day', () => changeRow(1, { end_t: 9e15 }), /row 2 of .* gives a segment times that it cannot have/, 480],
  ['an end before the beginning', () => changeRow(1, { end_t: 1 }), /row 2 of .* gives a segment times that it cannot have/, 480],
  ['a row less', () => changeRows((rows) => rows.toSpliced(1, 1)), /does not list a segment that is there: ch=l2_snap_1s/, 480],
  ['a finished segment called unfinished', () => changeRow(1, { pending: true }), /does not list a segment that is there/, 480],
  ['a row without lines', () => changeRow(1, { lines: 0 }), /120 lines where its manifest says 0/, 600],
  ['a row that is nothing', () => changeRows((rows) => [...rows.toSpliced(1, 1), null]), /does not list a segment/, 480],
  ['another kind of content', () => changeRows(() => ({})), /is no JSON list/, 0],
  ['another name', () => renameSync(manifestPath(), `${manifestPath()}.old`), /is missing and 6 segments are there/, 0]
]

test.each(CASES)(
  'a manifest with %s is not read as whole: what is left out is named, and the rest is read',
  async (_, damage, saying, left) => {
    damage()
    const { rows, faults } = await readSpan(0, 1e15)
    expect(faults.join('\n')).toMatch(saying)
    expect(rows).toBe(left)
  }
)

test.each(CASES.filter(([name]) => /row less|another name|future/.test(name)))(
  'a manifest with %s is compacted with a fault, never as if all were there',
  async (_, damage, saying) => {
    damage()
    const { faults, compacted } = await compactRun({ bundleDir, lakeDir: join(dir, 'lake') })
    expect(faults.join('\n')).toMatch(saying)
    expect(compacted.map(({ channel }) => channel)).toContain('tape_trades')
  }
)

test('an end that the manifest gives too early hides nothing: the times are compared with the events', async () => {
  const { rows, faults } = await readSpan(30e9, 40e9)
  expect({ rows, faults }).toEqual({ rows: 30, faults: [] })
  changeRow(0, { end_t: 2e9 })
  const lying = await readSpan(30e9, 40e9)
  expect(lying.rows).toBe(30)
  expect(lying.faults.join()).toMatch(
    /holds events from 1000000000 to 39000000000 ns of the run where its manifest says 1000000000 to 2000000000/
  )
})
