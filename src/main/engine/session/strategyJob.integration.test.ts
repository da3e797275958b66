import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FRAME_KIND, type StrategyPlan, type StrategyResult, type StudioEvent } from '../../../shared/api/index.ts'
import { makeRun, removeRuns } from '../runtime/testRuns.ts'
import { StudioEngine } from './studioEngine.ts'

let folder = ''
let run = ''
let engine: StudioEngine
let onJob: (share: number | undefined) => void = () => undefined
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-strategy-job-'))
  run = await makeRun({ seed: 51, venue: 'polymarket', markets: 10, messages: 4000, shards: 2 })
  engine = new StudioEngine({ dataDir: join(folder, 'data'), environment: {} })
  const link = engine.attachView({
    send: (frame) => {
      queueMicrotask(() => link.grant(frame.length))
      if (frame[0] !== FRAME_KIND.event) return
      const event = JSON.parse(new TextDecoder().decode(frame.subarray(8))) as StudioEvent
      if (event.kind === 'job') onJob(event.share)
    }
  })
})
afterAll(async () => {
  await engine.dispose()
  removeRuns()
  rmSync(folder, { recursive: true, force: true })
})

const plan = (change: Partial<StrategyPlan> = {}): StrategyPlan => ({
  strategies: [{ name: 'toy_taker', params: {} }],
  events: 'change',
  settings: {},
  ...change
})
const PRACTICE = { kind: 'practice', venue: 'polymarket', markets: 5, messagesPerSecond: 300, seed: 3 } as const

async function replayed(change: Partial<StrategyPlan>): Promise<StrategyResult> {
  const reply = await engine.call<'strategy_run'>({ cmd: 'strategy_run', path: run, plan: plan(change) })
  if (!reply.ok) throw new Error(reply.failure.message)
  return reply.value
}

test('fees, limits and ends of the panel reach the run; several strategies have parameters of their own', async () => {
  const usual = await replayed({})
  expect(usual).toMatchObject({ ok: true, path: run, missingBytes: 0, callbacks: [] })
  expect(usual.fills).toBeGreaterThan(10)
  const free = await replayed({ settings: { feeBps: 0 } })
  expect([free.pnl.feesE6, free.finalHash]).toEqual([0, usual.finalHash])
  expect(usual.pnl.feesE6).toBeGreaterThan(0)
  expect(await replayed({ settings: { maxEvents: 50 } })).toMatchObject({ canonicalEvents: 50 })
  expect((await replayed({ settings: { maxSeconds: 0.2 } })).canonicalEvents).toBeLessThan(usual.canonicalEvents)
  expect(await replayed({ settings: { maxIntentsGlobal: 0 } })).toMatchObject({ intents: 0 })
  const timed = await replayed({ settings: { maxCallbackUs: 1_000_000 } })
  expect(timed.callbacks).toMatchObject([{ strategy: 'toy_taker', count: timed.canonicalEvents }])
  const own = join(folder, 'told.mjs')
  writeFileSync(
    own,
    `export default { params: { label: 'a', loud: false }, onTopOfBook: ({ params }, { seq, marketId }) => seq === 1 ? [{ type: 'cancel', orderId: 'x', marketId, tag: params.label + params.loud }] : [] }`
  )
  const strategies = [
    { name: 'toy_spread', params: { min_spread_e6: 900_000 } },
    { name: own, params: { label: 'b', loud: true } }
  ]
  expect((await replayed({ strategies })).intentRows).toMatchObject([{ strategy: 'told', kind: 'cancel', tag: 'btrue' }])
}, 120_000)

test('a live run ends after its time with a latency report, and records nothing', async () => {
  const reply = await engine.call<'strategy_live'>({ cmd: 'strategy_live', source: PRACTICE, seconds: 3, plan: plan() })
  expect(reply).toMatchObject({ ok: true, value: { ok: true, path: '', live: { reconnects: 0 } } })
  const { live, canonicalEvents } = (reply as { value: StrategyResult }).value
  expect(canonicalEvents).toBeGreaterThan(0)
  expect(live?.stages).toHaveLength(11)
  expect(live?.stages.find(({ name }) => name === 'e2e_total')).toMatchObject({ count: canonicalEvents })
  expect(JSON.parse(live?.report ?? '')).toMatchObject({ record_type: 'live_latency_report', canonical_events: canonicalEvents })
  expect(readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.frames'))).toEqual([])
}, 120_000)

test('a live run that is stopped ends in order, with what it has', async () => {
  onJob = (share) => {
    if (share !== undefined && share > 0) void engine.call<'job_cancel'>({ cmd: 'job_cancel' })
  }
  const reply = await engine.call<'strategy_live'>({ cmd: 'strategy_live', source: PRACTICE, seconds: 600, plan: plan() })
  expect(reply).toMatchObject({ ok: true, value: { ok: true } })
  expect((reply as { value: StrategyResult }).value.live?.frames).toBeGreaterThan(0)
}, 120_000)

test('settings out of range and sources that cannot be are refused in words', async () => {
  const refused = async (settings: object, sentence: RegExp): Promise<void> =>
    expect(await engine.callUnknown({ cmd: 'strategy_run', path: run, plan: { ...plan(), settings } })).toMatchObject({
      ok: false,
      failure: { code: 'USAGE', message: expect.stringMatching(sentence) as string }
    })
  await refused({ feeBps: 10_001 }, /plan\.settings\.feeBps is not as it should be: it is a whole number from 0 to 10000/)
  await refused({ maxEvents: 1.5 }, /plan\.settings\.maxEvents/)
  await refused({ speed: 3 }, /plan\.settings/)
})
