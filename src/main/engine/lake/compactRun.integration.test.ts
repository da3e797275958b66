import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventIdsOf } from '../tape/index.ts'
import { compactRun } from './compactRun.ts'
import { LakeDatabase } from './database.ts'
import { LineEnvelopes } from './lineEnvelopes.ts'
import { readProof } from './proofFile.ts'
import { RecordBatch } from './recordBatch.ts'
import { RUN_ID, testRecords, writeTestJournal } from './testJournal.ts'

let dir: string
let bundleDir: string
let lakeDir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-compact-'))
  bundleDir = join(dir, 'run')
  lakeDir = join(dir, 'lake')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(dir, { recursive: true, force: true })
})

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  const database = await LakeDatabase.open({ spillDir: dir })
  try {
    return (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    database.close()
  }
}

test('a journal becomes Parquet by station, date and channel, and is proved', async () => {
  const all = writeTestJournal(bundleDir, testRecords())
  const shares: number[] = []
  const result = await compactRun({ bundleDir, lakeDir, partBytes: 100_000, onProgress: (share) => shares.push(share) })
  expect(result.faults).toEqual([])
  const counted = new Map<string, number>()
  for (const { channel, rows: n } of result.compacted) counted.set(channel, (counted.get(channel) ?? 0) + n)
  expect(counted).toEqual(new Map([...all].map(([channel, list]) => [channel, list.length])))
  expect(readdirSync(lakeDir).toSorted()).toEqual(['.work', 'proofs', 'station=KLGA', 'station=polymarket'])
  expect(readdirSync(join(lakeDir, 'station=polymarket')).toSorted()).toEqual(['date=2026-11-19', 'date=2026-11-20'])
  expect(readdirSync(join(lakeDir, '.work'))).toEqual([])
  expect(shares.at(-1)).toBe(1)
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  const snaps = readProof(lakeDir, RUN_ID)!.entries.filter(({ ch }) => ch === 'l2_snap_1s')
  expect(snaps.map(({ date, books_checked: books }) => [date, books])).toEqual([
    ['2026-11-19', 16],
    ['2026-11-20', 16]
  ])
  const note = JSON.parse(readFileSync(join(bundleDir, 'journal/ch=l2_snap_1s/compacted.json'), 'utf8')) as { entries: object[] }
  expect(note.entries).toHaveLength(2)
  const [found] = await rows(
    `SELECT count(*)::INT AS n, count(DISTINCT token_id)::INT AS tokens, min(bid_px_1)::VARCHAR AS px FROM '${lakeDir}/*/*/ch=l2_snap_1s/*.parquet' WHERE ts >= '2026-11-20 05:00:00Z'`
  )
  expect(found).toEqual({ n: 363, tokens: 3, px: '0.499000' })
})

test('ids in the lake are those that the place of an event gives', async () => {
  writeTestJournal(bundleDir, testRecords({ seconds: 5 }))
  await compactRun({ bundleDir, lakeDir })
  const idOf = eventIdsOf(RUN_ID)
  const found = await rows(`SELECT shard, frame_idx, pos, event_id, correlation_id FROM '${lakeDir}/*/*/ch=tape_trades/*.parquet'`)
  const expected = found.map((row) => {
    const [shard, frame, pos] = [Number(row['shard']), Number(row['frame_idx']), Number(row['pos'])]
    return { ...row, event_id: idOf(shard, frame, pos), correlation_id: idOf(shard, frame) }
  })
  expect(found).toHaveLength(15)
  expect(found).toEqual(expected)
})

test('a copy that forgets the event windows, the markets or the ids beside its events is not proved, and nothing is published', async () => {
  writeTestJournal(bundleDir, testRecords({ seconds: 100 }))
  const { commit, takeIds } = RecordBatch.prototype
  const { take } = LineEnvelopes.prototype
  const attacks = [
    () =>
      vi.spyOn(RecordBatch.prototype, 'commit').mockImplementation(function (this: RecordBatch, end) {
        return commit.call(this, end)
      }),
    () =>
      vi.spyOn(LineEnvelopes.prototype, 'take').mockImplementation(function (this: LineEnvelopes, line, from, to, dataAt, batch) {
        take.call(this, line, from, to, dataAt, batch)
        if (batch.recvOf(batch.count - 1) === 90e9) batch.instruments[batch.count - 1] = { tokenId: 'another', marketId: 'market-1' }
      }),
    () =>
      vi.spyOn(RecordBatch.prototype, 'takeIds').mockImplementation(function (this: RecordBatch, text, eventAt) {
        takeIds.call(this, text, eventAt, eventAt)
      })
  ]
  for (const attack of attacks) {
    const spy = attack()
    const { compacted, faults } = await compactRun({ bundleDir, lakeDir, channels: ['tape_trades'] })
    spy.mockRestore()
    expect(compacted).toEqual([])
    expect(faults).toEqual([expect.stringContaining('not the same ids, times, markets or event windows')])
  }
  expect((await compactRun({ bundleDir, lakeDir })).faults).toEqual([])
  const found = await rows(
    `SELECT count(*) FILTER (window_id IS NOT NULL)::INT AS inside, count(*)::INT AS n FROM '${lakeDir}/*/*/ch=tape_trades/*.parquet'`
  )
  expect(found).toEqual([{ inside: 90, n: 300 }])
})

