import { createHash } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FrameEncoder, openBundle } from '../bundle/index.ts'
import { eventLines, replayReport } from '../replay/index.ts'
import { runStrategies, summaryLine, type RunOptions } from './index.ts'
import { reference } from './normalise/testReference.ts'
import { makeRun, removeRuns } from './testRuns.ts'

const SHA_OF_NOTHING = createHash('sha256').digest('hex')
let runs: string[] = []
let binance = ''
beforeAll(async () => {
  runs = [
    await makeRun({ seed: 1, venue: 'polymarket', markets: 10, messages: 6000, shards: 1 }),
    await makeRun({ seed: 2, venue: 'polymarket', markets: 40, messages: 12_000, shards: 4, withGap: true }),
    await makeRun({ seed: 3, venue: 'polymarket', markets: 3, messages: 3000, shards: 2 })
  ]
  binance = await makeRun({ seed: 4, venue: 'binance', markets: 3, messages: 6000, shards: 2, withGap: true })
})
afterAll(removeRuns)

const BOTH = [{ name: 'toy_taker' }, { name: 'toy_spread' }]

async function line(runDir: string, options: Partial<RunOptions> = {}, replay: object = {}): Promise<string> {
  const result = await runStrategies({ source: { mode: 'replay', runDir, ...replay }, strategies: BOTH, ...options })
  return summaryLine(result, { stable: true, pnl: true })
}

/** A clock that jumps where someone sleeps, so that pacing takes no time. Every third sleep is much longer: a pause. */
function jumpingClock(): Pick<RunOptions, 'clock' | 'sleep'> {
  let ns = 5n
  let sleeps = 0
  const sleep = (ms: number): Promise<void> => {
    ns += BigInt(Math.round(ms * 1e6)) * (++sleeps % 3 === 0 ? 20n : 1n)
    return Promise.resolve()
  }
  return { clock: { monoNs: () => (ns += 100n), wallNs: () => ns }, sleep }
}

test('three bundles give the same line twice, and PASS', async () => {
  const lines = []
  for (const run of runs) {
    const [one, two] = [await line(run), await line(run)]
    expect(one === two ? 'PASS' : 'FAIL').toBe('PASS')
    lines.push(one)
  }
  expect(new Set(lines).size).toBe(3)
  for (const text of lines) expect(JSON.parse(text)).toMatchObject({ ok: true, elapsed_ms: 0, decode_errors: 0, schema_errors: 0 })
})

test.each(['book', 'change'] as const)('pace, pauses and slices change nothing in the line (%s)', async (events) => {
  for (const run of [...runs, binance]) {
    const plain = await line(run, { events })
    expect(await line(run, { events, batchEvents: 1 })).toBe(plain)
    expect(await line(run, { events, batchEvents: 77 })).toBe(plain)
    expect(await line(run, { events, ...jumpingClock() }, { speed: 1 })).toBe(plain)
    expect(await line(run, { events, ...jumpingClock() }, { speed: 100 })).toBe(plain)
  }
})

test('without a strategy there are events and no intents, and the hash is SHA-256 of nothing', async () => {
  for (const run of runs) {
    const result = await runStrategies({ source: { mode: 'replay', runDir: run } })
    expect(result).toMatchObject({ ok: true, intents: 0, fills: 0, finalHash: SHA_OF_NOTHING, details: { intents: [], fills: [] } })
    expect(result.canonicalEvents).toBeGreaterThan(100)
  }
})

test('toy_spread asks and is never filled; its hash is that of lines worked out from JSON.parse alone', async () => {
  const result = await runStrategies({ source: { mode: 'replay', runDir: runs[1]! }, strategies: [{ name: 'toy_spread' }] })
  expect(result.intents).toBeGreaterThan(100)
  expect(JSON.parse(summaryLine(result, { pnl: true }))).toMatchObject({
    intents: result.intents,
    pnl: { cash_e6: 0, realized_pnl_e6: 0, unrealized_pnl_e6: 0, fees_paid_e6: 0, total_pnl_e6: 0, positions_e6: {} }
  })
  expect(result.finalHash).toBe(await referenceHash(runs[1]!))
})

