import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'

import { eventually } from '../engine/practice/testing/venueClient.ts'

const here = (name: string): string => pathToFileURL(fileURLToPath(new URL(name, import.meta.url))).href
/** The program with this one command, run from source in its own process. */
const program = `
  const { runCli } = await import('${here('./runCli.ts')}')
  const { practiceCommand } = await import('${here('./practice.ts')}')
  const { argv } = process
  process.exitCode = await runCli(argv.slice(1), [{ name: 'practice', summary: '', load: async () => practiceCommand() }])
`

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

interface Run {
  readonly child: ChildProcess
  readonly lines: () => Record<string, unknown>[]
  readonly errors: () => string
  readonly exit: Promise<number | null>
}

function practice(...args: string[]): Run {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, '--', 'practice', ...args])
  running.push(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const lines = (): Record<string, unknown>[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { child, lines, errors: () => err, exit: new Promise((resolve) => child.on('close', resolve)) }
}

test.each(['SIGINT', 'SIGTERM'] as const)('prints where it listens, ends with counts and exit 0 on %s', async (signal) => {
  const run = practice('--markets', '2', '--duration', '60')
  await eventually(() => run.lines().length === 1, 'the first line')
  const [listening] = run.lines()
  expect(listening).toMatchObject({
    event: 'listening',
    port: expect.any(Number),
    polymarket_ws_url: expect.stringContaining('/ws/market')
  })
  expect((await fetch(`${String(listening!['gamma_url'])}/markets`)).status).toBe(200)
  run.child.kill(signal)
  expect(await run.exit).toBe(0)
  expect(run.lines().at(-1)).toMatchObject({ event: 'stopped', reason: signal, rest_requests: 1, faults_injected: 0 })
  expect(run.errors()).toBe('')
})

test('prints every fault as it takes effect, from options and from a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-practice-'))
  const plan = join(folder, 'plan.json')
  await writeFile(plan, JSON.stringify([{ atMs: 0, kind: 'clockSkew', ms: 7 }]))
  const run = practice('--fault', 'http@0s:status=500,count=1', '--fault-file', plan, '--venue', 'binance', '--markets', '1')
  await eventually(() => run.lines().length === 2, 'the skew')
  const url = String(run.lines()[0]!['binance_rest_url'])
  expect((await fetch(`${url}/api/v3/depth?symbol=BTCUSDT`)).status).toBe(500)
  expect((await fetch(`${url}/api/v3/depth?symbol=BTCUSDT`)).status).toBe(200)
  run.child.kill('SIGTERM')
  expect(await run.exit).toBe(0)
  expect(run.lines().slice(1, 3)).toMatchObject([
    { event: 'fault', kind: 'clockSkew', skew_ms: 7 },
    { event: 'fault', kind: 'http', status: 500 }
  ])
  await rm(folder, { recursive: true, force: true })
})

test('ends by itself after --duration', async () => {
  const run = practice('--duration', '0.2')
  expect(await run.exit).toBe(0)
  expect(run.lines().map((line) => line['event'])).toEqual(['listening', 'stopped'])
})

test.each([
  [['--markets', '0'], 'markets'],
  [['--source', 'tape'], 'generator, recorded'],
  [['--source', 'recorded'], '--files'],
  [['--files', 'x'], '--source recorded'],
  [['--round-markets', '2'], '--round-seconds'],
  [['--fault', 'drop'], 'drop@5s'],
  [['--fault', 'drop@1s:colour=red'], 'colour'],
  [['--what'], '--what']
])('%j is a usage error: exit 2 and a sentence', async (args, named) => {
  const run = practice(...args)
  expect(await run.exit).toBe(2)
  expect(run.errors()).toContain(named)
  expect(run.errors()).not.toContain('    at ')
  expect(run.lines()).toEqual([])
})

test('a port in use and a missing file are failures: exit 1 and a sentence', async () => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const { port } = holder.address() as AddressInfo
  const taken = practice('--port', String(port))
  const missing = practice('--source', 'recorded', '--files', '/absent/file.gz')
  expect([await taken.exit, await missing.exit]).toEqual([1, 1])
  expect(taken.errors()).toContain(`Port ${port} is already in use`)
  expect(missing.errors()).toContain('/absent/file.gz')
  holder.close()
})
