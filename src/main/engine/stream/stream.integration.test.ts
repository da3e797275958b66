import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { channelsOf, SUBSCRIBE_ALL, TRANSPORTS, type StreamState, type Subscription } from '../../../shared/api/index.ts'
import { bundlePaths, framesFileName, openBundle } from '../bundle/index.ts'
import { LiveSession } from '../live/index.ts'
import { eventLines, MergedFrames } from '../replay/index.ts'
import { ROUGH_T0_NS, writeRoughRun } from '../testing/roughRun.ts'
import { LiveStream, ReplayStream, type StreamLink } from './index.ts'
import { TestSink } from './testSink.ts'

const RAW: Subscription = { ...SUBSCRIBE_ALL, mode: 'raw' }
let dir = ''
/** Heartbeats, and the frames between them in flushes of about 100 ms. */
const flushes: { readonly untilRelNs: number; readonly give: (session: LiveSession) => void }[] = []

beforeAll(async () => {
  dir = await writeRoughRun({
    venue: 'polymarket',
    seed: 31,
    shards: 2,
    markets: 3,
    seconds: 60,
    messagesPerSecond: 200,
    weather: true,
    outsideModel: true
  })
  const bundle = await openBundle(dir)
  const { globalMetrics } = bundlePaths(dir)
  mkdirSync(dirname(globalMetrics), { recursive: true })
  const beats = Array.from({ length: 55 }, (_, i) => ({ relNs: (i + 1) * 1e9 + 7, n: i }))
  const lineOf = (beat: { relNs: number; n: number }): string =>
    `{"record_type":"heartbeat","hb_mono_ns":${bundle.t0MonoNs + BigInt(beat.relNs)},"frames":${beat.n}}`
  writeFileSync(globalMetrics, beats.map((beat) => `${lineOf(beat)}\n`).join(''))
  const files = [0, 1].map((shard) => readFileSync(join(dir, 'capture', framesFileName(shard))))
  const merged = new MergedFrames([0, 1], (shard) => bundle.openReader(shard))
  const places: { shard: number; idx: number; offset: number; end: number; relNs: number }[] = []
  for (let frame = merged.next(); frame !== undefined; frame = merged.next())
    places.push({ shard: frame.shard, idx: frame.idx, offset: frame.offset, end: frame.nextOffset, relNs: frame.monoRelNs })
  merged.close()
  for (let at = 0; at < places.length;) {
    const from = at
    const untilRelNs = places[at]!.relNs + 1e8
    while (at < places.length && places[at]!.relNs <= untilRelNs) at++
    const mine = places.slice(from, at)
    // As the plant does: a heartbeat is told before any frame that came after it, and maybe before some that came earlier.
    while (beats.length > 0 && beats[0]!.relNs < mine.at(-1)!.relNs) {
      const beat = beats.shift()!
      flushes.push({ untilRelNs: beat.relNs, give: (session) => session.heartbeat(lineOf(beat), bundle.t0MonoNs + BigInt(beat.relNs)) })
    }
    const parts = [0, 1].flatMap((shard) => {
      const own = mine.filter((place) => place.shard === shard)
      const [first] = own
      if (first === undefined) return []
      const bytes = Uint8Array.from(files[shard]!.subarray(first.offset, own.at(-1)!.end))
      return [{ shard, firstIdx: first.idx, fileOffset: first.offset, byteLength: bytes.length, bytes }]
    })
    flushes.push({ untilRelNs: mine.at(-1)!.relNs, give: (session) => session.frames(parts, 0) })
  }
  bundle.close()
})
afterAll(() => rmSync(dirname(dir), { recursive: true }))

/** A live run from beginning to end; `meet` is called behind each flush. */
async function live(meet: (stream: LiveStream, untilRelNs: number) => void): Promise<void> {
  const bundle = await openBundle(dir)
  const run = { runId: bundle.runId, venue: 'polymarket' as const, synthetic: true }
  const stream = new LiveStream({ ...run, originTsNs: bundle.t0WallNs })
  const session = new LiveSession(
    { ...run, runDir: dir, name: '', t0WallNs: bundle.t0WallNs, t0MonoNs: bundle.t0MonoNs, historyNs: 600e9 },
    {
      nowNs: () => 0,
      post: () => undefined,
      requestSnapshot: () => undefined,
      records: (bytes, length) => stream.records(bytes.slice(0, length)),
      health: (record) => stream.records(record.slice())
    }
  )
  bundle.close()
  meet(stream, -1)
  for (const { give, untilRelNs } of flushes) {
    give(session)
    session.tick()
    meet(stream, untilRelNs)
  }
  session.ended()
  stream.ended()
  session.dispose()
}

