import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { FLAG_NOTE, FLAG_REST, openBundle, verifyRun, type OpenBundle } from '../bundle/index.ts'
import { startPracticeVenue, type PracticeOptions, type PracticeVenue } from '../practice/index.ts'
import { startPlant, venueConfig, type RunningPlant } from './testPlant.ts'
import { shardOfKey } from './tokenShard.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function practice(options: Partial<PracticeOptions> = {}): Promise<PracticeVenue> {
  const source = { kind: 'generator', seed: 7, markets: 12, messagesPerSecond: 300, venue: 'both' } as const
  const venue = await startPracticeVenue({ source, ...options })
  open.push(() => venue.close())
  return venue
}

function start(...args: Parameters<typeof startPlant>): RunningPlant {
  const running = startPlant(...args)
  open.push(async () => {
    running.plant.stop('test over')
    await running.done
  })
  return running
}

interface Kept {
  readonly shard: number
  readonly monoRelNs: number
  readonly flags: number
  readonly text: string
}

async function keptIn(dir: string): Promise<{ bundle: OpenBundle; records: Kept[] }> {
  const bundle = await openBundle(dir)
  const records: Kept[] = []
  for (const log of bundle.shards) {
    const reader = bundle.openReader(log.shard)
    while (reader.next())
      records.push({ shard: log.shard, monoRelNs: reader.monoRelNs, flags: reader.flags, text: reader.payload().toString() })
    reader.close()
  }
  bundle.close()
  return { bundle, records: records.toSorted((a, b) => a.monoRelNs - b.monoRelNs) }
}

const notesOf = (records: readonly Kept[]): Record<string, unknown>[] =>
  records
    .filter((record) => (record.flags & FLAG_NOTE) !== 0)
    .map((record) => ({ ...(JSON.parse(record.text) as Record<string, unknown>), shard: record.shard }))

const framesSeen = (running: RunningPlant): number =>
  running.events.reduce(
    (sum, event) => sum + (event.kind === 'frames' ? event.parts.reduce((bytes, part) => bytes + part.byteLength, 0) : 0),
    0
  )

interface Manifest {
  readonly shards: { count: number; assignments: Readonly<Record<string, { token_ids: string[]; groups: string[][] }>> }
  readonly pinned_markets: unknown[]
  readonly segment_metadata: { by_market_id: Readonly<Record<string, Record<string, unknown>>> }
}

/** The groups of each shard are those that were sent, and each market has a tag with every field. */
function checkManifest({ shards, segment_metadata: tags }: Manifest, attempts: readonly Record<string, unknown>[]): void {
  for (const [shard, { token_ids: tokens, groups }] of Object.entries(shards.assignments)) {
    expect(groups.flat()).toEqual(tokens)
    const sent = attempts.filter((attempt) => attempt['shard_id'] === Number(shard)).map((attempt) => attempt['token_count'])
    expect(groups.map((group) => group.length)).toEqual(sent)
  }
  for (const tag of Object.values(tags.by_market_id)) {
    expect(tag).toMatchObject({ cadence_bucket: 'unknown', fee_rate_bps: null, resolve_wall_ns_utc: null, rollover_group_key: null })
    expect(tag['start_wall_ns_utc']).toBe(Date.UTC(2030, 0, 1) * 1e6)
  }
}

test('a Polymarket run is discovered, sharded, kept and ended in order', async () => {
  const venue = await practice()
  const running = start({
    ...venueConfig(venue),
    wsShards: 4,
    wsSubscribeMaxTokens: 4,
    durationSeconds: 3,
    sourceName: 'Practice',
    synthetic: true
  })
  await running.done
  const { bundle, records } = await keptIn(running.dir())
  expect(bundle.verdict).toMatchObject({ state: 'ended', sentence: '' })
  expect(verifyRun(running.dir()).ok).toBe(true)
  expect(bundle.studio).toMatchObject({ synthetic: true, venue: 'polymarket', source: 'Practice', fingerprint: undefined })
  expect(readdirSync(running.dir()).toSorted()).toEqual(['capture', 'manifest.json', 'metrics', 'runlog.ndjson', 'studio.json'])
  expect(new Set(records.map((record) => record.monoRelNs)).size).toBe(records.length)

  const notes = notesOf(records)
  const rest = records.findIndex((record) => (record.flags & FLAG_REST) !== 0)
  expect(notesOf([records[rest - 1]!])[0]).toMatchObject({
    note: 'rest',
    venue: 'polymarket',
    kind: 'markets',
    key: '',
    status: 200,
    body: true,
    shard: 0
  })
  const opened = notes.filter((note) => note['note'] === 'conn_open')
  const tokens = opened.flatMap((note) => note['tokens'] as string[])
  expect(tokens).toHaveLength(24)
  for (const note of opened) for (const token of note['tokens'] as string[]) expect(shardOfKey(token, 4)).toBe(note['shard'])
  expect(notes.filter((note) => note['note'] === 'conn_closed').every((note) => note['trigger'] === 'stop')).toBe(true)
  expect(notes.filter((note) => note['note'] === 'tick').length).toBeGreaterThan(3)
  expect(records.filter((record) => record.flags === 1).length).toBeGreaterThan(100)
  expect(records.some((record) => record.text === 'PONG')).toBe(true)

  const last = running.events.at(-1)
  expect(last).toMatchObject({ kind: 'ended', reason: 'duration', ok: true, frames: records.length })
  expect(framesSeen(running)).toBe(bundle.shards.reduce((sum, log) => sum + log.validBytes, 0))
  const manifest = JSON.parse(readFileSync(join(running.dir(), 'manifest.json'), 'utf8')) as Manifest
  expect([manifest.shards.count, manifest.pinned_markets.length]).toEqual([4, 12])
  checkManifest(manifest, running.runlog('subscribe_attempt'))
  expect(running.runlog('capture_start')).toMatchObject([{ shards: 4, token_count: 24 }])
  expect(running.runlog('subscribe_confirm_success')).toHaveLength(opened.length)
  expect(running.runlog('capture_stop')).toMatchObject([{ reason: 'duration', quality_ok: true, loss_total: 0 }])
})

