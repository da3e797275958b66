import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { StudioPage } from './studioPage.ts'

let desktop: Desktop
let studio: StudioPage
beforeAll(async () => {
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
})
afterAll(() => desktop?.close())

test('a number that cannot be is refused in words and changes nothing', async () => {
  await studio.click('storage-open')
  const days = desktop.page.getByTestId('storage-journalDays')
  await days.waitFor()
  await days.fill('0')
  await desktop.page.keyboard.press('Enter')
  expect(await studio.text('storage-problem')).toContain('expected 1 to 36500 days, found “0”')
  expect(await days.inputValue()).toBe('14')
})

test('a recording that ends is compacted and proved by itself when that is chosen', async () => {
  await desktop.page.getByTestId('storage-when').selectOption('after_recording')
  await studio.click('storage-close')
  await studio.click('live-start')
  await studio.until((page) => page.session()?.phase === 'recording' && (page.session()?.counts.l2_snap_1s ?? 0) > 0, 'a second of books')
  await studio.stopLive()
  await desktop.page.locator('[data-testid=journal-badge][data-state=proved]').waitFor({ timeout: 60_000 })
})

test('what may be deleted is listed with its reason before anything is; nothing of a young recording goes', async () => {
  await studio.click('storage-open')
  await studio.click('storage-look')
  const groups = await studio.text('storage-groups')
  expect(groups).toContain('Journals, kept')
  expect(groups).toContain('not old enough')
  expect(await studio.attribute('storage-sum', 'data-bytes')).toBe('0')
  expect(await desktop.page.getByTestId('storage-delete').count()).toBe(0)
  await studio.shot('storage')
})

test('while the page is open no key reaches what is behind it, and Escape closes it', async () => {
  await desktop.page.keyboard.press('?')
  expect(await desktop.page.getByTestId('help').count()).toBe(0)
  await desktop.page.keyboard.press('Escape')
  await desktop.page.getByTestId('storage').waitFor({ state: 'detached' })
  await desktop.page.keyboard.press('?')
  await desktop.page.getByTestId('help').waitFor()
  await desktop.page.keyboard.press('?')
  await desktop.page.getByTestId('help').waitFor({ state: 'detached' })
})
