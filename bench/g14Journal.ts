import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchOptions, GoalReport } from './goal.ts'
import { journalInput } from './journal/journalInput.ts'
import { paced, textDigest, writeBare, writeJournalLines, writeThroughThread } from './journal/writers.ts'
import { interleave, ratesInMillions, ratioOf, same, spreadOf } from './measure.ts'
import { inWorkFolder } from './workFolder.ts'

const BARE = 'bare zstd stream'
const LINES = 'journal, lines given'
const THREAD = 'recorder thread, records given'
const PER_BATCH = 500
const QUIET = 2000
const BUSY = 50_000
/** Flushes of the tape a second. */
const FLUSHES = 200

/** The journal of one channel against a bare zstd stream of the same lines, and what recording costs the thread that hands over. */
export async function g14Journal({ quick, say }: BenchOptions): Promise<GoalReport> {
  const count = quick ? 50_000 : 1_000_000
  const input = journalInput(count, PER_BATCH)
  const bare = inWorkFolder('bare.jsonl.zst')
  const lines = inWorkFolder('journal-lines')
  const run = inWorkFolder('journal-run')
  const delays: number[] = []
  const rounds = await interleave(
    [
      { name: BARE, run: () => writeBare(bare, input) },
      { name: LINES, run: () => writeJournalLines(lines, input) },
      {
        name: THREAD,
        run: async () => {
          const work = await writeThroughThread(run, input)
          delays.push(work.delayP99Ms)
          return work
        }
      }
    ],
    { rounds: quick ? 2 : 5, warmUps: 1 }
  )
  const expected = await textDigest(bare)
  same('text of the journal', await textDigest(lines), expected)
  same('text of the recorded journal', await textDigest(join(run, 'journal')), expected)
  const seconds = quick ? 1 : 10
  say(`record() for ${seconds} s each at ${QUIET} and ${BUSY} events a second`)
  const quiet = await paced(run, journalInput(20_000, QUIET / FLUSHES), seconds)
  const busy = await paced(run, journalInput(200_000, BUSY / FLUSHES), seconds)
  for (const path of [bare, lines, run]) rmSync(path, { recursive: true, force: true })
  const one = (value: number): ReturnType<typeof spreadOf> => spreadOf([value])
  return {
    id: 'G14',
    what: `Journal: ${count.toLocaleString('en')} changes of books, ${Math.round(input.textBytes / count)} B a line, zstd level 1`,
    count,
    counted: 'lines, equal text after decoding',
    findings: [
      { what: 'lines into the journal, against a bare stream', unit: 'x', figure: ratioOf(rounds, LINES, BARE), now: { atLeast: 0.9 } },
      { what: 'records through the recorder thread', unit: 'x', figure: ratioOf(rounds, THREAD, BARE), later: { atLeast: 0.9 } },
      { what: "producer's loop delay p99, at full speed", unit: 'ms', figure: spreadOf(delays.slice(1)), now: { atMost: 5 } },
      { what: `record() p99 at ${QUIET.toLocaleString('en')} events/s`, unit: 'ms', figure: one(quiet.record.p99Ms), now: { atMost: 1 } },
      { what: `record() p99 at ${BUSY.toLocaleString('en')} events/s`, unit: 'ms', figure: one(busy.record.p99Ms), now: { atMost: 1 } },
      { what: 'handing over to the recorder, p99', unit: 'ms', figure: one(busy.flush.p99Ms) },
      { what: 'loop delay p99 at that pace', unit: 'ms', figure: one(busy.delayP99Ms), now: { atMost: 5 } }
    ],
    ratesM: ratesInMillions(rounds),
    notes: [
      'the journal also takes CRC and SHA-256 of what it writes, syncs with checkpoints twice a second and at every 16 MB of text, and ends with rename and manifest; the bare stream is synced once',
      'the recorder thread makes the lines too: envelope, ids (SHA-1), decimals; the bare stream gets them ready made',
      `record() is filter and copy, handing over is fingerprint and message, every 15 ms; longest record() ${quiet.record.maxMs.toFixed(2)} and ${busy.record.maxMs.toFixed(2)} ms of ${quiet.calls} and ${busy.calls}`
    ]
  }
}
