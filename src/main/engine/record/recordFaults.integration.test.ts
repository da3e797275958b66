import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openJournal, type Journal } from './journal.ts'
import { countsOf, InventedTape, keptOf, readJournal, recordKeys, testRecorder, testRunDir } from './testJournals.ts'
import { KeepFilter } from './keepFilter.ts'
import { FaultyDisk } from './testFaultyDisk.ts'

interface Outcome {
  readonly kept: Uint8Array
  readonly ok: boolean
  readonly faults: number
  readonly journal: Journal
  readonly read: Awaited<ReturnType<typeof readJournal>>
}

const TAPE_FRAMES = 400

/** Records a short tape in many small segments on this disk, and opens what came of it on a disk that works. @param patienceMs for what is tried again */
async function record(disk: FaultyDisk, patienceMs = 10_000): Promise<Outcome> {
  const dir = testRunDir()
  try {
    const recorder = testRecorder(dir, { segmentSeconds: 0.4 }, disk)
    const tape = new InventedTape(11)
    const filter = new KeepFilter('all')
    const parts: Uint8Array[] = []
    for (let at = 0; at < TAPE_FRAMES; at += 50) {
      const batch = keptOf(filter, tape.next(50))
      parts.push(batch)
      await recorder.take(batch)
      recorder.tick()
      await new Promise((resolve) => setImmediate(resolve))
    }
    // Pauses after a fault are counted in ticks.
    const endMs = performance.now() + patienceMs
    while (recorder.status.ackedLines < recorder.status.lines && performance.now() < endMs) {
      recorder.tick()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const { ok } = await recorder.finish()
    const journal = await openJournal(dir)
    return { kept: Buffer.concat(parts), ok, faults: recorder.status.faults, journal, read: await readJournal(journal) }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Everything that is read was recorded, once and in this order; what is not there is stated. */
function expectHonest({ kept, ok, journal, read }: Outcome): void {
  const all = recordKeys(kept)
  const found = recordKeys(read.bytes)
  expect(read.problems).toEqual([])
  const present = new Set(found)
  expect(found).toEqual(all.filter((key) => present.has(key)))
  const { verdict, facts } = journal
  const missing = all.length - found.length
  if (missing > 0) expect(verdict.state).not.toBe('ended')
  if (ok) expect(missing).toBe(0)
  if (facts?.ended === undefined) return
  const stated = facts.missed.reduce((sum, { counts }) => sum + Object.values(counts).reduce((n, more) => n + more, 0), 0)
  const lost = verdict.channels.reduce((sum, channel) => sum + (channel.lost_lines ?? 0), 0)
  expect(stated + lost).toBe(missing)
  for (const { channel, lines } of verdict.channels) expect(lines - (countsOf(read.bytes)[channel] ?? 0)).toBeLessThanOrEqual(read.repeated)
}

test('a fault at any one call of the disk loses nothing: it is tried again, and said', async () => {
  const sound = new FaultyDisk(() => false)
  const whole = await record(sound)
  expect(whole).toMatchObject({ ok: true, faults: 0 })
  expect(whole.journal.verdict.state).toBe('ended')
  const step = Math.max(1, Math.floor(sound.calls / ((process.env['TAPEDECK_HARD'] ?? '') === '' ? 30 : sound.calls)))
  let refused = 0
  for (let n = 0; n < sound.calls; n += step) {
    const disk = new FaultyDisk((_call, i) => i === n, n % 2 === 0 ? 'EIO' : 'ENOSPC')
    const outcome = await record(disk)
    refused += disk.refused
    expectHonest(outcome)
    expect(recordKeys(outcome.read.bytes)).toHaveLength(recordKeys(outcome.kept).length)
  }
  expect(refused).toBeGreaterThan(25)
})

test.each(['write', 'sync', 'create', 'rename', 'syncNow', 'truncate'] as const)(
  'a disk that refuses every %s for a while costs nothing that fits into memory',
  async (what) => {
    const disk: FaultyDisk = new FaultyDisk((call, n) => n > 100 && disk.refused < 25 && call === what, 'ENOSPC')
    const outcome = await record(disk)
    expectHonest(outcome)
    // A file is cut off only after another fault.
    expect(disk.refused > 0).toBe(what !== 'truncate')
    expect(recordKeys(outcome.read.bytes)).toHaveLength(recordKeys(outcome.kept).length)
  }
)

test('a disk that dies and stays dead ends the journal, not the recording, and what is there is sound', async () => {
  for (const from of [0, 1, 2, 5, 20, 50, 100, 150, 200]) {
    const outcome = await record(new FaultyDisk((_call, n) => n >= from), 200)
    expect(outcome.ok).toBe(false)
    expect(outcome.faults).toBeGreaterThan(0)
    expectHonest(outcome)
  }
})