/** What a state says of how much there was, at the end. */
function countsOf(sink: TestSink): Partial<StreamState> {
  const { current_index, metar_count, window_count, categories } = sink.states.at(-1)!
  expect(metar_count).toBe(categories['metar_obs']?.count)
  expect(window_count).toBe(categories['event_window']?.count)
  return { current_index, metar_count, window_count, categories }
}

async function playToEnd(link: StreamLink, sink: TestSink): Promise<void> {
  await link.command({ cmd: 'speed', speed: 0 })
  await link.command({ cmd: 'play' })
  await sink.until(() => sink.states.at(-1)?.state === 'finished')
}

describe('a client cannot tell a recording from its replay', () => {
  test.each(['light', 'raw'] as const)('from the first line on, %s', async (mode) => {
    const subscription = { ...SUBSCRIBE_ALL, mode }
    const lived = new TestSink()
    let met = false
    await live((stream) => {
      if (!met) stream.connect(lived, subscription)
      met = true
    })
    const stream = await ReplayStream.open(dir)
    const sink = new TestSink()
    await playToEnd(stream.connect(sink, subscription, 'own'), sink)
    expect(lived.lines.length).toBeGreaterThan(200)
    expect(sink.lines).toEqual(lived.lines)
    expect(countsOf(sink)).toEqual(countsOf(lived))
    const count = (ch: string): number => lived.lines.filter((line) => line.includes(`"ch":"${ch}"`)).length
    expect(count('health')).toBe(55)
    for (const ch of ['metar_obs', 'event_window', 'features_1m', 'nowcast_1m']) expect(count(ch)).toBeGreaterThan(0)
    await stream.close()
  })

  test('from any moment on, the state of that moment first', async () => {
    const sinks: TestSink[] = []
    let flush = 0
    await live((stream) => {
      if (flush++ % 29 === 5) stream.connect(sinks[sinks.push(new TestSink()) - 1]!, RAW)
    })
    expect(sinks.length).toBeGreaterThan(5)
    const stream = await ReplayStream.open(dir)
    for (const lived of sinks) {
      const { atRelNs } = lived.parts.at(-1)!
      const sink = new TestSink()
      const link = stream.connect(sink, RAW, 'own')
      await link.command({ cmd: 'seek', relNs: atRelNs! })
      expect(sink.parts.at(-1)!.atRelNs).toBe(atRelNs)
      await playToEnd(link, sink)
      expect(sink.lines.length).toBeGreaterThan(20)
      expect(sink.lines).toEqual(lived.lines)
      link.close()
    }
    await stream.close()
  })
})

