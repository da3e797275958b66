import { spawn } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { random } from '../testing/roughRun.ts'
import { openJournal } from './journal.ts'
import { KeepFilter } from './keepFilter.ts'
import { countsOf, InventedTape, keptOf, readJournal, recordKeys, testRunDir } from './testJournals.ts'

const child = fileURLToPath(new URL('./testRecordChild.ts', import.meta.url))
/** `TAPEDECK_KILLS=2000` for a long night. */
const KILLS = Number(process.env['TAPEDECK_KILLS'] ?? 200)
/** Journals that one process writes side by side: one kill meets each of them at another moment. */
const TOGETHER = 10
/** Processes at the same time. */
const LANES = 2

interface Written {
  readonly dir: string
  readonly seed: number
  readonly segmentSeconds: number
}

/**
 * Runs a child and kills it some time after it has told so many acknowledged lines, however slow the disk is.
 * @returns the acknowledged lines of each journal, as it told last
 */
async function killed(task: 'record' | 'save', journals: readonly Written[], afterLines: number, afterMs: number): Promise<number[]> {
  const process_ = spawn(process.execPath, [child, task, JSON.stringify(journals)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let isDue = false
  await new Promise<void>((resolve, reject) => {
    process_.stdout.on('data', (data: Buffer) => {
      text += data.toString()
      if (isDue || lastOf(text).reduce((sum, lines) => sum + lines, 0) < afterLines) return
      isDue = true
      setTimeout(resolve, afterMs)
    })
    process_.once('exit', (code, signal) => reject(new Error(`the child ended by itself: ${code} ${signal} ${text.slice(-300)}`)))
    process_.once('error', reject)
  })
  const closed = new Promise((resolve) => process_.once('close', resolve))
  process_.kill('SIGKILL')
  await closed
  return lastOf(text)
}

/** The numbers of the last whole line. */
function lastOf(text: string): number[] {
  const end = text.lastIndexOf('\n')
  return end < 0 ? [] : (JSON.parse(text.slice(text.lastIndexOf('\n', end - 1) + 1, end)) as number[])
}

/** Records, by channel and in order, of the first so many frames. */
function recordsOf(bytes: Uint8Array): Map<number, string[]> {
  const byWireId = new Map<number, string[]>()
  for (const key of recordKeys(bytes)) {
    const list = byWireId.get(key.charCodeAt(4))
    if (list === undefined) byWireId.set(key.charCodeAt(4), [key])
    else list.push(key)
  }
  return byWireId
}

const whole = new Map<number, Map<number, string[]>>()

function expected(seed: number): Map<number, string[]> {
  let records = whole.get(seed)
  if (records === undefined) {
    records = recordsOf(keptOf(new KeepFilter('all'), new InventedTape(seed).next(30_000)))
    whole.set(seed, records)
  }
  return records
}

async function check({ dir, seed }: Written, acked: number): Promise<{ lines: number; isCut: boolean }> {
  const journal = await openJournal(dir)
  expect(journal.verdict).toMatchObject({ state: 'recovered', quarantined: [] })
  const { bytes, problems } = await readJournal(journal)
  expect(problems).toEqual([])
  const lines = Object.values(countsOf(bytes)).reduce((sum, n) => sum + n, 0)
  expect(lines).toBeGreaterThanOrEqual(acked)
  // Nothing acknowledged is gone, nothing is twice, nothing is out of place.
  for (const [wireId, records] of recordsOf(bytes)) expect(records).toEqual(expected(seed).get(wireId)!.slice(0, records.length))
  for (const channel of journal.verdict.channels) expect(channel).not.toHaveProperty('lost_lines')
  // What was saved stays as it is: opening again finds nothing more to do.
  const again = await openJournal(dir)
  expect(again.verdict.channels.map(({ lines: n }) => n)).toEqual(journal.verdict.channels.map(({ lines: n }) => n))
  expect(again.channels.flatMap(({ notes }) => notes)).toEqual([])
  const files = readdirSync(join(dir, 'journal'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((file) => /pending|salvage/.test(file))).toEqual([])
  return { lines, isCut: journal.verdict.channels.some(({ lost_bytes: lost }) => (lost ?? 0) > 0) }
}

test(`after kill -9 at random moments every acknowledged line of ${KILLS} journals is there, in order, and the verdict is true`, async () => {
  const chance = random(20_251_120)
  let left = KILLS
  let lines = 0
  let cut = 0
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const count = Math.min(TOGETHER, left)
      left -= count
      // From a roll with almost every batch to none at all.
      const journals = Array.from({ length: count }, (_, i) => ({
        dir: testRunDir(),
        seed: i % 5,
        segmentSeconds: [0.2, 0.5, 2, 10, 900][i % 5]!
      }))
      const acked = await killed('record', journals, chance() * count * 400, chance() * 50)
      // Salvage is killed now and then too.
      if (chance() < 0.25) await killed('save', journals, 0, chance() * 60)
      for (const [i, journal] of journals.entries()) {
        const result = await check(journal, acked[i] ?? 0)
        lines += result.lines
        if (result.isCut) cut++
        rmSync(journal.dir, { recursive: true })
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  expect(lines).toBeGreaterThan(KILLS * 50)
  process.stdout.write(`kill -9: ${KILLS} journals, ${lines} lines kept and checked, ${cut} with a tail that was cut off\n`)
}, 3_600_000)
