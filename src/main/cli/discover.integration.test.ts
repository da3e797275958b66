import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startPracticeVenue, type PracticeVenue } from '../engine/practice/index.ts'
import { runCli } from './runCli.ts'

let venue: PracticeVenue
let out = ''
let err = ''
beforeAll(async () => {
  venue = await startPracticeVenue({
    port: 0,
    source: { kind: 'generator', seed: 3, markets: 230, messagesPerSecond: 10, venue: 'polymarket' }
  })
})
afterAll(async () => {
  await venue.close()
})
beforeEach(() => {
  out = ''
  err = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = undefined
})

const rows = (): string[][] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))

test('every open market is a line of id, universe, slug and question, newest first, over several pages', async () => {
  expect(await runCli(['discover', '--gamma-base-url', venue.gammaUrl])).toBe(0)
  expect(rows()).toHaveLength(230)
  expect(rows().every((row) => row.length === 4 && row[1] === 'universe' && row[2] !== '' && row[3] !== '')).toBe(true)
  const ids = rows().map((row) => Number(row[0]))
  expect(ids).toEqual(ids.toSorted((a, b) => b - a))
})

test('the number of markets can be limited, and the environment wins over a flag', async () => {
  expect(await runCli(['discover', '--gamma-base-url', venue.gammaUrl, '--capture-max-markets', '7'])).toBe(0)
  expect(rows().map(([id]) => id)).toEqual(['900229', '900228', '900227', '900226', '900225', '900224', '900223'])
  out = ''
  vi.stubEnv('PM_DATA_CAPTURE_MAX_MARKETS', '3')
  expect(await runCli(['discover', '--gamma-base-url', venue.gammaUrl, '--capture-max-markets', '7'])).toBe(0)
  expect(rows()).toHaveLength(3)
})

test('a practice venue is asked by its address alone', async () => {
  expect(await runCli(['discover', '--practice', new URL(venue.gammaUrl).origin])).toBe(0)
  expect(rows()).toHaveLength(230)
})

test('a wrong setting is named with exit code 2; a venue that refuses is a failure with exit code 1', async () => {
  expect(await runCli(['discover', '--capture-max-markets', 'many'])).toBe(2)
  expect(err).toContain('capture_max_markets')
  expect(await runCli(['discover', '--gamma-base-url', `${new URL(venue.gammaUrl).origin}/nowhere`])).toBe(1)
  expect(err).toContain('status 404')
  expect(out).toBe('')
})
