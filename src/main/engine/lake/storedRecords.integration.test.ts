import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { compactRun } from './compactRun.ts'
import { inLake } from './lakePaths.ts'
import { proofPath, readProof } from './proofFile.ts'
import { recordedEvents, type RecordedEventsOptions, type RecordStreams } from './recordedEvents.ts'
import { storedRecords, type StoredRecordsOptions } from './storedRecords.ts'
import { bytesOf, RUN_ID, testRecords, writeTestJournal, type TestRecord } from './testJournal.ts'

let dir: string
let bundleDir: string
let lakeDir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-stored-'))
  bundleDir = join(dir, 'run')
  lakeDir = join(dir, 'lake')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function read(options: StoredRecordsOptions): Promise<Buffer> {
  const out: Buffer[] = []
  for await (const batch of storedRecords(options)) out.push(Buffer.from(batch.bytes.slice(0, batch.used)))
  return Buffer.concat(out)
}

async function* streamOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array(bytes))
}

function flipBit(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(path, bytes)
}

/** In the order of the tape, health among the others by its own place. */
function inOrder(records: Iterable<TestRecord>): Buffer {
  const list = [...records].toSorted(
    (a, b) =>
      a.recvRelNs - b.recvRelNs ||
      Number(a['shard']) - Number(b['shard']) ||
      Number(a['frameIdx']) - Number(b['frameIdx']) ||
      Number(a['pos']) - Number(b['pos'])
  )
  return Buffer.concat(list.map((record) => Buffer.from(bytesOf(record))))
}

test('journal, Parquet and a mix of both give the same bytes in the order of the tape', async () => {
  const expected = inOrder(testRecords())
  writeTestJournal(bundleDir, testRecords({ seconds: 179 }))
  await compactRun({ bundleDir, lakeDir, partBytes: 60_000 })
  writeTestJournal(bundleDir, testRecords())
  expect((await read({ bundleDir })).equals(expected)).toBe(true)
  expect((await read({ bundleDir, lakeDir })).equals(expected)).toBe(true)
  await compactRun({ bundleDir, lakeDir, partBytes: 60_000 })
  rmSync(bundleDir, { recursive: true })
  expect((await read({ lakeDir, runId: RUN_ID })).equals(expected)).toBe(true)
})

test('a span of time, channels, stations and light mode choose the same events from both', async () => {
  writeTestJournal(bundleDir, testRecords())
  await compactRun({ bundleDir, lakeDir, partBytes: 60_000 })
  const span = { fromRelNs: 30e9, toRelNs: 130e9 }
  const wanted = [...testRecords()].filter(
    ({ ch, recvRelNs }) => ch !== 'l2_book' && recvRelNs >= span.fromRelNs && recvRelNs < span.toRelNs
  )
  for (const source of [{ bundleDir }, { lakeDir, runId: RUN_ID }])
    expect((await read({ ...source, span, mode: 'light' })).equals(inOrder(wanted))).toBe(true)
  const announced = [...testRecords()].filter(({ ch }) => ch === 'instrument')
  expect((await read({ lakeDir, runId: RUN_ID, channels: ['instrument', 'station'], stations: [] })).equals(inOrder(announced))).toBe(true)
})

test('a missing or changed part is served from the journal, and is a fault without one', async () => {
  const expected = inOrder(testRecords({ seconds: 50 }))
  writeTestJournal(bundleDir, testRecords({ seconds: 50 }))
  await compactRun({ bundleDir, lakeDir })
  const [part] = readProof(lakeDir, RUN_ID)!.entries.find(({ ch }) => ch === 'tape_trades')!.parts
  truncateSync(inLake(lakeDir, part!.path), 100)
  const notes: string[] = []
  expect((await read({ bundleDir, lakeDir, onNote: (note) => notes.push(note) })).equals(expected)).toBe(true)
  expect(notes).toEqual([
    expect.stringMatching(
      /^1 Parquet part of tape_trades of 2026-11-19 cannot be read: expected \d+ bytes, found 100\..* Its journal is read instead\.$/
    )
  ])
  await expect(read({ lakeDir, runId: RUN_ID })).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
})

test('a flipped, foreign or empty part of the right size is a fault and never wrong events', async () => {
  writeTestJournal(bundleDir, testRecords({ seconds: 50 }))
  await compactRun({ bundleDir, lakeDir })
  const [part] = readProof(lakeDir, RUN_ID)!.entries.find(({ ch }) => ch === 'l2_snap_1s')!.parts
  const path = inLake(lakeDir, part!.path)
  writeFileSync(path, Buffer.alloc(statSync(path).size, 7))
  await expect(read({ lakeDir, runId: RUN_ID })).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
})

