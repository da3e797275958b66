import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { StudioPage } from './studioPage.ts'

/** How much is recorded before somebody looks back two minutes. */
const RECORDED_NS = 125e9
const REWIND_NS = 120e9

let venue: PracticeProcess
let desktop: Desktop
let studio: StudioPage

beforeAll(async () => {
  venue = await startPractice(['--venue', 'binance', '--markets', '4', '--rate', '200', '--seed', '9'])
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
}, 120_000)

afterAll(async () => {
  await desktop?.close()
  await venue?.stop()
})

const session = async () => (await studio.read((page) => page.session()))!
const proof = async () => ({
  equal: await studio.attribute('join-proof', 'data-equal'),
  events: Number(await studio.attribute('join-proof', 'data-events')),
  /** From when to when, and both hashes. */
  compared: await desktop.page.locator('section:has([data-testid=join-proof]) dl').innerText()
})

test('LIVE is paused while the recording goes on, and says so everywhere', async () => {
  await studio.goLiveAt(venue.url, 'binance', '')
  for (const share of [0.33, 0.66, 1])
    await studio.until(
      (page, ns) => (page.session()?.endRelNs ?? 0) > ns && page.trades().length > 0,
      'something to look back at',
      RECORDED_NS * share
    )
  await studio.click('play')
  await studio.until((page) => page.session()?.phase === 'paused' && page.session()?.dvr !== undefined, 'the pause')
  const paused = await session()
  expect(await studio.text('past-banner')).toMatch(/Looking back: .* behind\s+LIVE/)
  expect(await studio.text('mode-label')).toContain('LOOKING BACK')
  expect(await studio.attribute('app', 'data-past')).toBe('true')
  expect(await desktop.page.title()).toContain('LOOKING BACK')
  await studio.until((page, head) => (page.session()?.dvr?.headRelNs ?? 0) > head + 1e9, 'the recording to go on', paused.dvr!.headRelNs)
  expect((await session()).playheadRelNs).toBe(paused.playheadRelNs)
})

test('rewinding two minutes and stepping move in the past', async () => {
  const before = (await session()).playheadRelNs
  for (let back = 10e9; back <= REWIND_NS; back += 10e9) {
    await desktop.page.keyboard.press('Shift+ArrowLeft')
    await studio.until((page, at) => Math.abs((page.session()?.playheadRelNs ?? 0) - at) < 2, 'ten seconds back', before - back)
  }
  await studio.click('step-second-back')
  await studio.until((page, at) => Math.abs((page.session()?.playheadRelNs ?? 0) - at) < 2, 'one second back', before - REWIND_NS - 1e9)
  const from = (await session()).playheadRelNs
  await studio.click('step-event')
  await studio.until((page, at) => (page.session()?.playheadRelNs ?? 0) > at, 'one event on', from)
  expect((await session()).dvr!.behindNs).toBeGreaterThan(REWIND_NS)
  expect(await studio.settledLadder()).toMatch(/bid [\s\S]*ask /)
  await studio.shot('dvr-past')
})

test('played at 10x it comes to the head, joins it, and shows the proof', async () => {
  await studio.click('speed-10')
  await studio.click('play')
  await studio.until((page) => page.session()?.mode === 'live' && page.session()?.dvr === undefined, 'the head')
  await desktop.page.locator('.notice', { hasText: /Rejoined: .* events compared, all equal/ }).waitFor({ timeout: 30_000 })
  await studio.click('tab-run')
  const found = await proof()
  expect(found.equal).toBe('true')
  expect(found.events).toBeGreaterThan(0)
  expect(found.compared).toMatch(/[0-9a-f]{64}/)
  expect(await studio.attribute('app', 'data-past')).toBe('false')
  expect(await desktop.page.title()).toMatch(/^LIVE/)
  const newest = await studio.read((page) => page.columns().newest)
  await studio.until((page, second) => page.columns().newest >= second + 2, 'LIVE to move on', newest)
  await studio.shot('dvr-rejoined')
})

test('Back to LIVE joins from wherever one looked, with a proof of its own', async () => {
  const before = await proof()
  await desktop.page.keyboard.press('Home')
  await studio.until(
    (page) => page.session()?.dvr !== undefined && page.session()?.playheadRelNs === page.session()?.startRelNs,
    'the start'
  )
  await studio.click('back-to-live')
  await studio.until((page) => page.session()?.dvr === undefined && page.session()?.phase === 'recording', 'the head')
  await expect.poll(async () => (await proof()).compared, { timeout: 30_000 }).not.toBe(before.compared)
  expect((await proof()).equal).toBe('true')
})

test('a moment is marked, and the recording replays to the fingerprint that it had live', async () => {
  await desktop.page.keyboard.press('k')
  await desktop.page.getByTestId('mark-reason').fill('back at the head')
  await studio.click('mark-confirm')
  await studio.until((page) => page.marks().windows.some((window) => window.reason === 'back at the head'), 'the mark')
  await studio.stopLive()
  await studio.click('mode-replay')
  await studio.until((page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1, 'the bundle')
  const { fingerprint, recordedFingerprint } = await session()
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(fingerprint).toBe(recordedFingerprint)
})
