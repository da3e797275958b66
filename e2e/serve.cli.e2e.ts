import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pastNewYorkMidnight } from './newYorkMidnight.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { removeFolder } from './removeFolder.ts'
import { cliCommand } from './studioCommand.ts'

type Line = Record<string, unknown>

const listener = fileURLToPath(new URL('streamListener.mjs', import.meta.url))
/** Heartbeats twice a second; and a shared machine may stand still for longer than a recording should bear. */
const MACHINE = ['--capture-heartbeat-interval-seconds', '0.5', '--capture-backpressure-fatal-ms', '600000']
const EVERYTHING = JSON.stringify({ cmd: 'subscribe', mode: 'raw' })
/** Flags that have the weather recorded too, from the practice venue. */
function weather(url: string): string[] {
  const flags = {
    'world-stations': 'KLGA',
    'world-metar-base-url': url,
    'world-forecast-base-url': url,
    'world-metar-interval-seconds': '0.5'
  }
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
}

let folder = ''
let practice: PracticeProcess | undefined
const children: ChildProcess[] = []

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tapedeck-serve-'))))
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await practice?.stop()
  practice = undefined
  removeFolder(folder)
})

/** Starts `tapedeck serve`. */
function serve(...args: string[]): { line: (event: string) => Promise<Line>; stop: () => Promise<number | null> } {
  const { node, cli } = cliCommand()
  const child = spawn(node, [cli, 'serve', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines: Line[] = []
  const waiting: (() => void)[] = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line)
    for (const look of waiting) look()
  })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  return {
    line: (event) =>
      new Promise((done, fail) => {
        const late = setTimeout(() => fail(new Error(`no line "${event}" in time; there were ${JSON.stringify(lines)}`)), 60_000)
        const look = (): void => {
          const found = lines.find((line) => line['event'] === event)
          if (found === undefined) return
          clearTimeout(late)
          done(found)
        }
        waiting.push(look)
        look()
      }),
    stop: () => {
      child.kill('SIGINT')
      return ended
    }
  }
}

/** The one date under which the journal keeps a recording. */
function recordedDate(runDir: string): string {
  const paths = readdirSync(join(runDir, 'journal'), { recursive: true, encoding: 'utf8' })
  const dates = new Set(paths.flatMap((path) => /date=(\d{4}-\d\d-\d\d)/.exec(path)?.[1] ?? []))
  expect(dates.size).toBe(1)
  return [...dates].join()
}

