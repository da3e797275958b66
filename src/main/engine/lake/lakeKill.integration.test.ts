import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compactRun } from './compactRun.ts'
import { runRetention } from './retention.ts'
import { DEFAULT_POLICY } from './retentionPolicy.ts'
import { storedRecords } from './storedRecords.ts'
import { bytesOf, ORIGIN_TS_NS, testRecords, writeTestJournal } from './testJournal.ts'
import { verifyLake } from './verifyLake.ts'

/** More on demand: TAPEDECK_KILLS=200. */
const KILLS = Number(process.env['TAPEDECK_KILLS'] ?? 8)
const child = join(import.meta.dirname, 'testCompactChild.ts')
const expected = [...testRecords()].map(bytesOf).reduce((sum, bytes) => sum + bytes.length, 0)
const LATER_MS = Number(ORIGIN_TS_NS / 1_000_000n) + 20 * 86_400_000

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tapedeck-kill-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** Starts the work and kills it so many ms after it has begun. @returns true when it was killed at work */
async function killed(what: string, bundleDir: string, lakeDir: string, afterMs: number): Promise<boolean> {
  const process = spawn(globalThis.process.execPath, [child, what, bundleDir, lakeDir, String(LATER_MS)], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  await once(process.stdout, 'data')
  const ended = once(process, 'exit')
  const timer = setTimeout(() => process.kill('SIGKILL'), afterMs)
  const [, signal] = (await ended) as [number | null, string | null]
  clearTimeout(timer)
  return signal === 'SIGKILL'
}

async function storedBytes(bundleDir: string, lakeDir: string): Promise<number> {
  let bytes = 0
  for await (const batch of storedRecords({ bundleDir, lakeDir })) bytes += batch.used
  return bytes
}

test(
  'a compactor that is killed at any moment loses nothing, and the next one finishes its work',
  async () => {
    const bundleDir = join(dir, 'run')
    writeTestJournal(bundleDir, testRecords())
    for (let kill = 0; kill < KILLS; kill++) {
      const lakeDir = join(dir, `lake-${kill}`)
      await killed('compact', bundleDir, lakeDir, 5 + ((kill * 137) % 900))
      // As it was left, before anything is put right: every event is in one place or the other.
      expect(await storedBytes(bundleDir, lakeDir)).toBe(expected)
      const result = await compactRun({ bundleDir, lakeDir, partBytes: 60_000 })
      expect(result.faults).toEqual([])
      expect(await verifyLake({ lakeDir, deep: true })).toMatchObject({ ok: true, strangers: [] })
      expect(await storedBytes(join(dir, 'no such run'), lakeDir).catch(() => -1)).toBe(-1)
      expect(readdirSync(join(lakeDir, '.work'))).toEqual([])
    }
  },
  60_000 + KILLS * 20_000
)

test(
  'retention that is killed at any moment deletes nothing that is not in the lake',
  async () => {
    const source = join(dir, 'source')
    const proved = join(dir, 'proved')
    writeTestJournal(source, testRecords())
    await compactRun({ bundleDir: source, lakeDir: proved, partBytes: 60_000 })
    for (let kill = 0; kill < KILLS; kill++) {
      const [bundleDir, lakeDir] = [join(dir, `run-${kill}`), join(dir, `lake-${kill}`)]
      cpSync(source, bundleDir, { recursive: true })
      cpSync(proved, lakeDir, { recursive: true })
      await killed('retention', bundleDir, lakeDir, (kill * 41) % 160)
      expect(await storedBytes(bundleDir, lakeDir)).toBe(expected)
      const policy = { ...DEFAULT_POLICY, parquetMonths: 6 }
      const result = await runRetention({ lakeDir, bundleDirs: [bundleDir], policy, apply: true, nowMs: LATER_MS })
      expect(result.faults).toEqual([])
      expect(existsSync(join(lakeDir, '.lock'))).toBe(false)
      expect(await storedBytes(bundleDir, lakeDir)).toBe(expected)
      expect(await verifyLake({ lakeDir })).toMatchObject({ ok: true })
    }
  },
  60_000 + KILLS * 20_000
)
