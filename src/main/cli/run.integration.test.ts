import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { makeRun, removeRuns } from '../engine/runtime/testRuns.ts'
import { runCommand } from './run.ts'
import { runCli } from './runCli.ts'

let dir = ''
let folder = ''
let printed = ''
let said = ''
beforeAll(async () => {
  dir = await makeRun({ seed: 31, venue: 'polymarket', markets: 10, messages: 3000, shards: 2 })
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

test('the determinism check of the original: two runs, one line each, PASS', async () => {
  const args = ['--max-seconds', '300', '--print-hash', '--print-pnl', '--strategy', 'toy_spread', '--stable-json']
  expect(await replay(...args)).toBe(0)
  const first = printed
  printed = ''
  expect(await replay(...args)).toBe(0)
  expect(printed === first ? 'PASS' : 'FAIL').toBe('PASS')
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

test('a strategy file that fails: ok false, exit 1, and the line names file and line', async () => {
  const file = join(folder, 'bad.ts')
  writeFileSync(file, 'export default {\n  onTopOfBook() {\n    throw new Error("no")\n  }\n}\n')
  expect(await replay('--print-hash', '--strategy', file)).toBe(1)
  expect(JSON.parse(printed)).toMatchObject({
    ok: false,
    canonical_events: 0,
    error: 'Strategy bad failed on event 1: Error: no (bad.ts:3:11).'
  })
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