test('a part with one flipped bit is read from its journal, which is said, and the next compaction makes it again', async () => {
  const expected = inOrder(testRecords({ seconds: 100 }))
  writeTestJournal(bundleDir, testRecords({ seconds: 100 }))
  await compactRun({ bundleDir, lakeDir })
  const [part] = readProof(lakeDir, RUN_ID)!.entries.find(({ ch }) => ch === 'l2_snap_1s')!.parts
  flipBit(inLake(lakeDir, part!.path))
  const notes: string[] = []
  expect((await read({ bundleDir, lakeDir, onNote: (note) => notes.push(note) })).equals(expected)).toBe(true)
  expect(notes).toEqual([expect.stringMatching(/^l2_snap_1s: .* Its journal is read instead/s)])
  const healed = await compactRun({ bundleDir, lakeDir })
  expect(healed).toMatchObject({ faults: [], repaired: [expect.stringContaining('l2_snap_1s of 2026-11-19')] })
  expect(healed.compacted.map(({ channel }) => channel)).toEqual(['l2_snap_1s'])
  expect((await read({ lakeDir, runId: RUN_ID })).equals(expected)).toBe(true)
})

test('a damaged part without its journal is read from the frame log, and a damaged proof from the journal; both are said', async () => {
  const everything = inOrder(testRecords({ seconds: 100 }))
  writeTestJournal(bundleDir, testRecords({ seconds: 100 }))
  await compactRun({ bundleDir, lakeDir })
  const notes: string[] = []
  const raw = async (): Promise<RecordStreams> => [streamOf(everything)]
  const all = async (options: RecordedEventsOptions): Promise<Buffer> => {
    const out: Buffer[] = []
    for await (const batch of recordedEvents({ ...options, onNote: (note) => notes.push(note) }))
      out.push(Buffer.from(batch.bytes.slice(0, batch.used)))
    return Buffer.concat(out)
  }
  flipBit(inLake(lakeDir, readProof(lakeDir, RUN_ID)!.entries.find(({ ch }) => ch === 'tape_trades')!.parts[0]!.path))
  expect((await all({ lakeDir, runId: RUN_ID, raw })).equals(everything)).toBe(true)
  expect(notes).toEqual([
    expect.stringMatching(/expected the SHA-256 [0-9a-f]{12}…, found [0-9a-f]{12}….* The frame log of the run is read instead/)
  ])
  await expect(all({ lakeDir, runId: RUN_ID })).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
  flipBit(proofPath(lakeDir, RUN_ID))
  expect((await all({ bundleDir, lakeDir })).equals(everything)).toBe(true)
  expect(notes.at(-1)).toContain('The journal is read instead')
})

test('of a segment with a flipped bit nothing is played: its channel goes on with the next one, and that is said', async () => {
  const events = [...testRecords({ seconds: 100 })]
  writeTestJournal(bundleDir, events)
  const rows = JSON.parse(readFileSync(join(bundleDir, 'journal/ch=tape_trades/manifest.json'), 'utf8')) as {
    path: string
    start_t: number
    end_t: number
  }[]
  const { path, start_t: from, end_t: to } = rows[0]!
  flipBit(join(bundleDir, 'journal', path))
  const faults: string[] = []
  const left = await read({ bundleDir, onFault: (fault) => faults.push(fault) })
  const rest = events.filter(({ ch, recvRelNs }) => ch !== 'tape_trades' || recvRelNs < from || recvRelNs > to)
  expect(rest.length).toBeLessThan(events.length)
  expect(left.equals(inOrder(rest))).toBe(true)
  expect(faults).toEqual([expect.stringMatching(/not the one that its manifest lists: expected the SHA-256 .*, found /)])
})

test('nothing is left behind in the folder for temporary files', async () => {
  writeTestJournal(bundleDir, testRecords({ seconds: 5 }))
  await compactRun({ bundleDir, lakeDir })
  const own = join(dir, 'tmp')
  mkdirSync(own)
  vi.stubEnv('TMPDIR', own)
  try {
    for await (const batch of storedRecords({ bundleDir, lakeDir })) {
      expect(batch.count).toBeGreaterThan(0)
      expect(readdirSync(own)).toHaveLength(1)
      break
    }
  } finally {
    vi.unstubAllEnvs()
  }
  expect(readdirSync(own)).toEqual([])
})

test('without journal and lake the same events come from the frame log, and only then', async () => {
  const everything = inOrder(testRecords({ seconds: 100 }))
  let asked = 0
  const raw = async (): Promise<RecordStreams> => {
    asked++
    return [streamOf(everything)]
  }
  const all = async (options: RecordedEventsOptions): Promise<Buffer> => {
    const out: Buffer[] = []
    for await (const batch of recordedEvents(options)) out.push(Buffer.from(batch.bytes.slice(0, batch.used)))
    return Buffer.concat(out)
  }
  expect((await all({ bundleDir, raw })).equals(everything)).toBe(true)
  expect(asked).toBe(1)
  writeTestJournal(bundleDir, testRecords({ seconds: 100 }))
  expect((await all({ bundleDir, raw })).equals(everything)).toBe(true)
  expect(asked).toBe(1)
  const question = { channels: ['tape_trades'], span: { fromRelNs: 20e9, toRelNs: 70e9 } }
  const stored = await all({ bundleDir, ...question })
  rmSync(join(bundleDir, 'journal/ch=tape_trades/date=2026-11-19'), { recursive: true })
  expect((await all({ bundleDir, raw, ...question })).equals(stored)).toBe(true)
  expect(asked).toBe(2)
  await expect(all({ bundleDir: join(dir, 'none') })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
})