test('compacting again does nothing; new segments are added to what is there', async () => {
  writeTestJournal(bundleDir, testRecords({ seconds: 59 }))
  await compactRun({ bundleDir, lakeDir })
  const before = readFileSync(join(lakeDir, 'proofs', `${RUN_ID}.json`), 'utf8')
  const again = await compactRun({ bundleDir, lakeDir })
  expect(again.compacted).toEqual([])
  expect(again.alreadyProved).toBe(5)
  expect(readFileSync(join(lakeDir, 'proofs', `${RUN_ID}.json`), 'utf8')).toBe(before)
  const all = writeTestJournal(bundleDir, testRecords({ seconds: 119 }))
  const more = await compactRun({ bundleDir, lakeDir })
  expect(more.faults).toEqual([])
  const [found] = await rows(`SELECT count(*)::INT AS n FROM '${lakeDir}/*/*/ch=tape_trades/*.parquet'`)
  expect(found).toEqual({ n: all.get('tape_trades')!.length })
})

test('compacting everything again gives the same events in the same number of files', async () => {
  writeTestJournal(bundleDir, testRecords())
  await compactRun({ bundleDir, lakeDir })
  const before = readProof(lakeDir, RUN_ID)!.entries.map(({ hours, parts }) => [hours, parts.length])
  const result = await compactRun({ bundleDir, lakeDir, redo: true })
  expect(result.faults).toEqual([])
  expect(readProof(lakeDir, RUN_ID)!.entries.map(({ hours, parts }) => [hours, parts.length])).toEqual(before)
  const [found] = await rows(`SELECT count(*)::INT AS n FROM '${lakeDir}/*/*/ch=l2_snap_1s/*.parquet'`)
  expect(found).toEqual({ n: 720 })
})

test('a damaged segment is left out and named, the others of its channel are compacted', async () => {
  const all = writeTestJournal(bundleDir, testRecords())
  const manifest = JSON.parse(readFileSync(join(bundleDir, 'journal/ch=tape_trades/manifest.json'), 'utf8')) as {
    path: string
    bytes: number
    lines: number
  }[]
  const damaged = manifest[1]!
  truncateSync(join(bundleDir, 'journal', damaged.path), damaged.bytes - 9)
  const result = await compactRun({ bundleDir, lakeDir })
  expect(result.faults).toHaveLength(1)
  expect(result.faults[0]).toContain(damaged.path)
  const [found] = await rows(`SELECT count(*)::INT AS n FROM '${lakeDir}/*/*/ch=tape_trades/*.parquet'`)
  expect(found).toEqual({ n: all.get('tape_trades')!.length - damaged.lines })
})

test('a manifest that is no list is a fault, and its channel stays out of the lake', async () => {
  writeTestJournal(bundleDir, testRecords({ seconds: 10 }))
  writeFileSync(join(bundleDir, 'journal/ch=health/manifest.json'), '{"torn')
  const result = await compactRun({ bundleDir, lakeDir })
  expect(result.faults).toEqual([expect.stringContaining('manifest of health is no JSON list')])
  expect(result.compacted.some(({ channel }) => channel === 'health')).toBe(false)
})

test('an abort publishes nothing and leaves nothing behind', async () => {
  writeTestJournal(bundleDir, testRecords())
  const stop = new AbortController()
  const running = compactRun({ bundleDir, lakeDir, signal: stop.signal, onProgress: () => stop.abort() })
  await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
  expect(readdirSync(lakeDir).filter((name) => name.startsWith('.lock'))).toEqual([])
  expect(readdirSync(join(lakeDir, '.work'))).toEqual([])
  const result = await compactRun({ bundleDir, lakeDir })
  expect(result.faults).toEqual([])
})

test('without a journal there is nothing to compact', async () => {
  await expect(compactRun({ bundleDir: dir, lakeDir })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
})

test('an abort says how much is in the lake, and the next compaction goes on from there', async () => {
  writeTestJournal(bundleDir, testRecords())
  const stop = new AbortController()
  const onProgress = (share: number): void => (share > 0.5 ? stop.abort() : undefined)
  const stopped = await compactRun({ bundleDir, lakeDir, signal: stop.signal, onProgress }).catch((error: unknown) => error)
  const published = readProof(lakeDir, RUN_ID)?.entries.length ?? 0
  const next = await compactRun({ bundleDir, lakeDir })
  expect(published).toBeGreaterThan(0)
  expect(stopped).toMatchObject({
    code: 'ABORTED',
    message: `The compaction was stopped: ${published} of ${published + next.compacted.length} channels and days are in the lake and proved; the next one goes on.`
  })
})
