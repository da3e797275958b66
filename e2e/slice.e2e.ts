import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 100 }
const SECOND = 1e9

let desktop: Desktop
let studio: StudioPage

beforeAll(async () => {
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
  await studio.openDemo()
}, 120_000)
afterAll(() => desktop?.close())

test('Shift and a drag mark a range and leave the playhead; Escape clears it', async () => {
  const before = await studio.read((page) => page.playheadRelNs())
  await studio.dragTimeline(0.2, 0.3, true)
  const range = await studio.range()
  expect((range?.to ?? 0) - (range?.from ?? 0)).toBeGreaterThan(55 * SECOND)
  expect((range?.to ?? 0) - (range?.from ?? 0)).toBeLessThan(65 * SECOND)
  expect(await studio.text('selection-text')).toMatch(/^\d\d:\d\d:\d\d – \d\d:\d\d:\d\d UTC · (01:0|00:5)\d$/)
  expect(await studio.read((page) => page.playheadRelNs())).toBe(before)
  await studio.shot('slice-range')
  await desktop.page.keyboard.press('Escape')
  await vi.waitFor(async () => expect(await studio.range()).toBeUndefined(), WAIT)
})

test('with Select pressed a plain drag marks a range, and it plays from its start', async () => {
  await studio.click('select-range')
  await studio.dragTimeline(0.5, 0.4, false)
  const range = await studio.range()
  await studio.click('play-range')
  await studio.until(
    (page, from) => page.session()?.phase === 'playing' && page.playheadRelNs() >= from,
    'the range to play',
    range?.from ?? 0
  )
  expect(await studio.read((page) => page.playheadRelNs())).toBeLessThan((range?.from ?? 0) + 30 * SECOND)
  await studio.click('play')
  await studio.until((page) => page.session()?.phase === 'paused', 'the pause')
})

test('the range becomes a bundle of its own, which opens from the notice', async () => {
  const range = await studio.range()
  await studio.click('make-slice')
  await studio.click('notice-action')
  await studio.until((page) => page.session()?.path.includes('-slice-') === true && page.session()?.indexed === 1, 'the slice to open')
  const state = await studio.read((page) => page.session())
  expect((state?.endRelNs ?? 0) - (state?.startRelNs ?? 0)).toBeLessThanOrEqual((range?.to ?? 0) - (range?.from ?? 0))
  expect((state?.endRelNs ?? 0) - (state?.startRelNs ?? 0)).toBeGreaterThan(50 * SECOND)
  expect(await studio.range()).toBeUndefined()
  await studio.shot('slice-open')
})
