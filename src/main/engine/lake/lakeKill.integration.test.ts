import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { inspectRetired } from './testRetired.ts'
import { childProgram, type ChildProgram } from '../testing/childProgram.ts'
import { killedAtWork, type Killing } from '../testing/killedAtWork.ts'
import { ramFolder } from '../testing/ramFolder.ts'
import { compactRun } from './compactRun.ts'
import { runRetention } from './retention.ts'
import { DEFAULT_POLICY } from './retentionPolicy.ts'
import { storedRecords } from './storedRecords.ts'
import { bytesOf, ORIGIN_TS_NS, testRecords, writeTestJournal, type TestRecord } from './testJournal.ts'
import { verifyLake } from './verifyLake.ts'

/** Of the 200 kills that every test run does, and of any number by `TAPEDECK_KILLS`, a quarter each; the recorder has the other half. */
const KILLS = Math.ceil(Number(process.env['TAPEDECK_KILLS'] ?? 200) / 4)
const LANES = 2
const LATER_MS = Number(ORIGIN_TS_NS / 1_000_000n) + 20 * 86_400_000
const PART_BYTES = 30_000

/** Three channels over two days, in parts of two stations: every step of a compaction, and few of each. */
function* records(): Generator<TestRecord> {
  for (const record of testRecords({ markets: 2, seconds: 140, levels: 4 }))
    if (['l2_snap_1s', 'metar_obs', 'event_window'].includes(record.ch)) yield record
}
const expected = [...records()].map(bytesOf).reduce((sum, bytes) => sum + bytes.length, 0)

let child: ChildProgram
beforeAll(async () => {
  child = await childProgram(join(import.meta.dirname, 'testCompactChild.ts'))
})
afterAll(() => child.dispose())

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(ramFolder(), 'tapedeck-kill-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function storedBytes(bundleDir: string | undefined, lakeDir: string, runId?: string): Promise<number> {
  let bytes = 0
  for await (const batch of storedRecords({ bundleDir, lakeDir, runId })) bytes += batch.used
  return bytes
}

test(
  `a compactor that is killed at any moment loses nothing, and the next one finishes its work: ${KILLS} kills`,
  async () => {
    const bundleDir = join(dir, 'run')
    writeTestJournal(bundleDir, records())
    const prepare = (n: number): Killing => {
      // Each lane has a journal of its own: the proofs are noted in it.
      const [own, lakeDir] = [join(dir, `run-${n}`), join(dir, `lake-${n}`)]
      cpSync(bundleDir, own, { recursive: true })
      return {
        args: [child.path, 'compact', own, lakeDir, String(LATER_MS), String(PART_BYTES)],
        check: async () => {
          // As it was left, before anything is put right: every event is in one place or the other.
          expect(await storedBytes(own, lakeDir)).toBe(expected)
          const result = await compactRun({ bundleDir: own, lakeDir, partBytes: PART_BYTES })
          expect(result).toMatchObject({ faults: [], repaired: [] })
          expect(await verifyLake({ lakeDir, deep: true })).toMatchObject({ ok: true, strangers: [] })
          expect(readdirSync(join(lakeDir, '.work'))).toEqual([])
          for (const path of [own, lakeDir]) rmSync(path, { recursive: true })
        }
      }
    }
    const { killed, ended, workMs } = await killedAtWork({ kills: KILLS, lanes: LANES, prepare })
    process.stdout.write(`kill -9: ${killed} compactions over ${Math.round(workMs)} ms each, ${ended} had ended before\n`)
    expect(killed).toBe(KILLS)
  },
  120_000 + KILLS * 20_000
)

test(
  `retention that is killed at any moment deletes nothing that is not in the lake, and every segment is there or said to be in the lake: ${KILLS} kills`,
  async () => {
    const [source, proved] = [join(dir, 'source'), join(dir, 'proved')]
    writeTestJournal(source, records(), 10)
    await compactRun({ bundleDir: source, lakeDir: proved, partBytes: PART_BYTES })
    const prepare = (n: number): Killing => {
      const [bundleDir, lakeDir] = [join(dir, `run-${n}`), join(dir, `lake-${n}`)]
      cpSync(source, bundleDir, { recursive: true })
      cpSync(proved, lakeDir, { recursive: true })
      return {
        args: [child.path, 'retention', bundleDir, lakeDir, String(LATER_MS)],
        check: async () => {
          expect(await storedBytes(bundleDir, lakeDir)).toBe(expected)
          expect(inspectRetired(bundleDir)).toMatchObject({ lost: [] })
          const policy = { ...DEFAULT_POLICY, parquetMonths: 6, keepForever: [] }
          const result = await runRetention({ lakeDir, bundleDirs: [bundleDir], policy, apply: true, nowMs: LATER_MS })
          expect(result.faults).toEqual([])
          expect(readdirSync(lakeDir).filter((name) => name.startsWith('.lock'))).toEqual([])
          expect(inspectRetired(bundleDir)).toEqual({ lost: [], there: 0 })
          expect(await storedBytes(bundleDir, lakeDir)).toBe(expected)
          expect(await verifyLake({ lakeDir })).toMatchObject({ ok: true })
          for (const path of [bundleDir, lakeDir]) rmSync(path, { recursive: true })
        }
      }
    }
    const { killed, ended, workMs } = await killedAtWork({ kills: KILLS, lanes: LANES, prepare })
    process.stdout.write(`kill -9: ${killed} retentions over ${Math.round(workMs)} ms each, ${ended} had ended before\n`)
    expect(killed).toBe(KILLS)
  },
  120_000 + KILLS * 20_000
)
