import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 200 }

let venue: PracticeProcess
let desktop: Desktop
let studio: StudioPage

beforeAll(async () => {
  venue = await startPractice(['--markets', '5', '--rate', '300'])
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
  await studio.goLiveAt(venue.url, 'polymarket', '')
  await studio.until((page) => page.columns().count >= 6, 'some seconds to be recorded')
  await studio.stopLive()
  await studio.click('mode-replay')
  await studio.until((page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1, 'the bundle to open')
  await studio.click('tab-strategy')
}, 180_000)

afterAll(async () => {
  await desktop?.close()
  await venue?.stop()
})

/** Runs the form as it is. @returns the hash of the result */
async function run(): Promise<string> {
  if ((await desktop.page.getByTestId('strategy-clear').count()) > 0) await studio.click('strategy-clear')
  await studio.click('strategy-run')
  const hash = await studio.attribute('strategy-result', 'data-hash')
  expect(await studio.attribute('strategy-result', 'data-ok')).toBe('true')
  return hash
}

test('toy_taker runs over the open bundle: fills, PnL, and how far it can be trusted', async () => {
  await desktop.page.getByTestId('strategy-events').selectOption('change')
  const hash = await run()
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(Number((await studio.text('result-fills')).replaceAll('\u2009', ''))).toBeGreaterThan(0)
  expect(await studio.text('untrusted-share')).toMatch(/% untrusted/)
  expect(await studio.text('pnl-total')).toMatch(/^[+−]?\d+\.(\d{4}|\d\d)$/)
  await studio.shot('strategy-result')
  expect(await run()).toBe(hash)
})

test('a press on a fill goes to its instant, and the series is drawn until it is switched off', async () => {
  const relNs = Number(await studio.attribute('fill-row', 'data-rel'))
  await studio.click('fill-row')
  await studio.until((page, at) => Math.abs(page.playheadRelNs() - at) < 2, 'the seek to the fill', relNs)
  expect(await studio.attribute('toggle-pnl', 'aria-pressed')).toBe('true')
  await studio.click('toggle-pnl')
  expect(await studio.attribute('toggle-pnl', 'aria-pressed')).toBe('false')
})

test('other parameters give another result, wrong ones are refused in words', async () => {
  const hash = await studio.attribute('strategy-result', 'data-hash')
  await studio.click('strategy-fold')
  const size = desktop.page.locator('[data-testid=param-value][data-name=size_e6]')
  await size.fill('two')
  expect(await studio.text('strategy-hint')).toMatch(/size_e6 must be a number/)
  expect(await studio.attribute('strategy-run', 'aria-disabled')).toBe('true')
  await size.fill('2000000')
  expect(await run()).not.toBe(hash)
})

test('a strategy that throws ends with its file and line, and the app goes on', async () => {
  const file = join(desktop.folder, 'broken.ts')
  writeFileSync(file, "export default {\n  onTopOfBook(): undefined {\n    throw new Error('I never meant this')\n  }\n}\n")
  await desktop.page.getByTestId('strategy-name').selectOption('file')
  await desktop.page.getByTestId('strategy-file').fill(file)
  await studio.click('strategy-run')
  await vi.waitFor(async () => expect(await studio.text('strategy-problem')).toMatch(/broken\.ts/), WAIT)
  expect(await studio.text('strategy-problem')).toMatch(/I never meant this/)
  expect((await studio.read((page) => page.session()))?.mode).toBe('replay')
})
