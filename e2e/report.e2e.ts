import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { StudioPage } from './studioPage.ts'

const WAIT = { timeout: 60_000, interval: 200 }

let venue: PracticeProcess
let desktop: Desktop
let studio: StudioPage
let runDir = ''

beforeAll(async () => {
  venue = await startPractice(['--markets', '5', '--rate', '200'])
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
}, 120_000)

afterAll(async () => {
  await desktop?.close()
  await venue?.stop()
})

test('while LIVE records, the Run tab judges the gates by the heartbeats', async () => {
  await studio.goLiveAt(venue.url, 'polymarket', '')
  await studio.click('tab-run')
  // How long the machine stood still is not judged here; that it is told is.
  await vi.waitFor(async () => expect((await studio.gates('live-gates'))['Heartbeats without a gap']).toMatch(/^(pass|fail)$/), WAIT)
  const gates = await studio.gates('live-gates')
  expect(gates).toMatchObject({ 'Reconnects while it ran': 'pass', 'Connections not confirmed': 'pass' })
  expect(gates).toHaveProperty('Loop lag, longest')
  expect(await studio.text('live-gates')).toMatch(/✓ pass/)
  expect(await studio.attribute('run-report', 'aria-disabled')).toBe('true')
  expect(await studio.attribute('select-range', 'title')).toMatch(/stop LIVE/)
  await studio.shot('live-gates')
  runDir = await studio.stopLive()
})

test('the report of a recording opens as a page with its gates and every part', async () => {
  await studio.openReport(runDir)
  const gates = await studio.gates('report-gates')
  expect(gates).toMatchObject({ 'Every byte as written': 'pass', 'No fatal end': 'pass' })
  expect(gates['Heartbeats without a gap']).toMatch(/^(pass|fail)$/)
  expect(Object.keys(gates).length).toBeGreaterThanOrEqual(10)
  for (const part of ['verify', 'audit', 'latency', 'inspection']) expect(await studio.text(`report-${part}`)).not.toBe('')
  expect(await desktop.page.getByTestId('stats-table').count()).toBeGreaterThan(0)
  expect(await desktop.page.getByTestId('histogram').count()).toBeGreaterThan(0)
  await studio.shot('report')
})

test('the report is there as JSON, with the keys of the command line', async () => {
  await studio.click('report-show-json')
  const report = JSON.parse(await desktop.page.getByTestId('report-json').inputValue()) as Record<string, Record<string, unknown>>
  expect(report['path']).toBe(runDir)
  expect(report['audit']).toHaveProperty('latency_gates')
  expect(report['latency']).toHaveProperty('histograms_ms')
})

test('Escape closes the page, and nothing else', async () => {
  await desktop.page.keyboard.press('Escape')
  await vi.waitFor(async () => expect(await desktop.page.getByTestId('report').count()).toBe(0), WAIT)
  await studio.openReport(runDir)
  await studio.click('report-close')
  expect(await desktop.page.getByTestId('report').count()).toBe(0)
})
