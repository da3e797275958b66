import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { runTapedeck, startPractice, type PracticeProcess } from './practiceCommand.ts'
import { removeFolder } from './removeFolder.ts'
import { cliCommand } from './studioCommand.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 200 }
/** Runs that are killed at most until one was killed inside a segment. */
const KILLS = 4

let folder = ''
let venue: PracticeProcess
let capture: ChildProcess | undefined
let desktop: Desktop
let studio: StudioPage
let killed = ''
let damaged = ''

const segments = (dir: string): string[] =>
  existsSync(join(dir, 'journal'))
    ? readdirSync(join(dir, 'journal'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.jsonl.zst'))
    : []
const isFinished = (path: string): boolean => !path.includes('_pending')
const bookSegments = (dir: string): string[] => segments(dir).filter((path) => path.includes('ch=l2_snap_1s'))
/** A finished segment of books, and one under way. */
function isInsideSegment(dir: string): boolean {
  const found = bookSegments(dir)
  return found.some(isFinished) && !found.every(isFinished)
}

/** Records until a segment of books is under way behind a finished one, and kills the recorder. @returns whether it was still under way then */
async function killInsideSegment(): Promise<boolean> {
  const { node, cli } = cliCommand()
  const where = ['--data-dir', folder, '--run-id', 'killed', '--min-free-disk-gb', 'none', '--journal-segment-seconds', '5']
  const patient = ['--capture-backpressure-fatal-ms', '600000']
  const source = ['--practice', venue.url, '--venue', 'binance']
  const recorder = spawn(node, [cli, 'capture', ...source, ...where, ...patient], { stdio: 'ignore' })
  capture = recorder
  const ended = new Promise((done) => recorder.once('exit', done))
  await vi.waitFor(() => expect(isInsideSegment(killed)).toBe(true), WAIT)
  recorder.kill('SIGKILL')
  await ended
  return isInsideSegment(killed)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-e2e-crash-'))
  venue = await startPractice(['--venue', 'binance', '--rate', '100'])
  killed = join(folder, 'runs', 'killed')
  // A segment may have ended between the look and the kill.
  for (let tries = 1; !(await killInsideSegment()); tries++) {
    if (tries === KILLS) throw new Error(`none of ${KILLS} runs was killed inside a segment`)
    removeFolder(killed)
  }
  damaged = join(folder, 'runs', 'damaged')
  cpSync(killed, damaged, { recursive: true })
  const [segment] = bookSegments(damaged).filter(isFinished)
  truncateSync(join(damaged, 'journal', segment!), 100)
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
  await studio.until((page) => page.session()?.mode === 'idle', 'the screen to be up')
}, 180_000)

afterAll(async () => {
  capture?.kill('SIGKILL')
  await desktop?.close()
  await venue?.stop()
  removeFolder(folder)
})

interface Told {
  readonly state: string
  readonly runs: readonly {
    readonly raw: { readonly state: string }
    readonly journal: {
      readonly state: string
      readonly channels: readonly { readonly channel: string; readonly lost_seconds_at_most?: number }[]
    }
  }[]
}

async function open(path: string): Promise<void> {
  for (const command of ['library_add', 'replay_open']) {
    const reply = await desktop.page.evaluate(`window.studio.call({ cmd: '${command}', path: ${JSON.stringify(path)} })`)
    expect(reply).toMatchObject({ ok: true })
  }
  await studio.until((page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1, 'the bundle to open')
  await studio.click('tab-run')
}

test('a bundle whose recorder was killed opens as recovered, with what each channel lost', async () => {
  await open(killed)
  expect(await studio.text('verdict-badge')).toBe('Recovered')
  expect(await studio.attribute('verdict-state', 'data-state')).toBe('recovered')
  expect(await studio.text('verdict')).toMatch(
    /not stopped cleanly.*did not end in order: at most the last \d+\.\d s are not in the journal/
  )
  const row = desktop.page.locator('[data-testid=verdict-table] [data-place=l2_snap_1s]')
  expect(await row.textContent()).toMatch(/at most \d+\.\d s/)
  expect(segments(killed).filter((path) => !isFinished(path))).toEqual([])
  await studio.shot('verdict-recovered')
})

test('the command line says the same as JSON', async () => {
  const shown = (await studio.read((page) => page.session()?.verdict)) as unknown as Told
  const { code, lines } = await runTapedeck(['verify', '--run-dir', killed])
  const [told] = lines as unknown as Told[]
  expect(code).toBe(1)
  expect(told).toMatchObject({ state: 'recovered', runs: [{ raw: { state: 'recovered' }, journal: { state: 'recovered' } }] })
  expect(told!.runs[0]!.journal.channels).toEqual(expect.arrayContaining([...shown.runs[0]!.journal.channels]))
})

test('a segment that cannot be trusted is quarantined, with the reason, and the raw bytes play', async () => {
  await open(damaged)
  expect(await studio.text('verdict-badge')).toBe('Quarantined')
  expect(await studio.text('verdict')).toMatch(/cannot be trusted .*The raw recording is kept/)
  expect(await desktop.page.locator('[data-testid=verdict-table] [data-place=l2_snap_1s]').textContent()).toContain(
    'the raw bytes are kept'
  )
  expect((await studio.read((page) => page.session()))!.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  await studio.shot('verdict-quarantined')
})

test('the day of the killed run says so in the list of days', async () => {
  await desktop.page.getByTestId('day-verdict').first().waitFor(WAIT)
  expect(await studio.text('day-verdict')).toMatch(/Recovered|Quarantined/)
})