/** What a plain program gets: everything behind the last reset, and where that was. */
async function listen(url: unknown, ...commands: string[]): Promise<{ data: string[]; atRelNs: unknown; control: Line[] }> {
  const child = spawn(cliCommand().node, [listener, String(url), ...commands], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let data: string[] = []
  let atRelNs: unknown
  const control: Line[] = []
  for await (const text of createInterface({ input: child.stdout })) {
    const message = JSON.parse(text) as Line
    if (message['type'] === undefined) data.push(text)
    else control.push(message)
    if (message['type'] !== 'replay_reset') continue
    data = []
    atRelNs = message['at_rel_ns']
  }
  return { data, atRelNs, control }
}

test('a plain program cannot tell a recording under way from its replay by the events', async () => {
  practice = await startPractice(['--markets', '6', '--rate', '150', '--seed', '4', '--weather', '--weather-speed', '600'])
  const settings = [
    '--venue',
    'polymarket',
    '--practice',
    practice.url,
    '--data-dir',
    folder,
    '--duration-seconds',
    '9',
    ...weather(practice.url)
  ]
  const live = serve('--live', ...settings, ...MACHINE)
  const { ws_url: liveUrl } = await live.line('listening')
  const lived = await listen(liveUrl, EVERYTHING)
  const { ok, run_dir: runDir } = await live.line('recorded')
  expect(ok).toBe(true)
  const replay = serve('--run-dir', String(runDir))
  const { ws_url: replayUrl } = await replay.line('listening')
  // Who listens before the first frame gets everything, without a reset.
  const seek = lived.atRelNs === undefined ? [] : [JSON.stringify({ cmd: 'seek', rel_ns: lived.atRelNs })]
  const replayed = await listen(replayUrl, EVERYTHING, ...seek, '{"cmd":"speed","speed":0}', '{"cmd":"play"}')
  expect(lived.data.length).toBeGreaterThan(300)
  if (lived.atRelNs !== undefined) expect(replayed.atRelNs).toBe(lived.atRelNs)
  expect(replayed.data).toEqual(lived.data)
  const channels = new Set(lived.data.map((text) => (JSON.parse(text) as Line)['ch']))
  for (const ch of ['instrument', 'l2_snap_1s', 'l2_book', 'tape_trades', 'health', 'integrity', 'metar_obs', 'features_1m', 'nowcast_1m'])
    expect(channels).toContain(ch)
  expect(lived.control.some(({ type }) => type === 'lagging')).toBe(false)
  expect(await replay.stop()).toBe(0)
})

test('a plain program cannot tell a recorded day from the replay of its bundle by the events', async () => {
  await pastNewYorkMidnight()
  practice = await startPractice(['--markets', '6', '--rate', '150', '--seed', '5', '--weather', '--weather-speed', '600'])
  const settings = ['--venue', 'polymarket', '--practice', practice.url, '--data-dir', folder, '--duration-seconds', '7']
  const live = serve('--live', ...settings, ...weather(practice.url), ...MACHINE)
  const { ok, run_dir: runDir, run_id: runId } = await live.line('recorded')
  expect(ok).toBe(true)
  const heard: string[][] = []
  // All that a recorder keeps at any time; trades it keeps inside event windows.
  const subscribe = '{"cmd":"subscribe","channels":["l2","world","features","nowcast","health","event_window","integrity"]}'
  for (const where of [
    ['--run-dir', String(runDir)],
    ['--day', recordedDate(String(runDir)), '--data-dir', folder]
  ]) {
    const server = serve(...where)
    const listening = await server.line('listening')
    expect(listening['run_id']).toBe(runId)
    heard.push((await listen(listening['ws_url'], subscribe, '{"cmd":"speed","speed":0}', '{"cmd":"play"}')).data)
    expect(await server.stop()).toBe(0)
  }
  const [replayed, day] = heard as [string[], string[]]
  expect(replayed.length).toBeGreaterThan(50)
  // The last heartbeats may be younger than the last frame.
  expect(day.slice(0, replayed.length)).toEqual(replayed)
  expect(day.slice(replayed.length).every((text) => text.includes('"ch":"health"'))).toBe(true)
})

test('the event stream over HTTP plays the demo, filtered, and the server ends with 0', async () => {
  const demo = fileURLToPath(new URL('../resources/demo', import.meta.url))
  const server = serve('--run-dir', demo)
  const { sse_url: url } = await server.line('listening')
  const response = await fetch(`${String(url)}&channels=tape&speed=0`)
  let text = ''
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    if (text.includes('"state":"finished"')) break
  }
  const channels = [...text.matchAll(/^data: \{"schema_version".*?"ch":"(\w+)"/gm)].map((match) => match[1])
  expect(new Set(channels)).toEqual(new Set(['instrument', 'tape_trades']))
  expect(await server.stop()).toBe(0)
})

test.each([
  [[], 'serve needs either --run-dir or --live'],
  [['--run-dir', 'x', '--live'], 'serve needs either --run-dir or --live'],
  [['--run-dir', '/nowhere/at/all'], 'nowhere'],
  [['--port', '99999'], 'from 0 to 65535']
])('%j is refused in one sentence', (args, sentence) => {
  const { node, cli } = cliCommand()
  const { status, stderr } = spawnSync(node, [cli, 'serve', ...args], { encoding: 'utf8', timeout: 60_000 })
  expect(status).toBeGreaterThan(0)
  expect(stderr).toContain(sentence)
  expect(stderr).not.toContain('    at ')
})
