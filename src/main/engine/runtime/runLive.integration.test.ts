import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { captureConfig } from '../capture/index.ts'
import { startPracticeVenue, type PracticeVenue } from '../practice/index.ts'
import { liveLatencyLine, runStrategies, summaryLine, type RunOptions, type RunResult } from './index.ts'

let folder = ''
let venue: PracticeVenue | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-live-run-'))
})
afterEach(async () => {
  await venue?.close()
  rmSync(folder, { recursive: true })
})

async function open(kind: 'polymarket' | 'binance', messagesPerSecond = 400): Promise<PracticeVenue> {
  venue = await startPracticeVenue({ source: { kind: 'generator', seed: 5, markets: 8, messagesPerSecond, venue: kind } })
  return venue
}

function live(kind: 'polymarket' | 'binance', at: PracticeVenue, settings: object, options: Partial<RunOptions>): Promise<RunResult> {
  const config = captureConfig({
    venue: kind,
    gammaBaseUrl: at.gammaUrl,
    clobBaseUrl: at.clobUrl,
    clobWsUrl: at.polymarketWsUrl,
    binanceWsUrl: at.binanceWsUrl,
    binanceRestUrl: at.binanceRestUrl,
    dataDir: folder,
    wsReconnectBackoffSeconds: 0.05,
    ...settings
  })
  return runStrategies({ source: { mode: 'live', config, durationSeconds: 60 }, strategies: [{ name: 'toy_taker' }], ...options })
}

/** The run is connected, and has been sent so many frames. */
async function untilSent(at: PracticeVenue, frames: number): Promise<void> {
  await expect.poll(() => at.stats().frames_sent, { interval: 5 }).toBeGreaterThan(frames)
}

test('strategies run over live full books; the line and the report have the keys of the original; nothing is written', async () => {
  const own = join(folder, 'own.mjs')
  writeFileSync(
    own,
    'export default { onTopOfBook: (c, e) => e.askPxE6 && [{ type: "place", marketId: e.marketId, side: "buy", priceE6: e.askPxE6, sizeE6: 1 }] }'
  )
  const strategies = [{ name: 'toy_taker' }, { name: own }]
  const result = await live('polymarket', await open('polymarket'), {}, { maxEvents: 150, strategies })
  expect(result).toMatchObject({ ok: true, canonicalEvents: 150, submittedIntents: result.intents, live: { dropped: 0, reconnects: 0 } })
  expect(result.intents).toBeGreaterThan(50)
  const line = JSON.parse(summaryLine(result)) as { callback_stats: Record<string, unknown> }
  expect(Object.keys(line).slice(0, 12)).toEqual(
    'ok mode execution canonical_events intents final_hash elapsed_ms reconnects decode_errors dropped callback_stats submitted_intents'.split(
      ' '
    )
  )
  expect(line.callback_stats).toMatchObject({ toy_taker: { count: 150, overruns: 0 }, own: { count: 150 } })
  expect(readdirSync(folder)).toEqual(['own.mjs'])
}, 60_000)

test('the latency report has every stage', async () => {
  const result = await live('polymarket', await open('polymarket'), {}, { maxEvents: 60, events: 'change' })
  const report = JSON.parse(liveLatencyLine(result) ?? '') as { stages: Record<string, { count: number }> }
  const keys =
    'record_type mode execution t0_mono_ns t1_mono_ns elapsed_ns frames canonical_events intents reconnects dropped decode_errors schema_errors ' +
    'best_bid_scans best_bid_scan_levels_total best_bid_scan_levels_max best_ask_scans best_ask_scan_levels_total best_ask_scan_levels_max ' +
    'events_per_sec_e3 frames_per_sec_e3 cpu_time_ns cpu_util_bp stages confirm_timeouts shards_ended fallbacks'
  expect(Object.keys(report)).toEqual(keys.split(' '))
  const stages =
    'recv_to_decode recv_to_decode_start decode_start_to_decode_end decode_to_normalize normalize_to_state state_to_strategy ' +
    'strategy_to_allocator allocator_to_execution execution_to_emit e2e_total e2e_intent_ready'
  expect(Object.keys(report.stages)).toEqual(stages.split(' '))
  expect(report.stages['e2e_total']).toMatchObject({ count: 60 })
  expect(Object.keys(report.stages['e2e_total'] ?? {})).toEqual(['count', 'p50_us', 'p90_us', 'p99_us', 'max_us'])
}, 60_000)

