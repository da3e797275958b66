import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keyPaths, writeTestRun } from '../engine/inspect/testRun.ts'
import { runCli } from './runCli.ts'

const GOLDEN = fileURLToPath(new URL('../../../e2e/samples/golden-v2', import.meta.url))
let out = ''
let err = ''
beforeEach(() => {
  out = ''
  err = ''
  const keep = (add: (text: string) => void) => (text: string | Uint8Array) => {
    add(String(text))
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(keep((text) => (out += text)))
  vi.spyOn(process.stderr, 'write').mockImplementation(keep((text) => (err += text)))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const json = (): Record<string, unknown> => JSON.parse(out) as Record<string, unknown>
const folder = (): string => mkdtempSync(join(tmpdir(), 'tapedeck-inspection-'))

test('capture-inspect prints one JSON line with exact nanoseconds', async () => {
  expect(await runCli(['capture-inspect', '--run-dir', GOLDEN])).toBe(0)
  expect(json()).toMatchObject({ run_id: 'fixture', shards: { count: 2, records: 9 } })
  expect(out).toContain('"rx_wall_ns_utc_first":1700000000123457796')
})

test('capture-audit exits with 0 for a good run and with 1 for a failed gate; limits are options', async () => {
  expect(await runCli(['capture-audit', '--run-dir', writeTestRun()])).toBe(0)
  expect(json()).toMatchObject({ ok: true, threshold_seconds: 2 })
  out = ''
  const slow = writeTestRun({ metrics: () => ({ loop_lag_ms_max_last_interval: 30 }), late: () => 1_500_000_000n })
  expect(await runCli(['capture-audit', '--run-dir', slow])).toBe(1)
  expect(json()['reasons']).toEqual(['heartbeat_gaps', 'loop_lag_p99_ms'])
  process.exitCode = undefined
  expect(await runCli(['capture-audit', '--run-dir', slow, '--threshold-seconds', '3', '--max-loop-lag-p99-ms', '30'])).toBe(0)
  expect(await runCli(['capture-audit', '--run-dir', slow, '--threshold-seconds', '3', '--no-latency-gates'])).toBe(0)
  expect(
    await runCli(['capture-audit', '--run-dir', slow, '--threshold-seconds=3', '--max-loop-lag-p99-ms=30', '--max-loop-lag-max-ms=29'])
  ).toBe(1)
})

test('capture-latency-report writes both files and prints what it wrote', async () => {
  const dir = writeTestRun()
  expect(await runCli(['capture-latency-report', '--run-dir', dir])).toBe(0)
  expect(readFileSync(join(dir, 'latency_report.json'), 'utf8')).toBe(out)
  expect(readFileSync(join(dir, 'latency_report.txt'), 'utf8')).toContain('run_id: test\n')
})

test('capture-slice prints the folder of the slice', async () => {
  const outDir = join(folder(), 'slice')
  expect(await runCli(['capture-slice', '--run-dir', GOLDEN, '--start-mono-ns', '0', '--out-dir', outDir, '--slice-id', 'one'])).toBe(0)
  expect(out).toBe(`slice dir: ${outDir}\n`)
  expect(readdirSync(join(outDir, 'capture'))).toHaveLength(4)
})

const COMMANDS = ['capture-inspect', 'capture-audit', 'capture-latency-report', 'capture-slice'] as const
const WINDOW = ['--start-mono-ns', '0']

test.each(COMMANDS)('%s exits with 2 and a sentence for what is no run, and without a run', async (name) => {
  const window = name === 'capture-slice' ? WINDOW : []
  const empty = folder()
  writeFileSync(join(empty, 'file'), '')
  for (const [place, words] of [
    [join(empty, 'none'), 'no run bundle at this place'],
    [empty, 'not a run bundle'],
    [join(empty, 'file'), 'is a folder']
  ] as const) {
    err = ''
    expect(await runCli([name, '--run-dir', place, ...window])).toBe(2)
    expect(err).toContain(words)
    expect(err).not.toContain('    at ')
  }
  expect(await runCli([name])).toBe(2)
  expect(out).toBe('')
})

test.each([
  ['capture-audit', 'runlog.ndjson'],
  ['capture-audit', 'metrics/global.ndjson'],
  ['capture-latency-report', 'metrics/global.ndjson'],
  ['capture-audit', 'manifest.json']
])('%s exits with 2 and a sentence where %s cannot be read', async (name, file) => {
  const dir = writeTestRun()
  rmSync(join(dir, file))
  mkdirSync(join(dir, file))
  expect(await runCli([name, '--run-dir', dir])).toBe(2)
  expect([out, err.includes('    at ')]).toEqual(['', false])
  expect(err).toMatch(/A file is expected here|could not be read/)
})

test.each([
  ['capture-audit', ['--threshold-seconds', '-1']],
  ['capture-audit', ['--threshold-seconds', 'soon']],
  ['capture-audit', ['--max-loop-lag-max-ms', '']],
  ['capture-slice', []],
  ['capture-slice', ['--start-mono-ns', '0', '--end-offset', '5']],
  ['capture-slice', ['--start-mono-ns', '1.5']],
  ['capture-slice', ['--start-offset', '99999999999999999999']],
  ['capture-slice', ['--start-mono-ns', '9', '--end-mono-ns', '8']],
  ['capture-slice', ['--start-mono-ns', '0', '--shard', '7']],
  ['capture-bench', ['--run-dir', 'x']],
  ['capture-bench', []],
  ['capture-bench', ['--no-offline']],
  ['capture-bench', ['--offline', '--multiplier', '0']],
  ['capture-bench', ['--offline', '--run-id', '../x']]
])('%s %j is not understood', async (name, args) => {
  expect(await runCli([name, ...(name === 'capture-bench' ? [] : ['--run-dir', GOLDEN]), ...args])).toBe(2)
  expect(out).toBe('')
  expect(err).not.toBe('')
})

test('an existing slice is wrong usage; an index that contradicts the log is a finding', async () => {
  const outDir = join(folder(), 'slice')
  const args = ['capture-slice', '--run-dir', GOLDEN, ...WINDOW, '--out-dir', outDir]
  expect(await runCli(args)).toBe(0)
  expect(await runCli(args)).toBe(2)
  const idx = join(outDir, 'capture', 'shard_00.idx')
  const bytes = readFileSync(idx)
  bytes[40]! ^= 1
  writeFileSync(idx, bytes)
  expect(await runCli(['capture-slice', '--run-dir', outDir, ...WINDOW, '--out-dir', join(folder(), 'b')])).toBe(1)
  expect(err).toContain('does not describe the record in the frame log')
})

test('capture-bench --offline prints its figures and leaves nothing behind; with a data folder it leaves a whole run', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tapedeck-capture-bench-'))
  expect(await runCli(['capture-bench', '--offline'])).toBe(0)
  expect(json()).toMatchObject({ run_id: expect.stringMatching(/^bench-[0-9a-f]{8}$/), frames: 20_000 })
  await expect(keyPaths(json())).toMatchFileSnapshot('../engine/inspect/keys/capture-bench.txt')
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tapedeck-capture-bench-'))).toEqual(before)
  out = ''
  const dataDir = folder()
  expect(await runCli(['capture-bench', '--offline', '--multiplier', '2', '--data-dir', dataDir, '--run-id', 'two'])).toBe(0)
  const { frames, bytes_written: bytes } = json() as { frames: number; bytes_written: number }
  const run = join(dataDir, 'runs', 'two')
  expect(existsSync(join(run, 'studio.json'))).toBe(true)
  out = ''
  expect(await runCli(['capture-verify', '--run-dir', run])).toBe(0)
  const [summary] = json()['summaries'] as { records: number; frames_bytes: number }[]
  expect([summary?.records, (summary?.frames_bytes ?? 0) + frames * 32]).toEqual([40_000, bytes])
  out = ''
  expect(await runCli(['capture-audit', '--run-dir', run, '--no-latency-gates'])).toBe(0)
  expect(await runCli(['capture-bench', '--offline', '--data-dir', dataDir, '--run-id', 'two'])).toBe(2)
})
