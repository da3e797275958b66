import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forEachRecord } from '../../../shared/channels/index.ts'
import { openJournal } from './journal.ts'
import { KeepFilter } from './keepFilter.ts'
import { parseManifest } from './journalManifest.ts'
import { hostRecordDisk } from './recordDisk.ts'
import { salvageRuns } from './salvageRuns.ts'
import { fingerprintOf, InventedTape, keptOf, readJournal, testRecorder, testRunDir, writeJournal } from './testJournals.ts'

let dir = ''
beforeEach(() => {
  dir = testRunDir()
})
afterEach(() => rmSync(dir, { recursive: true }))

test.each(['all', 'light'] as const)('what is recorded comes back from the journal bit for bit and in order (%s)', async (keep) => {
  const kept = await writeJournal(dir, { seed: 7, frames: 6000, keep })
  const journal = await openJournal(dir)
  expect(journal.verdict).toMatchObject({ state: 'ended', sentence: 'The journal is complete.', missed: [], quarantined: [], keep })
  const { bytes, problems, repeated } = await readJournal(journal)
  expect(problems).toEqual([])
  expect(repeated).toBe(0)
  expect(fingerprintOf(bytes)).toBe(fingerprintOf(kept))
  expect(Buffer.compare(bytes, kept)).toBe(0)
  expect(kept.length).toBeGreaterThan(keep === 'all' ? 500_000 : 100_000)
})

test('light keeps trades and changes of books inside event windows only, and they say in which', async () => {
  await writeJournal(dir, { seed: 3, frames: 6000, keep: 'light' })
  const lines = linesOf(dir, 'l2_deltas_event_window')
  expect(lines.length).toBeGreaterThan(100)
  const windows = new Set(linesOf(dir, 'event_window').map((line) => line['window_id']))
  for (const line of [...lines, ...linesOf(dir, 'tape_trades')]) expect(windows).toContain(line['window_id'])
  for (const name of ['l2_book', 'top_of_book', 'frame_raw', 'bbo']) expect(existsSync(join(dir, 'journal', `ch=${name}`))).toBe(false)
})

test('a segment that went because the lake holds its events is no loss; without a word about it, it is one', async () => {
  await writeJournal(dir, { seed: 7, frames: 3000, keep: 'all' })
  const channelDir = join(dir, 'journal', 'ch=l2_book')
  const manifest = parseManifest(readFileSync(join(channelDir, 'manifest.json'), 'utf8'))
  if (manifest.outcome !== 'read') throw new Error(manifest.outcome)
  const { path, sha256, lines } = manifest.entries[0]!
  rmSync(join(dir, 'journal', path))
  expect((await openJournal(dir)).verdict).toMatchObject({ state: 'quarantined', quarantined: [{ path, lines }] })
  writeFileSync(join(channelDir, 'retired.json'), JSON.stringify([{ path, sha256, proof: 'proofs/run.json' }]))
  const { verdict } = await openJournal(dir)
  expect(verdict).toMatchObject({ state: 'ended', quarantined: [] })
  expect(verdict.channels.find(({ channel }) => channel === 'l2_book')).toMatchObject({ retired_segments: 1, retired_lines: lines })
  // The manifest still lists it when the journal is opened again.
  expect((await openJournal(dir)).verdict).toEqual(verdict)
})

test('a segment that retention deletes while the journal is being looked at is no loss', async () => {
  await writeJournal(dir, { seed: 7, frames: 3000, keep: 'all' })
  const channelDir = join(dir, 'journal', 'ch=l2_book')
  let deleted = 0
  const readText = (path: string): string | undefined => {
    const text = hostRecordDisk.readText(path)
    const manifest = path.startsWith(channelDir) ? parseManifest(text) : undefined
    if (manifest?.outcome !== 'read' || deleted > 0) return text
    const { path: segment, sha256, lines } = manifest.entries[0]!
    writeFileSync(join(channelDir, 'retired.json'), JSON.stringify([{ path: segment, sha256, proof: 'proofs/run.json' }]))
    rmSync(join(dir, 'journal', segment))
    deleted = lines
    return text
  }
  const { verdict } = await openJournal(dir, { disk: { ...hostRecordDisk, readText } })
  expect(deleted).toBeGreaterThan(0)
  expect(verdict).toMatchObject({ state: 'ended', quarantined: [] })
  expect(verdict.channels.find(({ channel }) => channel === 'l2_book')).toMatchObject({ retired_segments: 1, retired_lines: deleted })
})