test('that event windows are made longer is a setting, and stands in the log in front of all that it concerns', async () => {
  const venue = await practice()
  const running = start({ ...venueConfig(venue), durationSeconds: 2, windowExtend: true })
  await running.done
  const { records } = await keptIn(running.dir())
  expect(notesOf(records)[0]).toEqual({ note: 'window_settings', extend: true, shard: 0 })
})

test('what the heartbeat calls synced is what the files hold at the end', async () => {
  const venue = await practice()
  const running = start({ ...venueConfig(venue), wsShards: 2, durationSeconds: 2 })
  await running.done
  const beats = running.events.flatMap((event) =>
    event.kind === 'heartbeat' ? [JSON.parse(event.json) as { frames: number; synced_bytes: Record<string, number> }] : []
  )
  const { bundle } = await keptIn(running.dir())
  expect(beats.at(-1)?.synced_bytes).toEqual(Object.fromEntries(bundle.shards.map((log) => [String(log.shard), log.fileBytes])))
  expect(
    readFileSync(join(running.dir(), 'metrics', 'global.ndjson'), 'utf8')
      .trim()
      .split('\n')
  ).toEqual(running.events.flatMap((event) => (event.kind === 'heartbeat' ? [event.json] : [])))
  expect(existsSync(join(running.dir(), 'metrics', 'shard_01.ndjson'))).toBe(true)
  expect(beats.at(-1)).toMatchObject({ shards_unconfirmed_count: 0, midrun_disconnected_time_s_total: 0 })
})

test('a Binance run checks its symbols and records snapshots on request, once per key at a time', async () => {
  const venue = await practice({ faults: [] })
  const symbol = ((await (await fetch(`${venue.binanceRestUrl}/api/v3/exchangeInfo`)).json()) as { symbols: { symbol: string }[] })
    .symbols[0]!.symbol
  const running = start({ ...venueConfig(venue), venue: 'binance', symbols: [symbol.toLowerCase()] })
  await running.until('shardState', (event) => event.state === 'open')
  running.plant.requestSnapshot(0, symbol)
  running.plant.requestSnapshot(0, symbol)
  await expect
    .poll(async () => notesOf((await keptIn(running.dir())).records).filter((note) => note['kind'] === 'depth').length, { timeout: 10_000 })
    .toBe(1)
  running.plant.stop('SIGTERM')
  await running.done
  const { records } = await keptIn(running.dir())
  const at = records.findIndex((record) => record.text.includes('"kind":"depth"'))
  expect(notesOf([records[at]!])[0]).toMatchObject({
    note: 'rest',
    venue: 'binance',
    kind: 'depth',
    key: symbol,
    status: 200,
    body: true,
    shard: 0
  })
  const body = records.find((record) => record.flags === 9 && record.monoRelNs > records[at]!.monoRelNs)
  expect(body?.text).toContain('"lastUpdateId"')
  const opened = notesOf(records).find((note) => note['note'] === 'conn_open')
  expect(opened?.['streams']).toEqual([
    `${symbol.toLowerCase()}@trade`,
    `${symbol.toLowerCase()}@depth@100ms`,
    `${symbol.toLowerCase()}@bookTicker`,
    `${symbol.toLowerCase()}@aggTrade`
  ])
  expect(records.filter((record) => record.text.includes('@bookTicker')).length).toBeGreaterThan(0)
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', reason: 'SIGTERM', ok: true })
})

