import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeFolder } from './removeFolder.ts'
import { startStudio, type StudioCommand } from './studioCommand.ts'
import { StudioPage } from './studioPage.ts'

let folder = ''
let command: StudioCommand
let browser: Browser

beforeAll(async () => {
  const executablePath = process.env['TAPEDECK_CHROMIUM']
  if (executablePath === undefined) throw new Error('TAPEDECK_CHROMIUM is not set: run these tests with "node build/test.mjs e2eWeb"')
  const args = (process.env['TAPEDECK_CHROMIUM_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-web-'))
  // As `npm start` does where there is no display.
  command = await startStudio(join(folder, 'data'), ['--demo'])
  browser = await chromium.launch({ executablePath, args, headless: true })
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await command?.stop()
  removeFolder(folder)
})

test('npm start without a display: the demo plays in a browser, and its book and heatmap move', async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(command.url)
  const studio = new StudioPage(page)
  await studio.until((screen) => screen.session()?.mode === 'replay' && screen.session()?.indexed === 1, 'the demo to open')
  await studio.until((screen) => screen.columns().count > 3 && screen.ladderText() !== '', 'the first seconds')
  const { playheadRelNs } = (await studio.read((screen) => screen.session()))!
  const book = await studio.ladder()
  await studio.until((screen, before) => (screen.session()?.playheadRelNs ?? 0) > before + 2e9, 'two more seconds', playheadRelNs)
  expect(await studio.ladder()).not.toBe(book)
  expect(await studio.text('synthetic-badge')).toBe('synthetic')
  await studio.shot('demo-web')
})
