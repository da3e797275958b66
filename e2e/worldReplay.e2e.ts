import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JumpKind } from '../src/shared/api/index.ts'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { pastNewYorkMidnight } from './newYorkMidnight.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { StudioPage } from './studioPage.ts'

/** An hour of weather in eight seconds: reports and forecasts come within a short recording. */
const VENUE = ['--venue', 'polymarket', '--markets', '6', '--rate', '300', '--seed', '4', '--weather', '--weather-speed', '450']
const FAULTS = ['--fault', 'drop@6s', '--fault', 'gap@8s:count=3']
const WEATHER = {
  world_stations: 'KLGA,KJFK',
  world_pws_stations: 'KLGA:KLGAP01,KLGA:KLGAP02,KLGA:KLGAP03,KLGA:KLGAP04',
  world_metar_interval_seconds: '0.5',
  world_pws_interval_seconds: '1',
  world_forecast_interval_seconds: '5',
  journal_segment_seconds: '5'
}
const REASON = 'hail seen from the window'

let venue: PracticeProcess
let desktop: Desktop
let studio: StudioPage
let runDir = ''

beforeAll(async () => {
  await pastNewYorkMidnight()
  process.env['TAPEDECK_PWS_KEY'] = '0123456789abcdef'
  venue = await startPractice([...VENUE, ...FAULTS])
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
}, 240_000)

afterAll(async () => {
  delete process.env['TAPEDECK_PWS_KEY']
  await desktop?.close()
  await venue?.stop()
})

const playhead = async (): Promise<number> => (await studio.read((page) => page.session()))!.playheadRelNs

/** Chooses a kind and presses next or previous. @returns where the playhead stands then */
async function jump(kind: JumpKind, button: 'jump-next' | 'jump-previous' = 'jump-next'): Promise<number> {
  const before = await playhead()
  await desktop.page.getByTestId('jump-kind').selectOption(kind)
  await studio.click(button)
  await studio.until(
    (page, at) => page.session()?.phase === 'paused' && page.session()?.playheadRelNs !== at,
    `the jump to a ${kind}`,
    before
  )
  return playhead()
}

async function home(): Promise<void> {
  await studio.click('home')
  await studio.until(
    (page) => page.session()?.phase === 'paused' && page.session()?.playheadRelNs === page.session()?.startRelNs,
    'the start'
  )
}

test('LIVE records weather beside the markets and marks it on the timeline', async () => {
  await desktop.page.evaluate(`window.studio.call({ cmd: 'settings_set', changes: ${JSON.stringify(WEATHER)} })`)
  await studio.goLiveAt(venue.url, 'polymarket', '')
  await studio.until(
    (page) => page.marks().metar.length >= 4 && page.marks().shocks.length >= 1 && page.marks().gaps.length >= 1,
    'what is to be found later'
  )
  await studio.click('mark-moment')
  await desktop.page.getByTestId('mark-reason').fill(REASON)
  await studio.click('mark-confirm')
  await studio.until((page) => page.marks().windows.some((window) => window.trigger === 'MANUAL'), 'the window of the user')
  const marks = await studio.read((page) => page.marks())
  expect(marks.windows.find((window) => window.trigger === 'MANUAL')?.reason).toBe(REASON)
  expect(marks.windows.find((window) => window.trigger === 'METAR')?.stationId).toMatch(/^K(LGA|JFK)$/)
  await studio.shot('world-live')
  runDir = await studio.stopLive()
})

/** Next METAR three times and back, next window, next shock, next gap: each where the timeline marks it. */
async function checkJumps(): Promise<void> {
  await home()
  const { metar, windows, shocks, gaps } = await studio.read((page) => page.marks())
  const begin = (await studio.read((page) => page.session()))!.startRelNs
  const later = metar.filter((at) => at > begin)
  for (const expected of later.slice(0, 3)) expect(await jump('metar')).toBe(expected)
  expect(await jump('metar', 'jump-previous')).toBe(later[1])
  await home()
  expect(await jump('window')).toBe(windows.find((window) => window.fromRelNs > begin)?.fromRelNs)
  await home()
  expect(await jump('shock')).toBe(shocks.find((at) => at > begin))
  await home()
  expect(await jump('gap')).toBe(gaps.find((at) => at > begin))
}