/** The whole way once more, as plainly as it can be said: frames sorted, JSON.parse, toy_spread, SHA-256. */
async function referenceHash(runDir: string): Promise<string> {
  const bundle = await openBundle(runDir, { readOnly: true })
  const frames: { shard: number; idx: number; at: number; payload: Buffer }[] = []
  for (const { shard } of bundle.shards) {
    const reader = bundle.openReader(shard)
    while (reader.next())
      if (reader.flags === 1) frames.push({ shard, idx: reader.idx, at: reader.monoRelNs, payload: Buffer.from(reader.payload()) })
    reader.close()
  }
  bundle.close()
  frames.sort((a, b) => a.at - b.at || a.shard - b.shard || a.idx - b.idx)
  let seq = 0
  let text = ''
  for (const { marketId, bid, ask } of frames.flatMap(({ payload }) => reference(payload).events)) {
    seq++
    if (bid === undefined || ask === undefined || ask[0] - bid[0] < 50_000n) continue
    text += `${seq}|toy_spread|place|${marketId}|buy|${bid[0]}|1000000|gtc|maker|toy_spread\n`
    text += `${seq}|toy_spread|place|${marketId}|sell|${ask[0]}|1000000|gtc|maker|toy_spread\n`
  }
  return createHash('sha256').update(text).digest('hex')
}

test('toy_taker is filled at the top, keeps its limit, and its profit adds up', async () => {
  const strategies = [{ name: 'toy_taker', params: { max_position_e6: 2_000_000 } }]
  const { pnl, details, fills, trust } = await runStrategies({ source: { mode: 'replay', runDir: runs[1]! }, strategies })
  expect(fills).toBe(details?.fills.length)
  expect(fills).toBeGreaterThan(20)
  for (const { positionE6 } of pnl.positions) expect(positionE6 <= 2_000_000n && positionE6 >= -2_000_000n).toBe(true)
  expect(pnl.totalPnlE6).toBe(pnl.realizedPnlE6 + pnl.unrealizedPnlE6 - pnl.feesPaidE6)
  expect(details?.series.at(-1)?.totalPnlE6).toBe(Number(pnl.totalPnlE6))
  // What was held, market by market: at the end what the ledger says, and at each instant the sums that the series has.
  const held = details?.marketPositions ?? []
  expect(
    held.filter(({ positionE6 }) => positionE6.at(-1) !== 0).map(({ marketId, positionE6 }) => [marketId, BigInt(positionE6.at(-1)!)])
  ).toEqual(pnl.positions.map(({ marketId, positionE6 }) => [marketId, positionE6]))
  for (const [i, point] of (details?.series ?? []).entries()) {
    const now = held.map(({ positionE6 }) => positionE6[i]!)
    expect(now.filter((size) => size > 0).reduce((sum, size) => sum + size, 0)).toBe(point.longPositionE6)
    expect(now.filter((size) => size < 0).reduce((sum, size) => sum + size, 0)).toBe(point.shortPositionE6)
  }
  expect(trust.anyShareE6).toBeGreaterThan(0)
  expect(trust.spans.length).toBeGreaterThan(0)
})

test('max-events and max-seconds end at the same place, however the run is cut', async () => {
  for (const events of ['book', 'change'] as const)
    for (const cut of [{ maxEvents: 333 }, { maxEvents: 1 }]) {
      const plain = await line(runs[1]!, { events, ...cut })
      expect(JSON.parse(plain)).toMatchObject({ canonical_events: cut.maxEvents })
      expect(await line(runs[1]!, { events, ...cut, batchEvents: 10 })).toBe(plain)
      expect(await line(runs[1]!, { events, ...cut, ...jumpingClock() }, { speed: 1 })).toBe(plain)
    }
  const whole = JSON.parse(await line(runs[1]!)) as { canonical_events: number }
  const short = JSON.parse(await line(runs[1]!, {}, { maxSeconds: 1 })) as { canonical_events: number }
  expect(short.canonical_events).toBeGreaterThan(0)
  expect(short.canonical_events).toBeLessThan(whole.canonical_events)
})