describe('a replay that is listened to', () => {
  test('tells the events of the bundle in their order, and its states by the names of the seed', async () => {
    const stream = await ReplayStream.open(dir)
    const sink = new TestSink()
    const link = stream.connect(sink, RAW, 'own')
    await sink.until(() => link.state.total_events !== null)
    expect(link.state).toMatchObject({ state: 'ready', current_index: 0, mode: 'raw', channels_loaded: TRANSPORTS })
    await playToEnd(link, sink)
    const wanted = new Set<string>(TRANSPORTS.flatMap((name) => channelsOf(name, 'raw')))
    const expected: string[] = []
    for await (const lines of eventLines(dir, { format: 'ndjson', channels: wanted })) expected.push(...lines)
    expect(sink.lines.filter((line) => !line.includes('"ch":"health"'))).toEqual(expected)
    const end = sink.states.at(-1) as StreamState
    expect(end).toMatchObject({ state: 'finished', current_index: end.total_events, clock: { is_finished: true, progress_percent: 100 } })
    expect(end.categories['tape_trades']?.latest_event_id).toMatch(/^[0-9a-f-]{36}$/)
    await link.command({ cmd: 'load' })
    expect(link.state).toMatchObject({ state: 'ready', current_index: 0 })
    await playToEnd(link, sink)
    expect(sink.lines.filter((line) => !line.includes('"ch":"health"'))).toEqual(expected)
    await stream.close()
  })

  test('tokens and transport names choose, and a later choice begins with the state', async () => {
    const stream = await ReplayStream.open(dir)
    const sink = new TestSink()
    const link = stream.connect(sink, { ...SUBSCRIBE_ALL, channels: ['tape'] }, 'own')
    await playToEnd(link, sink)
    const trades = sink.lines.map((line) => JSON.parse(line) as { ch: string; token_id?: string })
    expect(new Set(trades.map(({ ch }) => ch))).toEqual(new Set(['instrument', 'tape_trades']))
    const token = trades.find(({ ch }) => ch === 'tape_trades')!.token_id!
    link.subscribe({ ...SUBSCRIBE_ALL, channels: ['l2'], tokens: [token] })
    const state = sink.lines.map((line) => JSON.parse(line) as { ch: string; token_id?: string })
    expect(state.map(({ ch }) => ch)).toEqual(['instrument', 'l2_snap_1s'])
    expect(new Set(state.map(({ token_id }) => token_id))).toEqual(new Set([token]))
    await stream.close()
  })

  test('in light mode books have their best prices and no ladder; raw keeps it', async () => {
    const stream = await ReplayStream.open(dir)
    const books: Record<string, unknown>[][] = []
    for (const mode of ['light', 'raw'] as const) {
      const sink = new TestSink()
      const link = stream.connect(sink, { ...SUBSCRIBE_ALL, channels: ['l2'], mode }, 'own')
      await playToEnd(link, sink)
      const snaps = sink.lines.map((line) => JSON.parse(line) as { ch: string; data: Record<string, unknown> })
      books.push(snaps.filter(({ ch }) => ch === 'l2_snap_1s').map(({ data }) => data))
      link.close()
    }
    const [light, raw] = books as [Record<string, unknown>[], Record<string, unknown>[]]
    expect(raw.some(({ bids }) => (bids as unknown[]).length > 2)).toBe(true)
    expect(light).toEqual(raw.map(({ bids: _bids, asks: _asks, ...best }) => best))
    expect(light.some((data) => 'best_bid' in data)).toBe(true)
    await stream.close()
  })

  test('a state has the newest nowcast of each model', async () => {
    const stream = await ReplayStream.open(dir)
    const sink = new TestSink()
    const link = stream.connect(sink, { ...SUBSCRIBE_ALL, channels: ['nowcast'], stations: ['KLGA'] }, 'own')
    await link.command({ cmd: 'seek', relNs: 59e9 })
    const events = sink.lines.map((line) => JSON.parse(line) as { ch: string; data: { model?: string } })
    expect(events.filter(({ ch }) => ch === 'nowcast_1m').map(({ data }) => data.model)).toEqual(['baseline', 'external'])
    await stream.close()
  })

  test('a clock of one’s own waits for a client that takes nothing; the shared one does not', async () => {
    const stream = await ReplayStream.open(dir)
    const slow = new TestSink()
    slow.ready = false
    const own = stream.connect(slow, RAW, 'own')
    await own.command({ cmd: 'speed', speed: 0 })
    await own.command({ cmd: 'play' })
    const shared = new TestSink()
    shared.ready = false
    const link = stream.connect(shared, RAW, 'shared')
    await playToEnd(link, shared)
    expect(slow.lines).toHaveLength(0)
    slow.ready = true
    await slow.until(() => slow.states.at(-1)?.state === 'finished')
    expect(slow.lines).toEqual(shared.lines)
    await stream.close()
  })

  test('clients of the shared clock see the same, and one that comes later has the state first', async () => {
    const stream = await ReplayStream.open(dir)
    const [first, late] = [new TestSink(), new TestSink()]
    const link = stream.connect(first, RAW, 'shared')
    await link.command({ cmd: 'seek', relNs: 10e9 })
    const other = stream.connect(late, RAW, 'shared')
    expect(late.parts.at(-1)).toEqual(first.parts.at(-1))
    await playToEnd(other, late)
    expect(late.lines).toEqual(first.lines)
    await stream.close()
  })

  test('what a seek found on its way is the state that is told to one who comes later, wherever it went', async () => {
    const stream = await ReplayStream.open(dir)
    const [first, late] = [new TestSink(), new TestSink()]
    const link = stream.connect(first, RAW, 'shared')
    await link.command({ cmd: 'seek_percent', percent: 100 })
    // Whole seconds, the nanosecond before them and places between; forwards and backwards.
    for (let i = 0; i < 30; i++) {
      const relNs = ((i * 37) % 60) * 1e9 + [-1, 0, 123_456_789][i % 3]!
      await link.command({ cmd: 'seek', relNs })
      stream.connect(late, RAW, 'shared').close()
      expect(late.parts.at(-1)).toEqual(first.parts.at(-1))
    }
    expect(new Set(late.parts.map(({ lines }) => lines.join('\n'))).size).toBeGreaterThan(25)
    await stream.close()
  })

  test('more clocks of their own than there is room for are refused in words', async () => {
    const stream = await ReplayStream.open(dir)
    const links = Array.from({ length: 16 }, () => stream.connect(new TestSink(), RAW, 'own'))
    expect(() => stream.connect(new TestSink(), RAW, 'own')).toThrow(/Ask for the shared clock/)
    links[3]!.close()
    stream.connect(new TestSink(), RAW, 'own')
    await stream.close()
  })

  test('a recording under way does not play, step or seek', async () => {
    const stream = new LiveStream({ runId: 'x', venue: 'binance', synthetic: true, originTsNs: ROUGH_T0_NS })
    const link = stream.connect(new TestSink(), SUBSCRIBE_ALL)
    await expect(link.command({ cmd: 'play' })).rejects.toMatchObject({ code: 'USAGE' })
    expect(link.state).toMatchObject({ state: 'playing', total_events: null, clock: { kind: 'live' } })
  })
})
