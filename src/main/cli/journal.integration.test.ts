import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startPracticeVenue } from '../engine/practice/index.ts'
import { captureConfig } from '../engine/capture/index.ts'
import { LiveRun, type LiveResult } from '../engine/session/index.ts'
import { journalRebuildCommand } from './journalRebuild.ts'
import { journalVerifyCommand } from './journalVerify.ts'
import { verifyCommand } from './verify.ts'
import { replayCommand } from './replay.ts'

let dataDir = ''
let result: LiveResult

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-journal-'))
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed: 5, markets: 10, messagesPerSecond: 600, venue: 'polymarket' }
  })
  const config = captureConfig({
    dataDir,
    gammaBaseUrl: venue.gammaUrl,
    clobBaseUrl: venue.clobUrl,
    clobWsUrl: venue.polymarketWsUrl,
    minFreeDiskGb: null,
    captureBackpressureFatalMs: 600_000,
    wsShards: 2
  })
  let books = 0
  const run = new LiveRun({
    config,
    name: 'test',
    onEvent: (event) => {
      if (event.kind === 'state') books = event.state.counts.l2_snap_1s ?? 0
    }
  })
  await run.started
  await vi.waitFor(() => expect(books).toBeGreaterThan(40), { timeout: 40_000, interval: 100 })
  result = await run.stop()
  await venue.close()
}, 60_000)
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

/** Runs a command. @returns the JSON line that it printed, and its exit code */
async function told(command: ReturnType<typeof replayCommand>, ...args: string[]): Promise<Record<string, unknown> & { exit: number }> {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    text += String(piece)
    return true
  })
  const before = process.exitCode
  process.exitCode = 0
  try {
    await command.parseAsync(args, { from: 'user' })
  } finally {
    write.mockRestore()
  }
  const exit = Number(process.exitCode)
  process.exitCode = before
  return { ...(JSON.parse(text) as Record<string, unknown>), exit }
}

test('a journal that is made again and stopped on the way stays as it was', async () => {
  const { runDir } = result
  const before = new Set(readdirSync(runDir, { recursive: true, encoding: 'utf8' }))
  const rebuilding = told(journalRebuildCommand(), '--run-dir', runDir)
  process.emit('SIGINT', 'SIGINT')
  await expect(rebuilding).rejects.toThrow('Stopped before the end; the journal is as it was.')
  expect(new Set(readdirSync(runDir, { recursive: true, encoding: 'utf8' }))).toEqual(before)
})

test('a live run, its journal, its raw bytes and a journal made again have one recorded fingerprint', async () => {
  const { runDir, recorded } = result
  expect(recorded).toMatchObject({ keep: 'light', complete: true })
  expect(recorded?.counts['l2_snap_1s']).toBeGreaterThan(20)
  const stated = (JSON.parse(readFileSync(join(runDir, 'studio.json'), 'utf8')) as { recorded: unknown }).recorded
  expect(stated).toMatchObject({ keep: 'light', sha256: recorded?.sha256, events: recorded?.events, counts: recorded?.counts })
  const same = { ok: true, exit: 0, recorded: recorded?.sha256, counts: recorded?.counts }
  expect(await told(replayCommand(), '--run-dir', runDir, '--from', 'journal')).toMatchObject(same)
  expect(await told(replayCommand(), '--run-dir', runDir, '--recorded')).toMatchObject(same)
  const verified = await told(verifyCommand(), '--run-dir', runDir, '--rederive')
  expect(verified).toMatchObject({
    ok: true,
    exit: 0,
    state: 'ended',
    runs: [{ state: 'ended', lake: null, rederived: { equal: true, stored_in: 'journal', same: recorded?.events, counts: {} } }]
  })
  const copy = join(dataDir, 'runs', 'copy')
  cpSync(runDir, copy, { recursive: true })
  expect(await told(journalRebuildCommand(), '--run-dir', copy)).toMatchObject({ ok: true, exit: 0, sha256: recorded?.sha256 })
  expect(await told(verifyCommand(), '--run-dir', copy, '--rederive')).toMatchObject({ ok: true, state: 'ended' })
  // Heartbeats come from the metrics and are in it too.
  expect(readdirSync(join(copy, 'journal')).sort()).toEqual(readdirSync(join(runDir, 'journal')).sort())
})

test('a run without a journal has nothing to compare, and verify says so', async () => {
  const copy = join(dataDir, 'runs', 'bare')
  cpSync(result.runDir, copy, { recursive: true })
  rmSync(join(copy, 'journal'), { recursive: true })
  expect(await told(verifyCommand(), '--run-dir', copy, '--rederive')).toMatchObject({
    ok: false,
    exit: 1,
    runs: [{ rederived: null }],
    faults: [expect.stringMatching(/^Nothing of run .* is stored as a journal or in the lake: there is nothing to compare/)]
  })
  expect(await told(verifyCommand(), '--run-dir', copy)).toMatchObject({ faults: [] })
})

test('what a damaged journal lacks is listed by channel and time, and making it again heals it', async () => {
  const copy = join(dataDir, 'runs', 'damaged')
  cpSync(result.runDir, copy, { recursive: true })
  const folder = join(copy, 'journal', 'ch=l2_snap_1s')
  const segment = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.zst')) ?? ''
  truncateSync(join(folder, segment), 500)
  const [verdict] = (await told(verifyCommand(), '--run-dir', copy, '--rederive'))['runs'] as Record<string, unknown>[]
  const lines = result.recorded?.counts['l2_snap_1s']
  expect(verdict).toMatchObject({
    ok: false,
    state: 'quarantined',
    rederived: { counts: { l2_snap_1s: { missing: lines, extra: 0, different: 0 } } }
  })
  expect(await told(journalVerifyCommand(), '--run-dir', copy)).toMatchObject({ ok: false, exit: 1, state: 'quarantined' })
  expect((verdict!['journal'] as Record<string, unknown>)['quarantined']).toEqual([
    expect.objectContaining({ path: `ch=l2_snap_1s/${segment}`, lines })
  ])
  expect(await told(replayCommand(), '--run-dir', copy, '--from', 'journal')).toMatchObject({ ok: false, exit: 1, verdict: 'quarantined' })
  expect(await told(journalRebuildCommand(), '--run-dir', copy)).toMatchObject({ ok: true, sha256: result.recorded?.sha256 })
  expect(await told(verifyCommand(), '--run-dir', copy, '--rederive')).toMatchObject({ ok: true, state: 'ended' })
})
