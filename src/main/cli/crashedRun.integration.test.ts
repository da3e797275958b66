import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { crash, recordedRun, type RecordedTestRun } from '../engine/replay/recorded/testRecordedRun.ts'
import { runCli } from './runCli.ts'

const T0 = BigInt(Date.parse('2026-11-20T15:00:00.25Z')) * 1_000_000n
const SHAPE = { venue: 'binance', shards: 1, markets: 2, seconds: 100, messagesPerSecond: 20, weather: true, seed: 62, t0Ns: T0 } as const
const RECOVERED = { state: 'recovered', raw: { state: 'recovered' }, journal: { state: 'recovered' } }

let work = ''
let run: RecordedTestRun
let dir = ''
let number = 0
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tapedeck-crashed-cli-'))
  run = await recordedRun(SHAPE)
})
beforeEach(() => {
  dir = join(work, String(number++))
  cpSync(run.dir, dir, { recursive: true })
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

const pending = (): string[] =>
  readdirSync(join(dir, 'journal'), { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('_pending'))

async function printed(...args: string[]): Promise<{ code: number; lines: Record<string, unknown>[] }> {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((more) => ((text += String(more)), true))
  process.exitCode = undefined
  const code = await runCli(args)
  write.mockRestore()
  return {
    code,
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}

test.each(['newest', 'all'] as const)(
  'compact saves what a kill left unfinished (%s), says how the run ended, and brings all of it into the lake',
  async (open) => {
    crash(dir, open)
    expect(pending().length).toBeGreaterThan(5)
    const lake = join(work, `lake-${open}`)
    const { code, lines } = await printed('compact', '--run-dir', dir, '--lake', lake)
    expect(code).toBe(0)
    expect(pending()).toEqual([])
    expect(lines).toMatchObject([{ ok: true, rows: run.recorded.events, faults: [], verdict: RECOVERED }])
    const { channels } = (lines[0]!['verdict'] as { journal: { channels: { salvaged_segments?: number }[] } }).journal
    expect(channels.every(({ salvaged_segments: saved }) => saved !== undefined && saved > 0)).toBe(true)
    expect((await printed('compact', '--run-dir', dir, '--lake', lake)).lines).toMatchObject([{ ok: true, rows: 0, verdict: RECOVERED }])
    const replayed = await printed('replay', '--run-dir', dir, '--from', 'lake', '--lake', lake)
    expect(replayed.lines).toMatchObject([{ recorded: run.recorded.sha256 }])
  }
)

test('serve says how the bundle ended before it listens, and saves what a kill left unfinished', async () => {
  crash(dir, 'newest')
  const cli = join(import.meta.dirname, '..', 'cli.ts')
  const child = spawn(process.execPath, [cli, 'serve', '--run-dir', dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const lines: Record<string, unknown>[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line) as Record<string, unknown>)
    if (lines.at(-1)!['event'] === 'listening') child.kill('SIGTERM')
  }
  expect(await exit).toEqual([0, null])
  expect(lines).toMatchObject([
    { event: 'verdict', state: 'recovered', runs: [{ run_id: 'rough-62', ...RECOVERED }] },
    { event: 'listening', run_id: 'rough-62' }
  ])
  expect(lines[0]!['sentence']).toMatch(/did not end in order/)
  expect(pending()).toEqual([])
})
