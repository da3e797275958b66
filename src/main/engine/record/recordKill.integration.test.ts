import { spawn } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { childProgram, type ChildProgram } from '../testing/childProgram.ts'
import { ramFolder } from '../testing/ramFolder.ts'
import { random } from '../testing/random.ts'
import { openJournal } from './journal.ts'
import { KeepFilter } from './keepFilter.ts'
import { countsOf, InventedTape, keptOf, readJournal, recordKeys, testRunDir } from './testJournals.ts'

/** Processes that are killed: half of the 200 of every test run, the lake has the others. `TAPEDECK_KILLS=2000` for a long night. */
const KILLS = Math.ceil(Number(process.env['TAPEDECK_KILLS'] ?? 200) / 2)
/** Journals that one process writes side by side: one kill meets each of them at another moment. */
const TOGETHER = 2
/** Frames of the tape that a process records at most. */
const FRAMES = 10_000
/** Processes at the same time. */
const LANES = 2

let child: ChildProgram
beforeAll(async () => {
  child = await childProgram(join(import.meta.dirname, 'testRecordChild.ts'))
})
afterAll(() => child.dispose())

interface Written {
  readonly dir: string
  readonly seed: number
  readonly segmentSeconds: number
  /** The process kills itself at this call of the disk in a roll; left out: it is killed from outside. */
  readonly dieAtRollCall?: number
}

/**
 * Runs a child, which does not end in order, and kills it some time after it has told so many acknowledged lines, however slow the disk is.
 * @returns the acknowledged lines of each journal, as it told last
 */
async function killed(task: 'record' | 'save', journals: readonly Written[], afterLines: number, afterMs: number): Promise<number[]> {
  const process_ = spawn(process.execPath, [child.path, task, JSON.stringify(journals)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = new Promise((resolve) => process_.once('close', resolve))
  let text = ''
  let isDue = false
  await new Promise<void>((resolve, reject) => {
    process_.stdout.on('data', (data: Buffer) => {
      text += data.toString()
      if (isDue || lastOf(text).reduce((sum, lines) => sum + lines, 0) < afterLines) return
      isDue = true
      setTimeout(resolve, afterMs)
    })
    const diesInRoll = task === 'record' && journals.some(({ dieAtRollCall }) => dieAtRollCall !== undefined)
    process_.once('exit', (code, signal) => {
      if (diesInRoll && signal === 'SIGKILL') return resolve()
      reject(new Error(`the child ended by itself: ${code} ${signal} ${text.slice(-300)}`))
    })
    process_.once('error', reject)
  })
  process_.kill('SIGKILL')
  await closed
  expect(process_.signalCode).toBe('SIGKILL')
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
    records = recordsOf(keptOf(new KeepFilter('all'), new InventedTape(seed).next(FRAMES)))
    whole.set(seed, records)
  }
  return records
}

/** What a kill left, before anything is put right. */
interface Left {
  /** Segments that were closed. */
  readonly rolled: number
  /** A segment was just being closed: it is in place and not listed, or its checkpoints or a new manifest lie beside it. */
  readonly isInRoll: boolean
}

function leftIn(dir: string): Left {
  const root = join(dir, 'journal')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const closed = files.filter((file) => /segment_\d+_\d+_\d+(_\d+)?\.jsonl\.zst$/.test(file))
  const listed = files.filter((file) => file.endsWith('manifest.json')).map((file) => readFileSync(join(root, file), 'utf8'))
  const isListed = (path: string): boolean => listed.some((text) => text.includes(`"${path}"`))
  const isInRoll = files.some((file) => file.endsWith('.tmp') || (file.endsWith('.checks') && closed.includes(closedBy(file))))
  return { rolled: closed.length, isInRoll: isInRoll || !closed.every(isListed) }
}

function closedBy(checks: string): string {
  return checks.replace('_pending.checks', '.jsonl.zst')
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
  expect(files.filter((file) => /pending|salvage|tmp/.test(file))).toEqual([])
  return { lines, isCut: journal.verdict.channels.some(({ lost_bytes: lost }) => (lost ?? 0) > 0) }
}

/** What is found wrong names the journal and keeps it, as it was killed and as it was put right. */
async function checkOrKeep(written: Written, acked: number, what: string): ReturnType<typeof check> {
  const killedDir = `${written.dir}-as-killed`
  cpSync(written.dir, killedDir, { recursive: true })
  try {
    const result = await check(written, acked)
    for (const dir of [written.dir, killedDir]) rmSync(dir, { recursive: true })
    return result
  } catch (error) {
    const facts = `seed ${written.seed}, segments of ${written.segmentSeconds} s, ${acked} lines acknowledged, ${what}`
    throw new Error(`${facts}; kept: ${killedDir}, put right: ${written.dir}\n${(error as Error).message}`, { cause: error })
  }
}

/** Salvage is killed now and then too, also two at once. @returns in words */
async function salvageKilled(journals: readonly Written[], chance: () => number): Promise<string> {
  const savers = [0.1, 0.2].filter((share) => chance() < share).length
  await Promise.all(Array.from({ length: savers }, () => killed('save', journals, 0, chance() * 60)))
  return `${savers} killed in salvage`
}

test(`after ${KILLS} kill -9 at random moments every acknowledged line is there, in order, and the verdict is true`, async () => {
  const chance = random(20_251_120)
  const seen = { kills: 0, lines: 0, cut: 0, rolled: 0, inRoll: 0 }
  let next = 0
  const lane = async (): Promise<void> => {
    for (let n = next++; n < KILLS; n = next++) {
      // From a roll with almost every batch to none at all.
      const journals = Array.from({ length: TOGETHER }, (_, i) => ({
        dir: testRunDir('journal-test', ramFolder()),
        seed: (n + i) % 5,
        segmentSeconds: [0.2, 0.5, 2, 10, 900][(n + 2 * i) % 5]!,
        // Every fifth process dies in a roll of its first journal.
        ...(n % 5 === 0 && i === 0 && { dieAtRollCall: 1 + Math.floor(chance() * 60) })
      }))
      // The moments are spread over what is recorded in a second or two.
      const afterLines = n % 5 === 0 ? Infinity : ((n + chance()) / KILLS) * TOGETHER * 500
      const acked = await killed('record', journals, afterLines, chance() * 30)
      seen.kills++
      const left = journals.map(({ dir }) => leftIn(dir))
      const what = `kill ${n}, ${await salvageKilled(journals, chance)}`
      for (const [i, journal] of journals.entries()) {
        const { lines, isCut } = await checkOrKeep(journal, acked[i] ?? 0, what)
        seen.lines += lines
        seen.rolled += left[i]!.rolled
        if (isCut) seen.cut++
        if (left[i]!.isInRoll) seen.inRoll++
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  process.stdout.write(`kill -9 of recorders of ${TOGETHER} journals: ${JSON.stringify(seen)}\n`)
  expect(seen.kills).toBe(KILLS)
  expect(seen.lines).toBeGreaterThan(KILLS * TOGETHER * 50)
  expect(seen.rolled).toBeGreaterThan(KILLS * TOGETHER)
  expect(seen.inRoll).toBeGreaterThanOrEqual(Math.ceil(KILLS / 5))
}, 3_600_000)