test('Binance runs over changes, from depth snapshots that are asked for', async () => {
  const result = await live('binance', await open('binance'), { symbols: ['BTCUSDT', 'ETHUSDT'] }, { maxEvents: 20, events: 'change' })
  expect(result).toMatchObject({ ok: true, canonicalEvents: 20, trust: { markets: 2 } })
}, 60_000)

test('a lost connection is counted, comes back, and its time is not trusted', async () => {
  const at = await open('polymarket')
  const running = live('polymarket', at, { wsShards: 2 }, { maxEvents: 300 })
  await untilSent(at, 20)
  at.inject({ kind: 'drop', connection: 'any' })
  const result = await running
  expect(result.live?.reconnects).toBeGreaterThan(0)
  expect(result.trust.anyShareE6).toBeGreaterThan(0)
}, 60_000)

test('reconnects are counted over all connections; without one left they end, and the run with the last', async () => {
  const at = await open('polymarket')
  const again = setInterval(() => {
    try {
      at.inject({ kind: 'drop', connection: 'any' })
    } catch {
      // Nothing is connected just now.
    }
  }, 300)
  const result = await live('polymarket', at, { wsShards: 3, wsReconnectMax: 1 }, {})
  clearInterval(again)
  expect(result).toMatchObject({ ok: true, live: { reconnects: 1, shardsEnded: 3 } })
}, 60_000)

test.each([
  ['book', 400],
  ['change', 3000]
] as const)(
  'the time in which messages were dropped is not trusted (%s)',
  async (events, maxEvents) => {
    const slow = join(folder, 'slow.mjs')
    writeFileSync(
      slow,
      'export default { onTopOfBook: (_, { seq }) => void (seq === 20 && Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)) }'
    )
    const at = await open('polymarket', 3000)
    const result = await live('polymarket', at, {}, { events, maxEvents, strategies: [{ name: slow }], callbackLimitMs: 60_000 })
    expect(result.live?.dropped).toBeGreaterThan(0)
    expect(result.trust.anyShareE6).toBeGreaterThan(0)
  },
  60_000
)

test('a strategy that does not answer keeps nobody from stopping a live run', async () => {
  const stuck = join(folder, 'stuck.mjs')
  writeFileSync(stuck, 'export default { onTopOfBook: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) }')
  const abort = new AbortController()
  const options = { strategies: [{ name: stuck }], callbackLimitMs: 600_000, signal: abort.signal }
  const at = await open('polymarket')
  const running = live('polymarket', at, {}, options)
  await untilSent(at, 400)
  abort.abort()
  expect(await running).toMatchObject({ ok: true, canonicalEvents: 0 })
}, 60_000)

test('a signal ends a live run in order', async () => {
  const abort = new AbortController()
  const at = await open('polymarket')
  const running = live('polymarket', at, {}, { signal: abort.signal })
  await untilSent(at, 20)
  abort.abort()
  expect(await running).toMatchObject({ ok: true, failure: undefined })
}, 60_000)

test('a venue that is not there is said in one sentence', async () => {
  const at = await open('polymarket')
  await at.close()
  await expect(live('polymarket', at, { restTimeout: 1 }, { sleep: () => Promise.resolve() })).rejects.toMatchObject({
    code: 'VENUE_UNREACHABLE'
  })
}, 60_000)

test('a run that is stopped while it looks for instruments ends at once', async () => {
  const at = await open('polymarket')
  const abort = new AbortController()
  await at.close()
  const sleep = (): Promise<void> => Promise.resolve(abort.abort())
  await expect(live('polymarket', at, {}, { signal: abort.signal, sleep })).rejects.toMatchObject({ code: 'ABORTED' })
}, 60_000)
