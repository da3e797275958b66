import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { SUBSCRIBE_ALL } from '../../shared/api/index.ts'
import { ReplayStream } from '../engine/index.ts'
import { makeRun, removeRuns } from '../engine/runtime/testRuns.ts'
import { TestSink } from '../engine/stream/testSink.ts'
import { runCli } from './runCli.ts'
import { decisionsOf } from './serveDecisions.ts'

let dir = ''
let printed = ''
beforeAll(async () => {
  dir = await makeRun({ seed: 41, venue: 'polymarket', markets: 5, messages: 2000, shards: 1 })
})
afterAll(() => removeRuns())
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const FLAGS = { param: [], events: 'book' }

/** Jumps to decisions from the beginning on. @returns where each went, in ns since the origin, and why the last did not */
async function jumps(decisionsRelNs: readonly number[] | undefined, times: number): Promise<{ places: number[]; last: unknown }> {
  const stream = await ReplayStream.open(dir, { decisionsRelNs })
  const link = stream.connect(new TestSink(), SUBSCRIBE_ALL, 'own')
  const places: number[] = []
  let last: unknown
  for (let i = 0; i < times; i++) {
    last = await link.command({ cmd: 'jump', kind: 'decision', direction: 1 })
    if ((last as { moved: boolean }).moved) places.push(link.state.clock.current_rel_ns)
  }
  link.close()
  await stream.close()
  return { places, last }
}

test('clients jump to what a strategy decided over the bundle, one instant after the other', async () => {
  const decisions = (await decisionsOf(dir, { ...FLAGS, strategy: ['toy_taker'] })) ?? []
  expect(decisions.length).toBeGreaterThan(3)
  expect(JSON.parse(printed)).toMatchObject({ event: 'decisions', strategies: ['toy_taker'], events: 'book', instants: decisions.length })
  const start = decisions.findIndex((relNs) => relNs > 0)
  expect((await jumps(decisions, 3)).places).toEqual(decisions.slice(start, start + 3).map(Math.floor))
})

test('without a strategy a stream has no decisions, and says so', async () => {
  expect(await decisionsOf(dir, { ...FLAGS, strategy: [] })).toBeUndefined()
  expect(await jumps(undefined, 1)).toEqual({
    places: [],
    last: { moved: false, reason: expect.stringContaining('No decisions are known here') as string }
  })
})

test.each([
  [['--day', '2026-11-20', '--strategy', 'toy_taker'], 2],
  [['--run-dir', 'x', '--strategy', 'toy_taker', '--events', 'trades'], 2],
  [['--run-dir', 'x', '--strategy', 'dream'], 2],
  [['--run-dir', 'x', '--param', 'dream.a=1'], 2]
])('serve %j is refused', async (args, code) => {
  expect(await runCli(['serve', ...args])).toBe(code)
  expect(printed).toBe('')
})
