import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileSha256 } from './fileSha256.ts'
import { compactRun } from './compactRun.ts'
import { LakeDatabase } from './database.ts'
import { inLake } from './lakePaths.ts'
import { proofPath, readProof } from './proofFile.ts'
import { storedRecords } from './storedRecords.ts'
import { RUN_ID, testRecords, writeTestJournal } from './testJournal.ts'
import { verifyLake } from './verifyLake.ts'

let dir: string
let bundleDir: string
let lakeDir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-faults-'))
  bundleDir = join(dir, 'run')
  lakeDir = join(dir, 'lake')
  writeTestJournal(bundleDir, testRecords({ seconds: 130 }))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

interface Row {
  path: string
  lines: number
  bytes: number
  sha256: string
}

const manifestOf = (channel: string): Row[] =>
  JSON.parse(readFileSync(join(bundleDir, `journal/ch=${channel}/manifest.json`), 'utf8')) as Row[]

/** Changes the text of a segment and lets its manifest say so: a damage that no hash shows. */
async function rewrite(channel: string, index: number, change: (text: string) => string): Promise<void> {
  const rows = manifestOf(channel)
  const row = rows[index]!
  const path = join(bundleDir, 'journal', row.path)
  const packed = zstdCompressSync(change(zstdDecompressSync(readFileSync(path)).toString()))
  writeFileSync(path, packed)
  Object.assign(row, { bytes: packed.length, sha256: await fileSha256(path) })
  writeFileSync(join(bundleDir, `journal/ch=${channel}/manifest.json`), JSON.stringify(rows))
}

/** What is wrong is said, named by its segment, and all else is in the lake, proved. */
async function expectOneFault(channel: string, saying: RegExp): Promise<void> {
  const result = await compactRun({ bundleDir, lakeDir })
  expect(result.faults).toHaveLength(1)
  expect(result.faults[0]).toMatch(saying)
  expect(result.compacted.filter((entry) => entry.channel !== channel).length).toBeGreaterThan(5)
  expect(await verifyLake({ lakeDir, deep: true })).toMatchObject({ ok: true })
}

test.each<[string, (path: string, bytes: number) => void, RegExp]>([
  ['torn', (path, bytes) => truncateSync(path, bytes >> 1), /segment/],
  ['empty', (path) => truncateSync(path, 0), /segment/],
  ['missing', (path) => rmSync(path), /missing/],
  ['flipped in the middle', (path, bytes) => writeFileSync(path, readFileSync(path).fill(0x55, bytes >> 1, (bytes >> 1) + 1)), /segment/],
  ['of another program', (path, bytes) => writeFileSync(path, Buffer.alloc(bytes, 'x')), /segment/]
])('a segment that is %s stays out of the lake and is named', async (_, damage, saying) => {
  const row = manifestOf('tape_trades')[1]!
  damage(join(bundleDir, 'journal', row.path), row.bytes)
  await expectOneFault('tape_trades', saying)
})

test.each<[string, (text: string) => string, RegExp]>([
  ['lines in another order', (text) => text.trimEnd().split('\n').toReversed().join('\n').concat('\n'), /out of order/],
  ['a line twice', (text) => text.replace(/\n([^\n]*\n)/, '\n$1$1'), /out of order|lines where/],
  ['a line less', (text) => text.slice(text.indexOf('\n') + 1), /lines where/],
  ['a line cut off', (text) => text.slice(0, -20), /inside a line/],
  ['a line of another channel', (text) => text.replace('"ch":"tape_trades"', '"ch":"bbo"'), /is no event/],
  ['a price that is none', (text) => text.replace(/"price":[\d.]+/, '"price":1e99'), /is no event/]
])('a segment with %s stays out of the lake, also when its hash fits', async (_, change, saying) => {
  await rewrite('tape_trades', 1, change)
  await expectOneFault('tape_trades', saying)
})

test('a segment that begins with the last lines of the one before gives each event once', async () => {
  const first = zstdDecompressSync(readFileSync(join(bundleDir, 'journal', manifestOf('health')[0]!.path))).toString()
  const repeated = first.trimEnd().split('\n').slice(-2).join('\n')
  // The first two segments of a date only: the next one begins the new day.
  await rewrite('health', 1, (text) => `${repeated}\n${text}`)
  const rows = manifestOf('health')
  const path = rows[1]!.path.replace(/_60(\d+)\.jsonl/, '_58$1.jsonl')
  renameSync(join(bundleDir, 'journal', rows[1]!.path), join(bundleDir, 'journal', path))
  Object.assign(rows[1]!, { path, start_t: 58_000_000_005, lines: rows[1]!.lines + 2 })
  writeFileSync(join(bundleDir, 'journal/ch=health/manifest.json'), JSON.stringify(rows))
  const result = await compactRun({ bundleDir, lakeDir })
  expect(result.faults).toEqual([])
  expect(result.compacted.filter(({ channel }) => channel === 'health').reduce((sum, entry) => sum + entry.rows, 0)).toBe(130)
})