test('the filter keeps the same however the tape is cut into batches', () => {
  const whole = new InventedTape(5).next(3000)
  const all = keptOf(new KeepFilter('light'), whole)
  const starts: number[] = []
  forEachRecord(new DataView(whole.buffer), 0, whole.length, (_id, start) => starts.push(start))
  const filter = new KeepFilter('light')
  const parts: Uint8Array[] = []
  for (let i = 0; i < starts.length; i += 1 + (i % 17)) {
    const to = starts[i + 1 + (i % 17)] ?? whole.length
    parts.push(keptOf(filter, whole.slice(starts[i], to)))
  }
  expect(Buffer.compare(Buffer.concat(parts), all)).toBe(0)
})

test('segments roll by size, by time and at midnight in New York, and the manifest lists each with its hash', async () => {
  const recorder = testRecorder(dir, { segmentSeconds: 30, segmentBytes: 200_000 })
  const tape = new InventedTape(1)
  const parts: Uint8Array[] = []
  for (let i = 0; i < 40; i++) {
    // Most of a day in one batch: midnight passes.
    const batch = tape.next(100, i === 20 ? 8e11 : 20_000_000)
    parts.push(batch)
    await recorder.take(batch)
    recorder.tick()
    // The compressor works off the thread; rolling by size looks at what it has written.
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  expect(await recorder.finish()).toMatchObject({ ok: true })
  const dates = readdirSync(join(dir, 'journal', 'ch=l2_book')).filter((name) => name.startsWith('date='))
  expect(dates.length).toBeGreaterThan(1)
  const manifest = parseManifest(readFileSync(join(dir, 'journal', 'ch=l2_book', 'manifest.json'), 'utf8'))
  if (manifest.outcome !== 'read') throw new Error(manifest.outcome)
  expect(manifest.entries.length).toBeGreaterThan(3)
  expect(
    manifest.entries.every((entry) => /^ch=l2_book\/date=[\d-]{10}\/segment_\d{8}_\d{6}_\d+(_\d+)?\.jsonl\.zst$/.test(entry.path))
  ).toBe(true)
  expect(readdirSync(join(dir, 'journal', 'ch=l2_book', dates[0]!)).every((file) => !file.includes('pending'))).toBe(true)
  const journal = await openJournal(dir)
  expect(journal.verdict.state).toBe('ended')
  expect(Buffer.compare((await readJournal(journal)).bytes, Buffer.concat(parts))).toBe(0)
})

function linesOf(runDir: string, channel: string): Record<string, unknown>[] {
  const folder = join(runDir, 'journal', `ch=${channel}`)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.zst'))
    .flatMap((file) =>
      zstdDecompressSync(readFileSync(join(folder, file)))
        .toString()
        .trim()
        .split('\n')
    )
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('a capture that starts saves what a crash left of other runs, or deletes it when told so', async () => {
  const runs = mkdtempSync(join(tmpdir(), 'tapedeck-runs-'))
  for (const rule of ['salvage', 'delete'] as const) {
    const run = join(runs, rule)
    cpSync(dir, run, { recursive: true })
    const recorder = testRecorder(run)
    const batch = new InventedTape(4).next(300)
    await recorder.take(batch)
    recorder.tick()
    await expect.poll(() => recorder.status.ackedLines, { interval: 5 }).toBe(recorder.status.lines)
    // As if the process had gone: nobody finishes it.
    expect(await salvageRuns(runs, 'the new run', rule)).toBeGreaterThan(5)
    const journal = await openJournal(run, { pending: 'leave' })
    expect(journal.verdict.state).toBe('recovered')
    expect((await readJournal(journal)).bytes.length).toBe(rule === 'salvage' ? batch.length : 0)
  }
  rmSync(runs, { recursive: true })
})
