import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RestOutcome } from '../restClient.ts'
import type { WorldTarget } from './targets.ts'
import { WorldPoller } from './worldPoller.ts'

const sleeps: { ms: number; wake: () => void }[] = []
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise<void>((resolve) => sleeps.push({ ms, wake: resolve }))
}))

const target = (kind: WorldTarget['kind'], station: string): WorldTarget => ({
  kind,
  station,
  url: `http://x/${station}`,
  secretQuery: '',
  intervalMs: 60_000
})
const answer = (status: number, more: Partial<Extract<RestOutcome, { kind: 'answer' }>> = {}): RestOutcome => ({
  kind: 'answer',
  answer: { status, body: Buffer.alloc(0) },
  retryAfterMs: undefined,
  ...more
})

let now = 0
let outcomes: RestOutcome[] = []
const asked: { key: string; headers: unknown }[] = []
const abort = new AbortController()

function start(targets: readonly WorldTarget[]): WorldPoller {
  const get = vi.fn((_shard: number, _kind: string, key: string, _url: string, more: { headers?: unknown } = {}) => {
    asked.push({ key, headers: more.headers })
    return Promise.resolve(outcomes.shift() ?? answer(200))
  })
  const poller = new WorldPoller({
    targets,
    recorder: { get },
    signal: abort.signal,
    nowRelNs: () => now,
    seed: 'run',
    secret: undefined,
    log: () => undefined
  })
  poller.start()
  return poller
}

/** Lets the oldest wait pass, and the question behind it. @returns how long it was, ms */
async function pass(): Promise<number> {
  const { ms, wake } = sleeps.shift()!
  const others = sleeps.length
  now += ms * 1e6
  wake()
  await expect.poll(() => sleeps.length, { interval: 1 }).toBeGreaterThan(others)
  return ms
}

beforeEach(() => {
  now = 0
  sleeps.length = 0
  asked.length = 0
  outcomes = []
})
afterEach(() => vi.restoreAllMocks())

it('asks at its interval, never quite in step', async () => {
  start([target('metar', 'KLGA')])
  const waits: number[] = []
  for (let n = 0; n < 20; n++) waits.push(await pass())
  expect(waits[0]).toBe(0)
  expect(Math.min(...waits.slice(1))).toBeGreaterThanOrEqual(57_000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(63_000)
  expect(new Set(waits).size).toBeGreaterThan(15)
})

it('after failures waits half a minute, then twice as long each time, to five minutes; an answer ends it', async () => {
  outcomes = [...Array.from({ length: 6 }, () => answer(500)), answer(200)]
  const poller = start([target('metar', 'KLGA')])
  const waits: number[] = []
  for (let n = 0; n < 7; n++) waits.push(await pass())
  expect(waits).toEqual([0, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
  expect(await pass()).toBeLessThan(64_000)
  expect(poller.facts()).toMatchObject({ metar: { KLGA: { requests: 8, answers: 2, failures: 6, failing: 0 } } })
})

it('leaves a whole service alone as long as it asks, and other services not', async () => {
  outcomes = [answer(429, { retryAfterMs: 600_000 })]
  start([target('metar', 'KLGA'), target('metar', 'KJFK'), target('forecast', 'KLGA')])
  for (let n = 0; n < 3; n++) await pass()
  expect(asked.map(({ key }) => key)).toEqual(['KLGA', 'KLGA'])
  expect(sleeps.map(({ ms }) => Math.round(ms / 10_000))).toEqual([60, 60, 6])
})

it('names the last answer in its next question, and forgets it with a new one that has no name', async () => {
  outcomes = [answer(200, { etag: '"a"', lastModified: 'Fri' }), answer(304), answer(200), answer(200)]
  const poller = start([target('metar', 'KLGA')])
  for (let n = 0; n < 4; n++) await pass()
  expect(asked.map(({ headers }) => headers)).toEqual([
    {},
    { 'if-none-match': '"a"', 'if-modified-since': 'Fri' },
    { 'if-none-match': '"a"', 'if-modified-since': 'Fri' },
    {}
  ])
  expect(poller.facts()).toMatchObject({ metar: { KLGA: { answers: 3, unchanged: 1 } } })
})
