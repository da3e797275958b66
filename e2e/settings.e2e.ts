import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 100 }
const VARIABLE = 'PM_DATA_REST_TIMEOUT'

let venue: PracticeProcess
let desktop: Desktop
let studio: StudioPage

beforeAll(async () => {
  venue = await startPractice(['--markets', '5', '--rate', '200'])
  process.env[VARIABLE] = '20'
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
  await studio.until((page) => page.session()?.mode === 'idle', 'the screen to be up')
}, 120_000)

afterAll(async () => {
  delete process.env[VARIABLE]
  await desktop?.close()
  await venue?.stop()
})

const row = (name: string): Locator => desktop.page.locator(`[data-testid=setting][data-name=${name}]`)
const field = (name: string): Locator => row(name).getByTestId('setting-input')

async function type(name: string, text: string): Promise<void> {
  await field(name).fill(text)
  await field(name).press('Enter')
}

async function settles(name: string, origin: string, text: string): Promise<void> {
  await vi.waitFor(async () => {
    expect(await row(name).getAttribute('data-origin')).toBe(origin)
    expect(await field(name).inputValue()).toBe(text)
  }, WAIT)
}

test('a key opens the settings: all of them, with help, default and allowed range', async () => {
  await desktop.page.keyboard.press(',')
  await vi.waitFor(async () => expect(await row('ws_shards').count()).toBe(1), WAIT)
  expect(await desktop.page.getByTestId('setting').count()).toBeGreaterThanOrEqual(60)
  expect(await row('ws_shards').textContent()).toMatch(/Connections.*Default none · allowed: 1 to 64, or none/)
  expect(await row('venue').textContent()).toMatch(/Chosen in the Go LIVE form/)
  await studio.shot('settings')
})

test('the menu opens them too', async () => {
  await desktop.page.keyboard.press('Escape')
  await vi.waitFor(async () => expect(await desktop.page.getByTestId('settings').count()).toBe(0), WAIT)
  await desktop.app.evaluate(({ Menu }) => {
    const entries = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? []
    entries.find((entry) => entry.label.startsWith('Capture Settings'))?.click()
  })
  await vi.waitFor(async () => expect(await row('ws_shards').count()).toBe(1), WAIT)
})

test('what the environment says wins, and is shown with the name of its variable', async () => {
  await settles('rest_timeout', 'environment', '20')
  expect(await field('rest_timeout').isDisabled()).toBe(true)
  expect(await row('rest_timeout').textContent()).toContain(VARIABLE)
})

test('a value out of range is refused in the words of the command line, and Escape takes it back', async () => {
  await type('ws_shards', '65')
  await vi.waitFor(async () => {
    const said = await row('ws_shards').getByTestId('setting-problem').textContent()
    expect(said).toBe('Setting ws_shards is 65, but at most 64 is allowed (1 to 64, or none).')
  }, WAIT)
  await field('ws_shards').press('Escape')
  await settles('ws_shards', 'default', 'none')
  expect(await row('ws_shards').getByTestId('setting-problem').count()).toBe(0)
})

test('a search finds settings by their help; a reset, and the reset of all, can be undone', async () => {
  await desktop.page.getByTestId('settings-search').fill('acknowledged bytes')
  await vi.waitFor(async () => expect(await desktop.page.getByTestId('setting').count()).toBe(1), WAIT)
  await type('capture_fsync_interval_seconds', '0.25')
  await settles('capture_fsync_interval_seconds', 'chosen', '0.25')
  await desktop.page.getByTestId('settings-search').fill('')
  await type('ws_shards', '3')
  await settles('ws_shards', 'chosen', '3')
  await field('capture_gc_disable').click()
  await vi.waitFor(async () => expect(await row('capture_gc_disable').getAttribute('data-origin')).toBe('chosen'), WAIT)
  await row('capture_gc_disable').getByTestId('setting-reset').click()
  await vi.waitFor(async () => expect(await row('capture_gc_disable').getAttribute('data-origin')).toBe('default'), WAIT)
  await studio.click('settings-reset-all')
  await settles('ws_shards', 'default', 'none')
  await studio.click('settings-undo')
  await settles('ws_shards', 'chosen', '3')
  await settles('capture_fsync_interval_seconds', 'chosen', '0.25')
  await studio.shot('settings-changed')
})

test('the next LIVE starts with them: its manifest says so', async () => {
  await desktop.page.keyboard.press('Escape')
  await vi.waitFor(async () => expect(await desktop.page.getByTestId('settings').count()).toBe(0), WAIT)
  // Two chosen here, one of this test's environment, and one of launchDesktop's.
  expect(await studio.text('live-settings')).toContain('4 changed')
  await studio.goLiveAt(venue.url, 'polymarket', '')
  const runDir = await studio.stopLive()
  const manifest = JSON.parse(readFileSync(join(runDir, 'manifest.json'), 'utf8')) as Record<string, Record<string, unknown>>
  expect(manifest['config']).toMatchObject({ ws_shards: 3, capture_fsync_interval_seconds: 0.25, rest_timeout: 20 })
  expect(manifest['shards']).toMatchObject({ count: 3 })
  const kept = JSON.parse(readFileSync(join(desktop.folder, 'data', 'settings.json'), 'utf8')) as unknown
  expect(kept).toMatchObject({ capture: { ws_shards: 3, capture_fsync_interval_seconds: 0.25 } })
})
