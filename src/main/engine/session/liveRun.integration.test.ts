import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { verifyRun } from '../bundle/index.ts'
import { captureConfig } from '../capture/index.ts'
import { startPracticeVenue, type PracticeVenue } from '../practice/index.ts'
import { eventLines, replayReport } from '../replay/index.ts'
import { LiveRun, type LiveResult } from './liveRun.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function practice(venue: 'polymarket' | 'binance', markets: number): Promise<PracticeVenue> {
  const started = await startPracticeVenue({ source: { kind: 'generator', seed: 5, markets, messagesPerSecond: 400, venue } })
  open.push(() => started.close())
  return started
}

function start(venue: PracticeVenue, settings: Record<string, unknown>): { run: LiveRun; beats: Record<string, unknown>[] } {
  const dataDir = mkdtempSync(join(tmpdir(), 'tapedeck-live-'))
  open.push(() => Promise.resolve(rmSync(dataDir, { recursive: true, force: true })))
  const beats: Record<string, unknown>[] = []
  const config = captureConfig({
    dataDir,
    gammaBaseUrl: venue.gammaUrl,
    clobBaseUrl: venue.clobUrl,
    clobWsUrl: venue.polymarketWsUrl,
    binanceRestUrl: venue.binanceRestUrl,
    binanceWsUrl: venue.binanceWsUrl,
    minFreeDiskGb: null,
    captureHeartbeatIntervalSeconds: 0.2,
    captureBackpressureFatalMs: 60_000,
    captureCoverageMetricsIntervalSeconds: 0.2,
    ...settings
  })
  const onCapture = (event: { kind: string; json?: string }): void => {
    if (event.kind === 'heartbeat') beats.push(JSON.parse(event.json ?? '{}') as Record<string, unknown>)
  }
  const run = new LiveRun({ config, name: 'test', onEvent: () => undefined, onCapture })
  open.push(() => run.stop('test over'))
  return { run, beats }
}

const recordsOf = (runDir: string, type: string): Record<string, unknown>[] =>
  readFileSync(join(runDir, 'runlog.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((record) => record['record_type'] === type)

/** Integrity events of a run by kind and reason, and proof that a replay says the same as the live run. */
async function integrityOf(result: LiveResult): Promise<Record<string, number>> {
  expect(verifyRun(result.runDir).ok).toBe(true)
  expect((await replayReport(result.runDir)).fingerprint).toBe(result.summary?.sha256)
  const counts: Record<string, number> = {}
  for await (const lines of eventLines(result.runDir, { format: 'ndjson', channels: new Set(['integrity']) })) {
    for (const line of lines) {
      const { data } = JSON.parse(line) as { data: { kind: string; reason: string } }
      const name = `${data.kind} ${data.reason}`
      counts[name] = (counts[name] ?? 0) + 1
    }
  }
  return counts
}

test('a run follows the list of markets: what comes is recorded and described, what goes is forgotten, nobody else notices', async () => {
  const venue = await practice('polymarket', 40)
  venue.inject({ kind: 'relist', remove: 10 })
  const refresh = {
    captureUniverseRefreshIntervalSeconds: 0.4,
    captureUniverseRefreshStaggerSeconds: 0.05,
    captureUniverseRefreshMaxChurnPct: 60
  }
  const { run, beats } = start(venue, { wsShards: 8, captureConfirmTimeoutSeconds: 20, ...refresh })
  const { runDir } = await run.started
  await expect.poll(() => recordsOf(runDir, 'subscribe_confirm_success').length, { timeout: 15_000 }).toBeGreaterThanOrEqual(8)
  venue.inject({ kind: 'relist', remove: 3, add: 2 })
  const applied = (): number => recordsOf(runDir, 'shard_refresh_applied').length
  await expect.poll(applied, { timeout: 15_000 }).toBeGreaterThan(0)
  await expect.poll(() => applied() === recordsOf(runDir, 'shard_refresh_begin').length, { timeout: 15_000 }).toBe(true)
  await expect.poll(() => beats.at(-1)?.['token_ids_seen'], { timeout: 15_000 }).toBe(58)
  const result = await run.stop('stop')
  expect(result.ok).toBe(true)
  const change = recordsOf(runDir, 'universe_refresh').filter((record) => record['reason'] === 'APPLIED')
  expect(change).toMatchObject([{ added_count: 4, removed_count: 6, universe_version: 2 }])
  expect(recordsOf(runDir, 'reconnect')).toEqual([])
  expect(beats.at(-1)).toMatchObject({
    reconnects: 0,
    midrun_disconnected_incidents: 0,
    universe_version: 2,
    token_ids_assigned: 58,
    token_ids_seen: 58,
    tokens_added_last: 4,
    tokens_removed_last: 6,
    decode_errors: 0
  })
  expect(beats.some((beat) => Number(beat['ws_rx_to_applied_ms_count']) > 0 && Number(beat['parse_q_depth_max']) >= 0)).toBe(true)
  const integrity = await integrityOf(result)
  const sum = (kind: string): number =>
    Object.entries(integrity).reduce((total, [name, count]) => total + (name.startsWith(kind) ? count : 0), 0)
  expect(sum('BOOK_RESYNC_DONE')).toBe(sum('BOOK_RESYNC_START'))
  expect([sum('BOOK_MISSING'), sum('GAP_DETECTED'), recordsOf(runDir, 'first_book_missing')]).toEqual([0, 0, []])
  expect(integrity['FEED_OPEN none']).toBe(8 + applied())
}, 60_000)

test('a Binance connection is renewed without a break: both are recorded and nothing counts twice', async () => {
  const venue = await practice('binance', 2)
  const { symbols } = (await (await fetch(`${venue.binanceRestUrl}/api/v3/exchangeInfo`)).json()) as { symbols: { symbol: string }[] }
  const { run, beats } = start(venue, {
    venue: 'binance',
    symbols: symbols.map((entry) => entry.symbol),
    wsShards: 1,
    binanceRenewSeconds: 1
  })
  const { runDir } = await run.started
  await expect.poll(() => recordsOf(runDir, 'ws_connect').length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4)
  const result = await run.stop('stop')
  expect(result.ok).toBe(true)
  expect(recordsOf(runDir, 'reconnect')).toEqual([])
  expect(beats.at(-1)).toMatchObject({ reconnects: 0, midrun_disconnected_incidents: 0 })
  const integrity = await integrityOf(result)
  expect(Object.keys(integrity).toSorted()).toEqual(['FEED_CLOSED stopped', 'FEED_OPEN none'])
  const trades: string[] = []
  for await (const lines of eventLines(runDir, { format: 'ndjson', channels: new Set(['tape_trades']) })) {
    for (const line of lines) {
      const event = JSON.parse(line) as { market_id?: string; data: { trade_id?: string } }
      trades.push(`${event.market_id ?? ''} ${event.data.trade_id ?? ''}`)
    }
  }
  expect(trades.length).toBeGreaterThan(10)
  expect(new Set(trades).size).toBe(trades.length)
}, 60_000)

test('a run that never connected leaves nothing, no journal either, and says why', async () => {
  const venue = await practice('binance', 1)
  await venue.close()
  const { run } = start(venue, { venue: 'binance', restTimeout: 1 })
  const { runDir, ok, failure } = await run.ended
  expect({ ok, code: failure?.code }).toEqual({ ok: false, code: 'VENUE_UNREACHABLE' })
  expect(existsSync(runDir)).toBe(false)
})
