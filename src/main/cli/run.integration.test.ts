import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { RUN_SETTINGS, type RunSetting } from '../../shared/api/index.ts'
import { makeRun, removeRuns } from '../engine/runtime/testRuns.ts'
import { runCommand } from './run.ts'
import { runCli } from './runCli.ts'

let dir = ''
let others: string[] = []
let folder = ''
let printed = ''
let said = ''
beforeAll(async () => {
  dir = await makeRun({ seed: 31, venue: 'polymarket', markets: 10, messages: 3000, shards: 2 })
  others = [
    await makeRun({ seed: 32, venue: 'polymarket', markets: 30, messages: 5000, shards: 4, withGap: true }),
    await makeRun({ seed: 33, venue: 'polymarket', markets: 20, messages: 3000, shards: 1 })
  ]
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-run-cli-'))
})
afterAll(() => {
  removeRuns()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  printed = said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const run = (...args: string[]): Promise<number> =>
  runCli(['run', ...args], [{ name: 'run', summary: '', load: () => Promise.resolve(runCommand()) }])
const replay = (...args: string[]): Promise<number> => run('--mode', 'replay', '--execution', 'sim', '--run-dir', dir, ...args)

test('the determinism check of the original prints PASS on three bundles', async () => {
  const hashes = new Set<unknown>()
  for (const runDir of [dir, ...others]) {
    const lines: string[] = []
    for (let time = 0; time < 2; time++) {
      printed = ''
      // The flags of the check, word for word and in its order.
      const flags = '--max-seconds 300 --print-hash --print-pnl --strategy toy_spread --stable-json'.split(' ')
      expect(await run('--mode', 'replay', '--execution', 'sim', '--run-dir', runDir, ...flags)).toBe(0)
      lines.push(printed)
    }
    expect(lines[0] === lines[1] ? 'PASS' : 'FAIL').toBe('PASS')
    const { intents, final_hash: hash } = JSON.parse(printed) as { intents: number; final_hash: string }
    expect(intents).toBeGreaterThan(100)
    hashes.add(hash)
  }
  expect(hashes.size).toBe(3)
})

test('the line of a replay is one line with the keys of the original', async () => {
  const args = ['--max-seconds', '300', '--print-hash', '--print-pnl', '--strategy', 'toy_spread', '--stable-json']
  expect(await replay(...args)).toBe(0)
  const first = printed
  expect(first.trimEnd()).not.toContain('\n')
  expect(JSON.parse(first)).toMatchObject({
    ok: true,
    mode: 'replay',
    execution: 'sim',
    elapsed_ms: 0,
    pnl: { cash_e6: 0 },
    events: 'book'
  })
})

test('several strategies with parameters, changes as events, an end after so many events', async () => {
  const strategies = ['--strategy', 'toy_spread', '--strategy', 'toy_taker', '--param', 'toy_taker.threshold_bps=1', '--param', 'size_e6=7']
  expect(await replay('--print-hash', '--events', 'change', '--max-events', '100', ...strategies)).toBe(0)
  expect(JSON.parse(printed)).toMatchObject({ ok: true, canonical_events: 100, events: 'change' })
})

test('slow callbacks are counted in a replay too, when a limit is given', async () => {
  expect(await replay('--print-hash', '--strategy', 'toy_spread', '--max-callback-us', '1000000000')).toBe(0)
  const { canonical_events: count, callback_stats: stats } = JSON.parse(printed) as Record<string, unknown>
  expect(stats).toEqual({ toy_spread: { count, mean_ns: expect.any(Number) as number, max_ns: expect.any(Number) as number, overruns: 0 } })
})

test('a strategy file that fails: ok false, exit 1, and the line names file and line', async () => {
  const file = join(folder, 'bad.ts')
  writeFileSync(file, 'export default {\n  onTopOfBook() {\n    throw new Error("no")\n  }\n}\n')
  expect(await replay('--print-hash', '--strategy', file)).toBe(1)
  expect(JSON.parse(printed)).toMatchObject({
    ok: false,
    canonical_events: 0,
    error: 'Strategy bad failed on event 1: Error: no (bad.ts:3:11).'
  })
  expect(said).toBe('tapedeck: Strategy bad failed on event 1: Error: no (bad.ts:3:11).\n')
})

test('a damaged recording: its result is printed to the end, with ok false, the damage as error, and exit 1', async () => {
  const damaged = await makeRun({ seed: 34, venue: 'polymarket', markets: 5, messages: 2000, shards: 1 })
  const path = join(damaged, 'capture', 'shard_00.frames')
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 3000))
  const flags = ['--mode', 'replay', '--run-dir', damaged, '--print-hash', '--print-pnl', '--strategy', 'toy_spread', '--stable-json']
  expect(await run(...flags)).toBe(1)
  const line = JSON.parse(printed) as { canonical_events: number; intents: number; missing_bytes: number; error: string; skipped: number }
  expect(line).toMatchObject({ ok: false, pnl: { cash_e6: 0 } })
  expect(line.error).toMatch(/could not be read .* The result is that of a recording with holes\.$/)
  expect(Math.min(line.canonical_events, line.intents, line.missing_bytes, line.skipped)).toBeGreaterThan(0)
  expect(said).toBe(`tapedeck: ${line.error}\n`)
  const first = printed
  printed = ''
  expect(await run(...flags)).toBe(1)
  expect(printed).toBe(first)
})

