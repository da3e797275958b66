import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openJournal } from './journal.ts'
import type { MissedStretch } from '../../../shared/api/index.ts'
import { KeepFilter } from './keepFilter.ts'
import { RecordLink } from './recordLink.ts'
import {
  countsOf,
  fingerprintOf,
  healthOf,
  InventedTape,
  keptOf,
  readJournal,
  recordKeys,
  TEST_T0_NS,
  testRecorder,
  testRunDir
} from './testJournals.ts'

interface Sent {
  readonly batches: Uint8Array[]
  readonly missed: MissedStretch[]
  readonly link: RecordLink
}

function link(creditBytes: number): Sent {
  const batches: Uint8Array[] = []
  const missed: MissedStretch[] = []
  const options = { keep: 'all', runId: 'journal-test', originTsNs: TEST_T0_NS, creditBytes } as const
  return {
    batches,
    missed,
    link: new RecordLink({ ...options, send: (bytes) => batches.push(bytes), miss: (stretch) => missed.push(stretch) })
  }
}

test('with credit everything is sent, heartbeats among it, and the fingerprint is that of the events', () => {
  const sent = link(1 << 30)
  const batch = new InventedTape(1).next(2000)
  sent.link.record(batch.subarray(0, 0), 0)
  sent.link.record(batch, batch.length)
  sent.link.health(healthOf(3))
  const recorded = sent.link.end()
  expect(sent.missed).toEqual([])
  const all = new Uint8Array(Buffer.concat(sent.batches))
  expect(countsOf(all)).toEqual({ ...countsOf(batch), health: 1 })
  expect(recorded).toMatchObject({ keep: 'all', sha256: fingerprintOf(batch), events: recordKeys(batch).length, counts: countsOf(batch) })
})

test('without credit nothing waits: what is left out is stated, and the journal says what it lacks', async () => {
  const sent = link(200_000)
  const tape = new InventedTape(9)
  const parts: Uint8Array[] = []
  const dir = testRunDir()
  const recorder = testRecorder(dir)
  for (let i = 0; i < 60; i++) {
    const batch = tape.next(200)
    parts.push(keptOf(new KeepFilter('all'), batch))
    sent.link.record(batch, batch.length)
    sent.link.flush()
    // The recorder stands still for the middle third.
    if (i === 20) sent.link.grant(-1e9)
    if (i === 40) sent.link.grant(1e9 + (64 << 20))
    if (i < 20) sent.link.grant(1 << 20)
  }
  const recorded = sent.link.end()
  for (const stretch of sent.missed) recorder.miss(stretch)
  for (const batch of sent.batches) await recorder.take(batch)
  expect(await recorder.finish()).toMatchObject({ ok: false })
  const all = new Uint8Array(Buffer.concat(parts))
  expect(recorded.sha256).toBe(fingerprintOf(all))
  const journal = await openJournal(dir)
  expect(journal.verdict.state).toBe('recovered')
  expect(sent.missed).toHaveLength(1)
  const { bytes, problems } = await readJournal(journal)
  expect(problems).toEqual([])
  const found = countsOf(bytes)
  for (const [name, n] of Object.entries(countsOf(all))) expect((found[name] ?? 0) + (sent.missed[0]!.counts[name] ?? 0)).toBe(n)
  // What later lines need is never left out.
  for (const name of ['instrument', 'station', 'event_window']) expect(sent.missed[0]!.counts).not.toHaveProperty(name)
  expect(sent.missed[0]!.counts['l2_book']).toBeGreaterThan(1000)
  expect(journal.facts?.missed).toEqual(sent.missed)
  rmSync(dir, { recursive: true })
})
