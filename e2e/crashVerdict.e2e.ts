import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { runTapedeck, startPractice, type PracticeProcess } from './practiceCommand.ts'
import { cliCommand } from './studioCommand.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 200 }

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

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-e2e-crash-'))
  venue = await startPractice(['--venue', 'binance', '--rate', '100'])
  const { node, cli } = cliCommand()
  const where = ['--data-dir', folder, '--run-id', 'killed', '--min-free-disk-gb', 'none', '--journal-segment-seconds', '5']
  capture = spawn(node, [cli, 'capture', '--practice', venue.url, '--venue', 'binance', ...where], { stdio: 'ignore' })
  killed = join(folder, 'runs', 'killed')
  const books = /ch=l2_snap_1s/
  await vi.waitFor(() => {
    const found = segments(killed).filter((path) => books.test(path))
    expect(found.filter(isFinished).length).toBeGreaterThan(0)
    expect(found.every(isFinished)).toBe(false)
  }, WAIT)
  const ended = new Promise((done) => capture!.once('exit', done))
  capture.kill('SIGKILL')
  await ended
  damaged = join(folder, 'runs', 'damaged')
  cpSync(killed, damaged, { recursive: true })
  const [segment] = segments(damaged).filter((path) => books.test(path) && isFinished(path))
  truncateSync(join(damaged, 'journal', segment!), 100)
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
  await studio.until((page) => page.session()?.mode === 'idle', 'the screen to be up')
}, 180_000)

afterAll(async () => {
  capture?.kill('SIGKILL')
  await desktop?.close()
  await venue?.stop()
  rmSync(folder, { recursive: true, force: true })
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