test('a proof that is torn proves nothing: nothing is compacted over it until told to, and then all is', async () => {
  await compactRun({ bundleDir, lakeDir })
  truncateSync(proofPath(lakeDir, RUN_ID), 300)
  await expect(compactRun({ bundleDir, lakeDir })).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
  expect(await verifyLake({ lakeDir })).toMatchObject({ ok: false, runs: [] })
  expect((await compactRun({ bundleDir, lakeDir, redo: true })).faults).toEqual([])
  expect(await verifyLake({ lakeDir, deep: true })).toMatchObject({ ok: true, strangers: [] })
})

test('without a proof, and without the whole journal, what is in the lake stays', async () => {
  await compactRun({ bundleDir, lakeDir })
  rmSync(proofPath(lakeDir, RUN_ID))
  writeFileSync(proofPath(lakeDir, RUN_ID), '{}')
  rmSync(join(bundleDir, 'journal', manifestOf('tape_trades')[1]!.path))
  const result = await compactRun({ bundleDir, lakeDir, redo: true })
  expect(result.faults).toEqual([expect.stringContaining('is missing'), expect.stringContaining('cannot be compacted again')])
  expect((await verifyLake({ lakeDir })).strangers).toEqual([expect.stringContaining('ch=tape_trades')])
})

test('a Parquet file of another program in a partition stays there, and is told', async () => {
  await compactRun({ bundleDir, lakeDir })
  const partition = join(lakeDir, 'station=KLGA/date=2026-11-19/ch=metar_obs')
  copyFileSync(join(partition, 'part-0000.parquet'), join(partition, 'mine.parquet'))
  expect((await compactRun({ bundleDir, lakeDir, redo: true })).faults).toEqual([])
  expect(existsSync(join(partition, 'mine.parquet'))).toBe(true)
  expect(await verifyLake({ lakeDir })).toMatchObject({ ok: false, strangers: ['station=KLGA/date=2026-11-19/ch=metar_obs/mine.parquet'] })
})

test('a proof from elsewhere cannot lead out of the lake', async () => {
  await compactRun({ bundleDir, lakeDir })
  const path = proofPath(lakeDir, RUN_ID)
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"path": "station=[^"]*"/, '"path": "station=a/../../../x/part-0000.parquet"'))
  expect(() => readProof(lakeDir, RUN_ID)).toThrow(/damaged/)
})

test('a disk that is full ends the compaction with that reason; the lake stays as it was', async () => {
  const child = join(import.meta.dirname, 'testCompactChild.ts')
  // Files of at most 8 KB stand for a full disk: the Parquet of books does not fit.
  const run = promisify(execFile)('bash', ['-c', `ulimit -f 8; exec "${process.execPath}" "${child}" compact "${bundleDir}" "${lakeDir}"`])
  await expect(run).rejects.toThrow('Command failed')
  let bytes = 0
  for await (const batch of storedRecords({ bundleDir, lakeDir })) bytes += batch.used
  expect(bytes).toBeGreaterThan(100_000)
  expect((await compactRun({ bundleDir, lakeDir })).faults).toEqual([])
  expect(await verifyLake({ lakeDir, deep: true })).toMatchObject({ ok: true, strangers: [] })
  expect(readdirSync(join(lakeDir, '.work'))).toEqual([])
})

test('what DuckDB says of a full disk becomes the reason', async () => {
  const database = await LakeDatabase.open({ spillDir: dir })
  const failed = database.run(`COPY (SELECT range AS a FROM range(1000000)) TO '/dev/full' (FORMAT parquet, USE_TMP_FILE false)`)
  await expect(failed).rejects.toMatchObject({ code: 'DISK_FULL' })
  database.close()
})

test('a lake in a place where no folder can be made is refused', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(compactRun({ bundleDir, lakeDir: join(dir, 'file', 'lake') })).rejects.toMatchObject({ code: 'FILE_FAILED' })
})

test('an empty journal gives an empty lake', async () => {
  const empty = join(dir, 'empty')
  mkdirSync(join(empty, 'journal/ch=health'), { recursive: true })
  copyFileSync(join(bundleDir, 'journal/journal.json'), join(empty, 'journal/journal.json'))
  writeFileSync(join(empty, 'journal/ch=health/manifest.json'), '[]')
  expect(await compactRun({ bundleDir: empty, lakeDir })).toMatchObject({ compacted: [], faults: [] })
  expect(statSync(lakeDir).isDirectory()).toBe(true)
  expect(inLake(lakeDir, 'a/b')).toBe(join(lakeDir, 'a', 'b'))
})
