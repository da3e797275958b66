import { createReadStream, createWriteStream, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import tar from 'tar-stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { RunWriter } from '../src/main/engine/importer/index.ts'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 50 }
/** About 700 MB: a slice of all of it takes seconds. */
const RECORDS = 3_000_000
const SHARDS = 16

let desktop: Desktop
let studio: StudioPage
let runsDir = ''
let runDir = ''

beforeAll(async () => {
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
  runsDir = join(desktop.folder, 'data', 'runs')
  runDir = join(desktop.folder, 'elsewhere', 'long-run')
  writeLongRun(runDir)
  await desktop.page.evaluate(`window.studio.call({ cmd: 'library_add', path: ${JSON.stringify(runDir)} })`)
}, 180_000)
afterAll(() => desktop?.close())

function writeLongRun(dir: string): void {
  const facts = { synthetic: true, venue: 'binance', source: 'Long run' } as const
  const run = new RunWriter({ dir, runId: 'long-run', t0WallNs: 1_700_000_000_000_000_000n, shards: SHARDS, facts })
  const text = JSON.stringify({ stream: 'btcusdt@depth', pad: 'x'.repeat(150) })
  for (let i = 0; i < RECORDS; i++) run.message(i % SHARDS, text, i * 1_000_000)
  run.close()
}

/** Presses at once: the work would not wait until everything on screen is still. */
async function press(testId: string): Promise<void> {
  await desktop.page.getByTestId(testId).click({ force: true })
}

/** Waits until the job tells how far it is, then presses Cancel. */
async function cancelOnceBegun(job: 'report' | 'slice'): Promise<void> {
  const progress = desktop.page.getByTestId(`job-${job}`)
  await vi.waitFor(async () => expect(Number(/(\d+) %/.exec((await progress.textContent()) ?? '')?.[1])).toBeGreaterThan(0), WAIT)
  await press(`job-${job}-cancel`)
  await vi.waitFor(async () => expect(await progress.count()).toBe(0), WAIT)
}

test('a report that takes long tells how far it is, and Cancel ends it in words', async () => {
  await desktop.page.locator(`.bundle:has([data-path="${runDir}"])`).getByTestId('bundle-report').click()
  await cancelOnceBegun('report')
  expect(await studio.text('report-failed')).toMatch(/cancelled/)
  await studio.click('report-close')
})

/** Packs every file of a folder, one after the other; unpacking what is compressed takes twice as long as it would else. */
async function writeTarGz(dir: string, archive: string): Promise<void> {
  const pack = tar.pack()
  const written = pipeline(pack, createGzip({ level: 1 }), createWriteStream(archive))
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const { size } = statSync(join(dir, name))
    if (!statSync(join(dir, name)).isFile()) continue
    await pipeline(createReadStream(join(dir, name)), pack.entry({ name: `${basename(dir)}/${name.replaceAll('\\', '/')}`, size }))
  }
  pack.finalize()
  await written
}

test('the unpacking of a large archive tells how far it is, and Cancel leaves nothing of it', async () => {
  const archive = join(desktop.folder, 'long run.tar.gz')
  await writeTarGz(runDir, archive)
  await desktop.page.getByTestId('open-file-input').setInputFiles(archive)
  const adding = desktop.page.getByTestId('adding')
  await vi.waitFor(async () => expect(await adding.textContent()).toMatch(/Unpacking long run\.tar\.gz… \d+ %/), WAIT)
  await press('adding-cancel')
  await vi.waitFor(async () => expect(await studio.text('notice')).toMatch(/long run\.tar\.gz was not added/), WAIT)
  await vi.waitFor(async () => expect(await adding.count()).toBe(0), WAIT)
  expect(existsSync(runsDir) ? readdirSync(runsDir) : []).toEqual([])
  await studio.click('notice-dismiss')
  rmSync(archive)
})

test('a slice that is cancelled leaves no bundle behind, and the next job can begin', async () => {
  await desktop.page.locator(`[data-path="${runDir}"]`).click()
  await studio.until((page) => page.session()?.mode === 'replay' && page.session()?.phase !== 'loading', 'the long run to open')
  await studio.dragTimeline(0.02, 0.98, true)
  await studio.click('make-slice')
  await cancelOnceBegun('slice')
  await vi.waitFor(async () => expect(await studio.text('notice')).toMatch(/The slice was not made: it was cancelled/), WAIT)
  expect(existsSync(runsDir) ? readdirSync(runsDir) : []).toEqual([])
  expect(await desktop.page.getByTestId('bundle-item').count()).toBe(2)
  await studio.dragTimeline(0.5, 0.51, true)
  await studio.click('make-slice')
  await vi.waitFor(() => expect(readdirSync(runsDir)).toHaveLength(1), WAIT)
})
