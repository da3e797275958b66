import { afterAll, beforeAll, expect, test } from 'vitest'
import { playRun, replayReport } from '../src/main/engine/index.ts'
import { realDataPath } from '../src/main/engine/testing/realData.ts'
import { launchDesktop, type Desktop } from './launchDesktop.ts'
import { startPractice, type PracticeProcess } from './practiceCommand.ts'
import { StudioPage } from './studioPage.ts'

const files = ['binance/btcusdt_20240808.gz', 'binance/btcusdt_20240809.gz'].map((name) => realDataPath(name))
const paths = files.filter((path) => path !== undefined)
const skip = paths.length < files.length

let venue: PracticeProcess
let desktop: Desktop
let studio: StudioPage
let runDir = ''

beforeAll(async () => {
  if (skip) return
  venue = await startPractice(['--source', 'recorded', '--files', ...paths, '--speed', '10'])
  desktop = await launchDesktop()
  studio = new StudioPage(desktop.page)
}, 120_000)

afterAll(async () => {
  await desktop?.close()
  await venue?.stop()
})

test.skipIf(skip)('LIVE on the real session shows a moving heatmap and trades', async () => {
  await studio.goLiveAt(venue.url, 'binance', 'BTCUSDT')
  await studio.until((page) => page.columns().count >= 4 && page.trades().length >= 20, 'columns and trades')
  expect(await desktop.page.title()).toContain('LIVE')
  const first = await studio.read((page) => page.columns().newest)
  await studio.until((page, newest) => page.columns().newest >= newest + 4, 'the heatmap to move on', first)
  expect(await studio.ladder()).toMatch(/trusted[\s\S]*bid [\s\S]*ask /)
  await studio.shot('live')
})

test.skipIf(skip)('stopping LIVE puts the bundle into the library', async () => {
  runDir = await studio.stopLive()
  expect(runDir).not.toBe('')
})

test.skipIf(skip)('REPLAY at 50x and at full speed ends with the fingerprint of the live run', async () => {
  await studio.click('mode-replay')
  await studio.until((page) => page.session()?.mode === 'replay' && page.session()?.indexed === 1, 'the bundle to open')
  expect(await desktop.page.title()).toContain('REPLAY')
  for (const speed of ['50', 'max']) {
    await studio.click('home')
    await studio.until(
      (page) => page.session()?.phase === 'paused' && page.session()?.playheadRelNs === page.session()?.startRelNs,
      'the start'
    )
    await studio.click(`speed-${speed}`)
    await studio.click('play')
    await studio.until((page) => page.session()?.phase === 'finished', `the end at speed ${speed}`)
    const state = await studio.read((page) => page.session())
    expect(state?.fingerprint).toBe(state?.recordedFingerprint)
    expect(state?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  }
  await studio.shot('replay-finished')
})

test.skipIf(skip)('the book at a seek is the book that playing reaches', async () => {
  const { startRelNs, endRelNs } = (await studio.read((page) => page.session()))!
  // Slow enough not to come to the end before the pause.
  await studio.click('speed-menu')
  await studio.click('speed-item-0.1')
  for (const share of [0.2, 0.5, 0.8]) {
    const from = Math.round(startRelNs + (endRelNs - startRelNs) * share)
    await studio.seek(from)
    await studio.click('play')
    await studio.until((page, at) => page.session()?.phase === 'playing' && page.session()!.playheadRelNs > at, 'it to play', from + 1e8)
    await studio.click('play')
    await studio.until((page) => page.session()?.phase === 'paused', 'the pause')
    const played = await studio.settledLadder()
    const at = (await studio.read((page) => page.session()))!.playheadRelNs
    await studio.seek(endRelNs)
    await studio.seek(at)
    expect(await studio.settledLadder()).toBe(played)
  }
})

test.skipIf(skip)('steps go one event and one second', async () => {
  const before = (await studio.read((page) => page.session()))!.playheadRelNs
  await studio.click('step-event')
  await studio.until((page, at) => (page.session()?.playheadRelNs ?? 0) > at, 'one event on', before)
  const after = (await studio.read((page) => page.session()))!.playheadRelNs
  await studio.click('step-second-back')
  await studio.until((page, at) => Math.abs((page.session()?.playheadRelNs ?? 0) - (at - 1e9)) < 2, 'one second back', after)
  await studio.shot('replay-step')
})

test.skipIf(skip)('replay at 1x, with a clock that runs faster than ours, gives the same fingerprint', async () => {
  let now = 0n
  const clock = { monoNs: () => (now += 2_000_000n) }
  const slow = await playRun(runDir, { speed: 1, clock, sleep: () => Promise.resolve() })
  const fast = await replayReport(runDir)
  expect(slow.fingerprint).toBe(fast.recorded_fingerprint)
  expect(slow.counts).toEqual(fast.counts)
})
