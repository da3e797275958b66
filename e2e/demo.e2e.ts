import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { StudioPage } from './studioPage.ts'

const SECOND = 1e9
const SETTLE_MS = 20_000

let desktop: Desktop
let studio: StudioPage
beforeAll(async () => {
  desktop = await launchDesktop(['--demo'])
  studio = new StudioPage(desktop.page)
  await studio.until((page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1, 'the demo to open')
})
afterAll(() => desktop?.close())

const playhead = (): Promise<number> => studio.read((page) => page.session()?.playheadRelNs ?? -1)
const box = async (testId: string): Promise<{ x: number; y: number; width: number; height: number }> => {
  const found = await desktop.page.getByTestId(testId).first().boundingBox()
  if (found === null) throw new Error(`${testId} is not on screen`)
  return found
}
const readout = (): Promise<string> => desktop.page.getByTestId('crosshair-readout').innerText()

/** What this gives once it gives the same so many times in a row. @param isWanted false for what it gave before */
async function settled(take: () => Promise<string>, times: number, isWanted = (_: string): boolean => true): Promise<string> {
  let last = await take()
  let same = 1
  for (const end = performance.now() + SETTLE_MS; same < times || !isWanted(last);) {
    if (performance.now() > end) throw new Error(`it did not settle; the last was ${last.slice(0, 100)}`)
    await desktop.page.waitForTimeout(100)
    const next = await take()
    same = next === last ? same + 1 : 1
    last = next
  }
  return last
}

/** What the crosshair says once it points at this share of the heatmap, which is not where it pointed before. */
async function pointAt(shareX: number, shareY: number): Promise<string> {
  const { x, y, width, height } = await box('heatmap')
  const before = await settled(readout, 3)
  await desktop.page.mouse.move(x + width * shareX - 1, y + height * shareY)
  await desktop.page.mouse.move(x + width * shareX, y + height * shareY)
  return settled(readout, 3, (text) => text !== '' && text !== before)
}

test('npm start: the demo plays by itself, as a replay, said to be synthetic, in the window’s title too', async () => {
  const { startRelNs } = (await studio.read((page) => page.session()))!
  await studio.until((page, start) => (page.session()?.playheadRelNs ?? 0) > start + 1e9, 'a second to be played', startRelNs)
  expect(await studio.text('mode-label')).toContain('REPLAY')
  expect(await studio.text('synthetic-badge')).toBe('synthetic')
  expect(await desktop.page.title()).toContain('REPLAY')
})

test('Space plays and pauses, Home and End go to either end', async () => {
  const { startRelNs, endRelNs } = (await studio.read((page) => page.session()))!
  if ((await studio.read((page) => page.session()?.phase)) === 'playing') await desktop.page.keyboard.press('Space')
  await studio.until((page) => page.session()?.phase === 'paused', 'the first pause')
  await desktop.page.keyboard.press('Home')
  await studio.until((page, start) => Math.abs((page.session()?.playheadRelNs ?? -1) - start) < 2, 'the start', startRelNs)
  await desktop.page.keyboard.press('Space')
  await studio.until((page, start) => (page.session()?.playheadRelNs ?? 0) > start + 1e9, 'a second to be played', startRelNs)
  await desktop.page.keyboard.press('Space')
  await studio.until((page) => page.session()?.phase === 'paused', 'the pause')
  await desktop.page.keyboard.press('End')
  await studio.until((page, end) => (page.session()?.playheadRelNs ?? 0) >= end, 'the end', endRelNs)
})

test('a drag on the timeline moves the playhead', async () => {
  const { startRelNs, endRelNs } = (await studio.read((page) => page.session()))!
  await studio.dragTimeline(0.2, 0.5, false)
  const middle = startRelNs + (endRelNs - startRelNs) * 0.5
  await studio.until((page, at) => Math.abs((page.session()?.playheadRelNs ?? 0) - at) < 20e9, 'the middle', middle)
  expect(Math.abs((await playhead()) - middle)).toBeLessThan(20 * SECOND)
})

test('the crosshair tells time, price and size; the wheel zooms time under it, a drag pans and lets go of the playhead', async () => {
  // The history comes in slices, and the view follows it until it is whole: a column a second, from the start to the playhead.
  const { startRelNs, playheadRelNs } = (await studio.read((page) => page.session()))!
  const seconds = Math.floor((playheadRelNs - startRelNs) / SECOND)
  await studio.until((page, whole) => page.columns().count >= whole, 'all the history', seconds - 2)
  const before = await pointAt(0.5, 0.5)
  expect(before).toMatch(/^\d\d:\d\d:\d\d · 6\d{4}\.\d\d · /)
  const left = await pointAt(0.25, 0.5)
  await pointAt(0.5, 0.5)
  for (let i = 0; i < 4; i++) await desktop.page.mouse.wheel(0, -240)
  const zoomed = await pointAt(0.25, 0.5)
  expect(zoomed.slice(0, 8) > left.slice(0, 8)).toBe(true)
  const follow = desktop.page.getByTestId('follow')
  const { x, y, width, height } = await box('heatmap')
  await desktop.page.mouse.move(x + width * 0.3, y + height * 0.5)
  await desktop.page.mouse.down()
  await desktop.page.mouse.move(x + width * 0.5, y + height * 0.6, { steps: 5 })
  await desktop.page.mouse.up()
  const panned = await pointAt(0.25, 0.5)
  expect(panned.slice(0, 8) < zoomed.slice(0, 8)).toBe(true)
  expect(await follow.getAttribute('aria-pressed')).toBe('false')
  await follow.click()
  expect(await follow.getAttribute('aria-pressed')).toBe('true')
})

test('palette, colour scale and trades change what is drawn', async () => {
  // Away from the heatmap, so that no crosshair is in the picture.
  await desktop.page.mouse.move(5, 5)
  const picture = async (): Promise<string> => {
    await desktop.page.waitForTimeout(400)
    const { x, y, width, height } = await box('heatmap')
    return (await desktop.page.screenshot({ clip: { x, y, width, height } })).toString('base64')
  }
  // The colour scale follows the view by itself; what is compared is what a control changes.
  const first = await settled(picture, 2)
  const palettes = await desktop.page.getByTestId('palette').locator('option').allInnerTexts()
  expect(palettes.length).toBeGreaterThan(1)
  await desktop.page.getByTestId('palette').selectOption({ index: 1 })
  const other = await settled(picture, 2, (shown) => shown !== first)
  await desktop.page.getByTestId('percentile').fill('90')
  const scaled = await settled(picture, 2, (shown) => shown !== other)
  await studio.click('toggle-trades')
  await settled(picture, 2, (shown) => shown !== scaled)
})

test('skipping idle time is a switch of the session', async () => {
  await studio.click('skip-idle')
  await studio.until((page) => page.session()?.skipIdle === true, 'idle time to be skipped')
  await studio.click('skip-idle')
  await studio.until((page) => page.session()?.skipIdle === false, 'idle time to be kept')
})