test('next METAR three times, next window, shock, gap and trade, and back', async () => {
  await desktop.page.locator(`[data-testid=bundle-item][data-path="${runDir}"]`).click()
  await studio.until(
    (page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1 && page.marks().metar.length >= 4,
    'the recording'
  )
  await checkJumps()
  expect(await jump('trade')).toBeGreaterThan((await studio.read((page) => page.marks())).gaps[0]!)
  await studio.click('end')
  await studio.until((page) => page.session()?.phase === 'finished', 'the end')
  await desktop.page.getByTestId('jump-kind').selectOption('metar')
  await studio.click('jump-next')
  await desktop.page.getByText('There is no weather report after this.').waitFor({ timeout: 30_000 })
})

test('on pause the inputs of the nowcast are those of the playhead, and lead to where they came from', async () => {
  await home()
  for (let i = 0; i < 3; i++) await jump('metar')
  await studio.click('tab-world')
  const at = await playhead()
  await desktop.page.locator(`[data-testid=known-at][data-rel="${at}"]`).waitFor({ timeout: 60_000 })
  expect(await studio.text('nowcast')).toContain('baseline model')
  expect(await studio.text('correlation-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  expect(await studio.text('metar-raw')).toMatch(/^(METAR|SPECI) K(LGA|JFK) \d{6}Z/)
  expect(await studio.attribute('metar-source', 'data-source')).toMatch(/^(t_group|body)$/)
  expect(Number(await studio.attribute('windows-here', 'data-count'))).toBeGreaterThan(0)
  expect(Number(await studio.attribute('features', 'data-count'))).toBeGreaterThan(5)
  await studio.shot('world-inputs')
  const features = desktop.page.locator('[data-testid=nowcast-input][data-name=FEATURES]')
  const moment = Number(await features.getAttribute('data-rel'))
  expect(moment).toBeLessThanOrEqual(at)
  await features.click({ timeout: 30_000 })
  await studio.until(
    (page, to) => page.session()?.phase === 'paused' && page.session()?.playheadRelNs === to,
    'the moment of the features',
    moment
  )
  await desktop.page.locator(`[data-testid=known-at][data-rel="${moment}"]`).waitFor({ timeout: 60_000 })
  expect(await features.textContent()).toContain('0 s')
})

test('the fingerprint at the playhead is the same after going away and back', async () => {
  const at = await playhead()
  const take = async (): Promise<string> => {
    await studio.click('ask-fingerprint')
    await desktop.page.locator(`[data-testid=playhead-fingerprint][data-rel="${at}"]`).waitFor({ timeout: 60_000 })
    return studio.attribute('playhead-fingerprint', 'data-sha256')
  }
  await studio.click('tab-run')
  const first = await take()
  await home()
  await studio.seek(at)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(await take()).toBe(first)
})

/** Two rounds of a loop end with the same book and the same sum of all events. */
async function checkLoop(): Promise<void> {
  await studio.dragTimeline(0.4, 0.5, true)
  const range = (await studio.range())!
  await studio.click('speed-5')
  await studio.click('loop-range')
  /** The book and the sum of all events at the end of the loop, after so many rounds. */
  const afterRounds = async (rounds: number): Promise<{ ladder: string; sha256: string }> => {
    await studio.until((page, n) => (page.session()?.loop?.rounds ?? 0) >= n, `round ${rounds}`, rounds)
    await studio.click('play')
    await studio.until((page) => page.session()?.phase === 'paused', 'the pause')
    await studio.seek(range.to)
    await studio.click('ask-fingerprint')
    await desktop.page.locator(`[data-testid=playhead-fingerprint][data-rel="${Math.round(range.to)}"]`).waitFor({ timeout: 60_000 })
    return { ladder: await studio.settledLadder(), sha256: await studio.attribute('playhead-fingerprint', 'data-sha256') }
  }
  const first = await afterRounds(1)
  const played = (await studio.read((page) => page.session()))!.loop!.rounds
  await studio.seek(range.from)
  await studio.click('play')
  const second = await afterRounds(played + 1)
  expect(second).toEqual(first)
  expect(first.ladder).toContain('bid')
  await studio.shot('world-loop')
  await studio.click('loop-end')
  await studio.until((page) => page.session()?.loop === undefined, 'the end of the loop')
}

test('a loop from A to B plays the same each round', checkLoop)

test('the day is chosen, and from Parquet it has the same places, the same loop and the same inputs', async () => {
  const marks = await studio.read((page) => page.marks())
  await desktop.page.locator(`.bundle:has([data-path="${runDir}"])`).hover()
  await studio.click('bundle-compact')
  await desktop.page.locator('[data-testid=journal-badge][data-state=proved]').waitFor({ timeout: 60_000 })
  await studio.click('day-item')
  await studio.until(
    (page) => page.session()?.day !== undefined && page.session()?.indexed === 1 && page.marks().metar.length >= 4,
    'the day to open'
  )
  const ofDay = await studio.read((page) => page.marks())
  expect(ofDay.metar.length).toBe(marks.metar.length)
  expect(ofDay.windows.length).toBe(marks.windows.length)
  await checkJumps()
  await checkLoop()
  await home()
  for (let i = 0; i < 3; i++) await jump('metar')
  await studio.click('tab-world')
  await desktop.page.locator(`[data-testid=known-at][data-rel="${await playhead()}"]`).waitFor({ timeout: 60_000 })
  expect(await studio.text('nowcast')).toContain('baseline model')
  expect(await studio.text('correlation-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  expect(await studio.text('metar-raw')).toMatch(/^(METAR|SPECI) K(LGA|JFK) \d{6}Z/)
  await studio.shot('world-day')
})
