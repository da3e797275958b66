import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openBundle } from '../engine/bundle/index.ts'
import { compactRun } from '../engine/lake/index.ts'
import { rebuildJournal, type Keep } from '../engine/record/index.ts'
import { writeRoughRun } from '../engine/testing/roughRun.ts'
import { rawRecords } from '../engine/replay/index.ts'
import { runCli } from './runCli.ts'

const T0 = BigInt(Date.parse('2026-11-20T15:00:00.25Z')) * 1_000_000n
let work = ''
const dirs = new Map<Keep, string>()

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tapedeck-until-'))
  for (const keep of ['light', 'all'] as const) {
    const shape = { venue: 'polymarket', shards: 2, markets: 2, seconds: 60, messagesPerSecond: 60, weather: true } as const
    const dir = await writeRoughRun({ ...shape, seed: keep === 'light' ? 91 : 92, t0Ns: T0 })
    const bundle = await openBundle(dir)
    const run = { runDir: dir, runId: bundle.runId, venue: 'polymarket', t0WallNs: bundle.t0WallNs } as const
    const settings = { keep, segmentSeconds: 20, segmentBytes: 1 << 26, ringMinutes: 5 }
    await rebuildJournal(run, settings, rawRecords(bundle, { keep, withHealth: true }))
    bundle.close()
    await compactRun({ bundleDir: dir, lakeDir: join(work, keep) })
    dirs.set(keep, dir)
  }
}, 60_000)
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})
afterAll(() => {
  for (const dir of dirs.values()) rmSync(dirname(dir), { recursive: true, force: true })
  rmSync(work, { recursive: true, force: true })
})

async function replayed(...args: string[]): Promise<Record<string, unknown>> {
  let printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true))
  expect(await runCli(['replay', ...args])).toBe(0)
  return JSON.parse(printed) as Record<string, unknown>
}

test.each(['light', 'all'] as const)(
  'in the middle of a run of which %s is kept raw, journal, Parquet and the day give one recorded fingerprint',
  async (keep) => {
    const run = ['--run-dir', dirs.get(keep)!]
    const lake = ['--lake', join(work, keep)]
    const seen = new Set<unknown>()
    for (const second of ['00:13.5', '00:31.000000251', '00:55.999999']) {
      const until = ['--until', `2026-11-20T15:${second}Z`]
      const [raw, kept, journal, parquet, day] = [
        await replayed(...run, ...until),
        await replayed(...run, '--recorded', ...until),
        await replayed(...run, '--from', 'journal', ...until),
        await replayed(...run, '--from', 'lake', ...lake, ...until),
        await replayed('--day', '2026-11-20', ...lake, ...until)
      ]
      expect(journal['recorded']).toMatch(/^[0-9a-f]{64}$/)
      expect([raw['recorded'], kept['recorded'], parquet['recorded'], day['fingerprint']]).toEqual(Array(4).fill(journal['recorded']))
      expect([kept['events'], parquet['events'], day['events']]).toEqual(Array(3).fill(journal['events']))
      expect(raw['fingerprint'] === raw['recorded']).toBe(keep === 'all')
      seen.add(journal['recorded'])
    }
    expect(seen.size).toBe(3)
  }
)

test('an instant that is none, and one at a pace, are refused in a sentence', async () => {
  let complained = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((complained += String(text)), true))
  const run = ['replay', '--run-dir', dirs.get('light')!]
  expect(await runCli([...run, '--until', 'noon'])).toBe(2)
  expect(complained).toContain('Expected an instant with its offset')
  expect(await runCli([...run, '--until', '2026-11-20T15:00:10Z', '--speed', '10'])).toBe(2)
  expect(complained).toContain('leave --speed out')
})
