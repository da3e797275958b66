import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { removeFolder } from './removeFolder.ts'
import { startStudio, type StudioCommand } from './studioCommand.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 100 }

let folder = ''
let command: StudioCommand
let browser: Browser
let studio: StudioPage

beforeAll(async () => {
  const executablePath = process.env['TAPEDECK_CHROMIUM']
  if (executablePath === undefined) throw new Error('TAPEDECK_CHROMIUM is not set: run these tests with "node build/test.mjs e2eWeb"')
  const args = (process.env['TAPEDECK_CHROMIUM_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-web-'))
  command = await startStudio(join(folder, 'data'))
  browser = await chromium.launch({ executablePath, args, headless: true })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(command.url)
  studio = new StudioPage(page)
  await studio.until((screen) => screen.session()?.mode === 'idle', 'the screen to be up')
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await command?.stop()
  removeFolder(folder)
})

test('in a browser the report of a bundle opens as a page, with its gates, its parts and its JSON', async () => {
  const path = await studio.attribute('bundle-item', 'data-path')
  await studio.openReport(path)
  expect(await studio.gates('report-gates')).toMatchObject({ 'Every byte as written': 'pass', 'No fatal end': 'pass' })
  for (const part of ['verify', 'audit', 'latency', 'inspection']) expect(await studio.text(`report-${part}`)).not.toBe('')
  await studio.shot('report-web')
  await studio.click('report-show-json')
  const report = JSON.parse(await studio.page.getByTestId('report-json').inputValue()) as Record<string, unknown>
  expect(report).toMatchObject({ path })
  await studio.page.keyboard.press('Escape')
  await vi.waitFor(async () => expect(await studio.page.getByTestId('report').count()).toBe(0), WAIT)
})

test('in a browser the settings can be changed, and a second page sees the change', async () => {
  const other = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await other.goto(command.url)
  await studio.page.keyboard.press(',')
  const field = studio.page.locator('[data-testid=setting][data-name=ws_shards]').getByTestId('setting-input')
  await field.fill('4')
  await field.press('Enter')
  await vi.waitFor(async () => expect(await other.getByTestId('live-settings').textContent()).toContain('1 changed'), WAIT)
  await other.close()
})