test('limits of the allocator hold, and the strategy before has the right of way', async () => {
  const limited = async (limits: Partial<RunOptions>): Promise<Record<string, number>> => {
    const { details } = await runStrategies({ source: { mode: 'replay', runDir: runs[2]! }, strategies: BOTH, ...limits })
    const perEvent = new Map<number, string[]>()
    for (const { seq, strategyId } of details?.intents ?? []) perEvent.set(seq, [...(perEvent.get(seq) ?? []), strategyId])
    const all = [...perEvent.values()]
    return { most: Math.max(...all.map((ids) => ids.length)), takers: all.flat().filter((id) => id === 'toy_taker').length }
  }
  const free = await limited({})
  expect(free).toMatchObject({ most: 3 })
  expect(await limited({ maxIntentsPerStrategy: 1 })).toMatchObject({ most: 2 })
  const tight = await limited({ maxIntentsGlobal: 2 })
  expect(tight['most']).toBe(2)
  expect(tight['takers']).toBeLessThan(free['takers']!)
})

test('Binance has no full books: book gives no event and says so, change gives the tops of the depth', async () => {
  expect(JSON.parse(await line(binance))).toMatchObject({ canonical_events: 0, note: expect.stringMatching(/--events change/) as string })
  const change = JSON.parse(await line(binance, { events: 'change' })) as { canonical_events: number; fills: number; note?: string }
  expect(change.canonical_events).toBeGreaterThan(10)
  expect(change.note).toBeUndefined()
})

test('events of the kind change are the tape’s changes of the top, value for value', async () => {
  for (const run of [runs[1]!, binance]) {
    const { counts } = await replayReport(run)
    const seen: unknown[] = []
    const told: unknown[] = []
    for await (const lines of eventLines(run, { format: 'ndjson', channels: new Set(['top_of_book']) }))
      for (const text of lines) seen.push(topOf(JSON.parse(text) as Record<string, never>))
    const strategy = join(tmpdir(), `tapedeck-all-events-${process.pid}.mjs`)
    writeFileSync(strategy, ALL_EVENTS)
    const result = await runStrategies({ source: { mode: 'replay', runDir: run }, events: 'change', strategies: [{ name: strategy }] })
    rmSync(strategy)
    for (const { intent } of result.details?.intents ?? []) told.push(JSON.parse(intent.tag))
    expect(result.canonicalEvents).toBe(counts['top_of_book'])
    expect(seen.length).toBe(result.canonicalEvents)
    expect(told).toEqual(seen.slice(0, told.length))
    expect(told.length).toBeGreaterThan(20)
  }
})

/** What an event of the tape says, in the form of the tags. */
function topOf(event: Record<string, unknown>): unknown {
  const data = event['data'] as Record<string, number | undefined>
  const e6 = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value * 1e6))
  return [String(event['token_id']).slice(0, 20), ...['bid_px', 'bid_sz', 'ask_px', 'ask_sz'].map((name) => e6(data[name]))]
}

/** A strategy that says in its tags what it was shown. */
const ALL_EVENTS = `export default { onTopOfBook: (c, e) => [{
  type: 'cancel', orderId: 'x', marketId: e.marketId,
  tag: JSON.stringify([e.marketId.slice(0, 20), e.bidPxE6, e.bidSizeE6, e.askPxE6, e.askSizeE6].map((v) => v ?? null))
}] }`

test('a replay writes nothing into the bundle', async () => {
  const files = (): string[] =>
    readdirSync(runs[0]!, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => `${name} ${statSync(join(runs[0]!, name)).mtimeMs}`)
  const before = files()
  await line(runs[0]!)
  await line(runs[0]!, { events: 'change' })
  expect(files()).toEqual(before)
})

