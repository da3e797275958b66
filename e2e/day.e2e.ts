import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { pastNewYorkMidnight } from './newYorkMidnight.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 100 }
const SETTINGS = {
  world_stations: 'KLGA',
  world_metar_interval_seconds: '0.5',
  world_forecast_interval_seconds: '1',
  journal_segment_seconds: '5'
}

let venue: PracticeProcess
let desktop: Desktop
let studio: StudioPage
let runDir = ''

beforeAll(async () => {
  await pastNewYorkMidnight()
  venue = await startPractice(['--markets', '4', '--rate', '200', '--weather', '--weather-speed', '450'])
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
  await studio.until((page) => page.session()?.mode === 'idle', 'the screen to be up')
  await desktop.page.evaluate(`window.studio.call({ cmd: 'settings_set', changes: ${JSON.stringify(SETTINGS)} })`)
}, 240_000)

afterAll(async () => {
  await desktop?.close()
  await venue?.stop()
})

const state = async () => (await studio.read((page) => page.session()))!

test('a run with weather is recorded with a journal', async () => {
  await studio.goLiveAt(venue.url, 'polymarket', '')
  await studio.until((page) => (page.session()?.counts.metar_obs ?? 0) > 0 && page.columns().count >= 8, 'weather and columns')
  await desktop.page.evaluate(`window.studio.call({ cmd: 'window_open', reason: 'to be seen again' })`)
  await studio.until((page) => (page.session()?.counts.event_window ?? 0) > 0, 'the window')
  await studio.until((page) => page.columns().count >= 14, 'some seconds inside the window')
  runDir = await studio.stopLive()
  expect(runDir).not.toBe('')
})

test('its day is in the library, from the journal at first', async () => {
  await desktop.page.getByTestId('day-item').first().waitFor(WAIT)
  await vi.waitFor(async () => expect(await studio.attribute('journal-badge', 'data-state')).toBe('not_proved'), WAIT)
})

test('its journal is compacted and proved from the library, and the counts are shown', async () => {
  await desktop.page.locator(`.bundle:has([data-path="${runDir}"])`).hover()
  await studio.click('bundle-compact')
  await desktop.page
    .getByText(/events of .* are proved in Parquet/)
    .first()
    .waitFor(WAIT)
  await vi.waitFor(async () => expect(await studio.attribute('journal-badge', 'data-state')).toBe('proved'), WAIT)
  expect(await desktop.page.getByTestId('bundle-compact').count()).toBe(0)
  expect(await studio.text('day-item')).toContain('proved')
})

test('the day replays from Parquet, says what is not there, and ends with the recorded fingerprint', async () => {
  await studio.click('day-item')
  await studio.until((page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1, 'the day to open')
  const opened = await state()
  expect(opened.name).toMatch(/^Recorded day \d{4}-\d\d-\d\d, from Parquet$/)
  expect(opened.day?.missing.join(' ')).toContain('inside event windows only')
  expect(await studio.text('day-facts')).toContain('inside event windows only')
  await studio.click('speed-max')
  await studio.click('play')
  await studio.until((page) => page.session()?.phase === 'finished', 'the end')
  const played = await state()
  const recorded = (await desktop.page.evaluate(
    `window.studio.call({ cmd: 'days_list' }).then((reply) => reply.value.days[0].counts)`
  )) as Record<string, number>
  expect(played.counts).toEqual(recorded)
  expect(played.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(played.fingerprint).toBe(played.recordedFingerprint)
  expect(played.synthetic).toBe(true)
  await studio.until((page) => page.columns().count >= 10, 'columns')
  await studio.shot('day-finished')
})

test('seeks, jumps and inputs work on the day as on a bundle', async () => {
  const { startRelNs, endRelNs } = await state()
  await studio.seek(startRelNs + (endRelNs - startRelNs) * 0.8)
  expect(await studio.settledLadder()).toMatch(/bid [\s\S]*ask /)
  await studio.seek(startRelNs)
  const jump = (kind: string): Promise<{ ok: boolean; value: { moved: boolean } }> =>
    desktop.page.evaluate(`window.studio.call({ cmd: 'replay_jump', kind: '${kind}', direction: 1 })`)
  for (const kind of ['metar', 'window']) expect((await jump(kind)).value.moved).toBe(true)
  const inputs = (await desktop.page.evaluate(`window.studio.call({ cmd: 'replay_inputs' })`)) as {
    value: { stations: { stationId: string; observations: unknown[] }[] }
  }
  expect(inputs.value.stations.map(({ stationId }) => stationId)).toContain('KLGA')
  expect(inputs.value.stations[0]!.observations.length).toBeGreaterThan(0)
  await studio.seek(startRelNs + (endRelNs - startRelNs) * 0.9)
  await studio.until((page) => page.columns().count >= 8, 'the history')
  await studio.shot('day-sought')
})