test.each<[string[], RegExp]>([
  [[], /--mode is replay or live, but it is missing/],
  [['--mode', 'paper'], /--mode is replay or live, but it is "paper"/],
  [['--mode', 'replay', '--print-hash'], /--mode replay needs --run-dir/],
  [['--mode', 'replay', '--run-dir', 'x'], /--mode replay needs --print-hash/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--execution', 'live'], /--execution is sim, the only one there is/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--duration-seconds', '5'], /--duration-seconds belongs to --mode live/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--print-latency-report-json'], /belongs to --mode live/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--events', 'trades'], /--events is book or change, but it is "trades"/],
  [
    ['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--stable-json', '--max-callback-us', '5'],
    /--max-callback-us counts slow callbacks, which differ from run to run/
  ],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--max-events', '0'], /--max-events is a whole number from 1/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--speed', '0'], /--speed is a number from 0.01 to 1000/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--param', 'a'], /--param is strategy\.name=value/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--param', 'b.a=1'], /--param names strategy "b"/],
  [['--mode', 'replay', '--run-dir', 'x', '--print-hash', '--strategy', 'dream'], /There is no built-in strategy "dream"/],
  [['--mode', 'live', '--run-dir', 'x'], /--run-dir belongs to --mode replay/],
  [['--mode', 'live', '--stable-json'], /--stable-json belongs to --mode replay/],
  [['--mode', 'live', '--max-seconds', '3'], /--max-seconds belongs to --mode replay/],
  [['--mode', 'live', '--ws-shards', '0'], /Setting ws_shards is 0/]
])('%s: a line with ok false, and exit 2', async (args, sentence) => {
  expect(await run(...args)).toBe(2)
  const line = JSON.parse(printed) as { ok: boolean; intents: number; error: string }
  expect(line).toMatchObject({ ok: false, intents: 0, error: expect.stringMatching(sentence) as string })
  expect(said).toContain(line.error)
})

test('a bundle that is not there: ok false, exit 1', async () => {
  expect(await run('--mode', 'replay', '--run-dir', join(folder, 'none'), '--print-hash')).toBe(1)
  expect(JSON.parse(printed)).toMatchObject({ ok: false, mode: 'replay', error: expect.stringMatching(/There is no run bundle/) as string })
})

test('the page of the command names every number of a run with its default', () => {
  const page = readFileSync(new URL('../../../docs/commands/run.md', import.meta.url), 'utf8')
  const rowOf = (flag: string): string => page.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${flag} <`)) ?? ''
  const missing = (RUN_SETTINGS as readonly RunSetting[]).filter(({ flag, default: value }) => !rowOf(flag).includes(` ${value ?? ''}`))
  expect(missing.map(({ flag }) => flag)).toEqual([])
})