test('the line has the keys of the original in its order, ours behind', async () => {
  const result = await runStrategies({ source: { mode: 'replay', runDir: runs[0]! }, strategies: BOTH })
  const keys = (text: string): string[] => Object.keys(JSON.parse(text) as object)
  const first = ['ok', 'mode', 'execution', 'canonical_events', 'intents', 'final_hash', 'elapsed_ms']
  const ours = 'events fills decode_errors schema_errors fallbacks skipped missing_bytes missing_records untrusted'.split(' ')
  expect(keys(summaryLine(result))).toEqual([...first, ...ours])
  expect(keys(summaryLine(result, { pnl: true }))).toEqual([...first, 'pnl', ...ours])
  const failed = { ...result, ok: false, failure: { code: 'ABORTED', message: 'stopped' } } as const
  expect(keys(summaryLine(failed, { pnl: true }))).toEqual([...first, 'pnl', 'error', ...ours])
  const timed = await runStrategies({ source: { mode: 'replay', runDir: runs[0]! }, strategies: BOTH, maxCallbackUs: 1_000_000 })
  expect(keys(summaryLine(timed))).toEqual([...first, 'callback_stats', ...ours])
  expect(JSON.parse(summaryLine(timed))).toMatchObject({
    callback_stats: { toy_taker: { count: result.canonicalEvents, overruns: 0 }, toy_spread: { count: result.canonicalEvents } }
  })
  expect(keys(summaryLine(timed, { stable: true }))).toEqual([...first, ...ours])
  const stable = JSON.parse(summaryLine(result, { pnl: true, stable: true })) as { pnl: object }
  expect(Object.keys(stable.pnl)).toEqual(Object.keys(stable.pnl).sort())
})

test('a replay that is stopped says so and how far it came', async () => {
  const abort = new AbortController()
  const result = await runStrategies({
    source: { mode: 'replay', runDir: runs[1]! },
    strategies: BOTH,
    batchEvents: 50,
    signal: abort.signal,
    onProgress: ({ canonicalEvents }) => {
      if (canonicalEvents >= 200) abort.abort()
    }
  })
  expect(result).toMatchObject({ ok: false, failure: { code: 'ABORTED' } })
  // The first frame alone holds more books than a batch.
  expect(result.canonicalEvents).toBeGreaterThanOrEqual(200)
  expect(result.canonicalEvents).toBeLessThan(400)
})

test('damaged bytes are skipped and counted against the trust; the run comes to its end and is not ok', async () => {
  const dir = await makeRun({ seed: 9, venue: 'polymarket', markets: 5, messages: 3000, shards: 1 })
  const path = join(dir, 'capture', 'shard_00.frames')
  const bytes = readFileSync(path)
  bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 5000)
  writeFileSync(path, bytes)
  const one = await line(dir)
  expect(JSON.parse(one)).toMatchObject({ ok: false, error: expect.stringContaining('could not be read') as string })
  expect((JSON.parse(one) as { untrusted: { share_e6: number } }).untrusted.share_e6).toBeGreaterThan(0)
  expect(await line(dir, { batchEvents: 3 })).toBe(one)
})

test('hostile messages are counted and stop nothing, in either kind of events', async () => {
  const dir = await makeRun({ seed: 11, venue: 'polymarket', markets: 2, messages: 300, shards: 1 })
  const path = join(dir, 'capture', 'shard_00.frames')
  const encoder = new FrameEncoder({ t0MonoNs: 0n, t0WallNs: 1_900_000_000_000_000_000n })
  const level = '{"price":"0.12345678901234567890","size":"1e400"}'
  const texts = [
    `{"event_type":"book","asset_id":"x","bids":${'['.repeat(100_000)}`,
    `{"event_type":"book","asset_id":"x","market":"m","timestamp":"-9e99","bids":[${level}],"asks":null}`,
    `{"event_type":"alien","asset_id":null,"bids":[null,1e999,{"price":null,"size":{}}],"asks":[]}`,
    `[${'{"event_type":"book","asset_id":"y","bids":[],"asks":[]},'.repeat(20_000)}7]`,
    Buffer.from('{"bids":[],"asset_id":"\xff\xfe"}', 'latin1'),
    `{"event_type":"book","asset_id":"z","hash":"${'a'.repeat(8_000_000)}","bids":[{"price":"0.5","size":"1"}],"asks":[]}`,
    '\u0000\u0000"asks"',
    ''
  ]
  const last = 1e12
  texts.forEach((text, i) => encoder.append(Buffer.from(text as string), 1, last - i * 1000, -5))
  appendFileSync(path, encoder.frames())
  for (const events of ['book', 'change'] as const) {
    const result = await runStrategies({ source: { mode: 'replay', runDir: dir }, strategies: BOTH, events })
    expect(result).toMatchObject({ ok: true, failure: undefined })
    expect(result.counts.decodeErrors).toBeGreaterThanOrEqual(3)
    expect(await line(dir, { events, batchEvents: 5 })).toBe(await line(dir, { events }))
  }
}, 60_000)