test('drops, silence and oversized frames end a connection and are recorded with their trigger; malformed frames are kept', async () => {
  const venue = await practice()
  const running = start({ ...venueConfig(venue), wsShards: 1, wsPingTimeoutSeconds: 2, wsDataIdleReconnectSeconds: 60 })
  await running.until('shardState', (event) => event.state === 'open')
  const inject = async (fault: Record<string, unknown>, reconnects: number): Promise<void> => {
    const answer = await fetch(`${venue.httpUrl}/practice/fault`, { method: 'POST', body: JSON.stringify(fault) })
    expect(answer.status).toBe(200)
    await expect.poll(() => running.runlog('ws_connect').length, { timeout: 15_000 }).toBe(reconnects + 1)
  }
  const polymarket = { venue: 'polymarket' }
  await inject({ kind: 'malformed', ...polymarket }, 0)
  await inject({ kind: 'drop', ...polymarket }, 1)
  await inject({ kind: 'silence', ms: 30_000, ...polymarket }, 2)
  await inject({ kind: 'oversized', bytes: 70 * 1024 * 1024, ...polymarket }, 3)
  running.plant.stop('stop')
  await running.done
  const { records } = await keptIn(running.dir())
  const closed = notesOf(records).filter((note) => note['note'] === 'conn_closed')
  expect(closed.map((note) => note['trigger'])).toEqual(['exception', 'ping_timeout', 'exception', 'stop'])
  expect(running.runlog('reconnect').map((record) => record['trigger'])).toEqual(['exception', 'ping_timeout', 'exception'])
  const events = records.filter((record) => record.flags === 1 && record.text !== 'PONG')
  expect(events.filter((record) => !isJson(record.text))).toHaveLength(1)
  expect(verifyRun(running.dir()).ok).toBe(true)
}, 60_000)

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('HTTP refusals are waited for politely and recorded; the book comes in the end', async () => {
  const venue = await practice()
  const running = start({ ...venueConfig(venue), wsShards: 1 })
  await running.until('shardState', (event) => event.state === 'open')
  const manifest = JSON.parse(readFileSync(join(running.dir(), 'manifest.json'), 'utf8')) as { pinned_tokens: string[] }
  const answer = await fetch(`${venue.httpUrl}/practice/fault`, {
    method: 'POST',
    body: JSON.stringify({ kind: 'http', status: 429, count: 1, retryAfterS: 1 })
  })
  expect(answer.status).toBe(200)
  running.plant.requestSnapshot(0, manifest.pinned_tokens[0]!)
  const books = async (): Promise<unknown[]> =>
    notesOf((await keptIn(running.dir())).records)
      .filter((note) => note['kind'] === 'book')
      .map((note) => note['status'])
  await expect.poll(books, { timeout: 15_000 }).toEqual([429, 200])
  running.plant.requestSnapshot(0, 'no-such-token')
  await expect.poll(books, { timeout: 15_000 }).toEqual([429, 200, 404])
}, 40_000)

test('a venue that refuses the connection ends the run with a sentence, and no empty recording is left', async () => {
  const venue = await practice()
  const settings = venueConfig(venue)
  await venue.close()
  const running = start({ ...settings, restTimeout: 1 })
  await running.done
  const failed = running.events.find((event) => event.kind === 'failed')
  expect(failed?.failure).toMatchObject({ code: 'VENUE_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') as string })
  expect(running.events.at(-1)).toMatchObject({ kind: 'ended', ok: false })
  expect(existsSync(running.dir())).toBe(false)
}, 40_000)

test('a socket that never opens again ends the run after the allowed reconnects, with fatal.json', async () => {
  const venue = await practice()
  const running = start({ ...venueConfig(venue), wsShards: 1, wsReconnectMax: 3 })
  await running.until('shardState', (event) => event.state === 'open')
  await venue.close()
  await running.done
  expect(running.events.find((event) => event.kind === 'failed')?.failure.message).toMatch(
    /lost its connection 4 times; 3 reconnects are allowed/
  )
  expect(JSON.parse(readFileSync(join(running.dir(), 'fatal.json'), 'utf8'))).toMatchObject({ fatal_reason: 'RECONNECT_STORM' })
  expect(running.runlog('capture_stop')).toMatchObject([{ reason: 'RECONNECT_STORM', quality_status: 'degraded' }])
  const { bundle } = await keptIn(running.dir())
  expect(bundle.verdict.state).toBe('ended')
}, 40_000)

test('a symbol whose price step cannot be kept, or that the venue does not know, is refused with a sentence', async () => {
  const venue = await practice()
  const running = start({ ...venueConfig(venue), venue: 'binance', symbols: ['NOSUCHCOIN'] })
  await running.done
  expect(running.events.find((event) => event.kind === 'failed')?.failure).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('NOSUCHCOIN') as string
  })
})
