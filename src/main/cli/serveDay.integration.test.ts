import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { SUBSCRIBE_ALL, type DayChoice, type Subscription } from '../../shared/api/index.ts'
import { bundlePaths, openBundle } from '../engine/bundle/index.ts'
import { ReplayStream, type StreamLink, type StreamSource } from '../engine/index.ts'
import { compactRun } from '../engine/lake/index.ts'
import { rebuildJournal, type Keep } from '../engine/record/index.ts'
import { TestSink } from '../engine/stream/testSink.ts'
import { writeRoughRun } from '../engine/testing/roughRun.ts'
import { StreamRig } from '../server/testStream.ts'
import { rawRecords } from '../engine/replay/index.ts'
import { runCli } from './runCli.ts'

const RAW: Subscription = { ...SUBSCRIBE_ALL, mode: 'raw' }
const SHAPE = { venue: 'polymarket', shards: 2, markets: 2, messagesPerSecond: 60, weather: true, outsideModel: true } as const
const T0 = nsOf('2026-11-20T15:00:00.25Z')
const DATE = '2026-11-20'
const SHIFT_NS = Number(T0 - nsOf('2026-11-20T05:00:00Z'))
const rig = new StreamRig()
const opened: StreamSource[] = []
let work = ''
let dir = ''

function nsOf(utc: string): bigint {
  return BigInt(Date.parse(utc)) * 1_000_000n
}

/** Records a run anew, and puts what was kept into a lake. */
async function recorded(runDir: string, keep: Keep, lake: string): Promise<string> {
  const bundle = await openBundle(runDir)
  const run = { runDir, runId: bundle.runId, venue: 'polymarket', t0WallNs: bundle.t0WallNs } as const
  const settings = { keep, segmentSeconds: 20, segmentBytes: 1 << 26 }
  await rebuildJournal(run, settings, rawRecords(bundle, { keep, withHealth: true }))
  bundle.close()
  await compactRun({ bundleDir: runDir, lakeDir: join(work, lake) })
  return join(work, lake)
}

async function withHeartbeats(runDir: string, seconds: number): Promise<string> {
  const bundle = await openBundle(runDir)
  const { globalMetrics } = bundlePaths(runDir)
  mkdirSync(dirname(globalMetrics), { recursive: true })
  const lines = Array.from(
    { length: seconds - 5 },
    (_, i) => `{"record_type":"heartbeat","hb_mono_ns":${bundle.t0MonoNs + BigInt(i + 1) * 1_000_000_000n + 7n},"frames":${i}}\n`
  )
  writeFileSync(globalMetrics, lines.join(''))
  bundle.close()
  return runDir
}

const WAIT = { timeout: 60_000, interval: 10 }

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tapedeck-serve-day-'))
  dir = await withHeartbeats(await writeRoughRun({ ...SHAPE, seconds: 60, seed: 81, t0Ns: T0 }), 60)
  await recorded(dir, 'all', 'all')
  await recorded(dir, 'light', 'light')
}, 60_000)
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close()
  vi.restoreAllMocks()
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

async function bundleStream(runDir = dir): Promise<ReplayStream> {
  const stream = await ReplayStream.open(runDir)
  opened.push(stream)
  return stream
}

async function dayStream(
  lake: string | undefined,
  choice: Partial<DayChoice> = {},
  bundleDirs: string[] = [],
  faults: string[] = []
): Promise<ReplayStream> {
  const request = { lakeDir: lake === undefined ? undefined : join(work, lake), bundleDirs, choice: { date: DATE, ...choice } }
  const stream = await ReplayStream.openDay(request, { onFault: (fault) => void faults.push(fault) })
  opened.push(stream)
  return stream
}

async function playToEnd(link: StreamLink, sink: TestSink): Promise<void> {
  await link.command({ cmd: 'speed', speed: 0 })
  await link.command({ cmd: 'play' })
  await sink.until(() => sink.states.at(-1)?.state === 'finished')
}

async function allLines(stream: StreamSource, subscription = RAW): Promise<readonly string[]> {
  const sink = new TestSink()
  const link = stream.connect(sink, subscription, 'own')
  await playToEnd(link, sink)
  link.close()
  return sink.lines
}

interface WindowLine {
  readonly window_id: string
  readonly ts_ingest_utc: string
  readonly data: { readonly action: string }
}

const chOf = (line: string): string => (JSON.parse(line) as { ch: string }).ch
const without = (lines: readonly string[], ...channels: string[]): string[] => lines.filter((line) => !channels.includes(chOf(line)))
const only = (lines: readonly string[], channel: string): string[] => lines.filter((line) => chOf(line) === channel)

describe('a program cannot tell a recorded day from the replay of its bundle', () => {
  test('from Parquet over WebSocket: what a light journal keeps is byte for byte the same', async () => {
    const heard: string[][] = []
    for (const source of [await bundleStream(), await dayStream('light')]) {
      const server = await rig.start(source)
      const client = rig.connect(server.wsUrl)
      await client.next('replay_state')
      client.send({ cmd: 'subscribe', id: 1, mode: 'raw' })
      client.send({ cmd: 'speed', speed: 0 })
      client.send({ cmd: 'play' })
      const finished = (): boolean =>
        client.messages().some((message) => message['type'] === 'replay_state' && message['state'] === 'finished')
      await vi.waitFor(() => expect(finished()).toBe(true), WAIT)
      heard.push(client.texts.filter((text) => text.startsWith('{"schema_version"')))
    }
    const [raw, day] = heard as [string[], string[]]
    expect(without(day, 'tape_trades', 'l2_deltas_event_window')).toEqual(without(raw, 'tape_trades', 'l2_book', 'top_of_book'))
    for (const ch of ['instrument', 'l2_snap_1s', 'metar_obs', 'features_1m', 'nowcast_1m', 'event_window', 'health'])
      expect(only(day, ch).length).toBeGreaterThan(0)
    // Inside event windows only: fewer, in the same words.
    for (const [ch, whole] of [
      ['tape_trades', 'tape_trades'],
      ['l2_deltas_event_window', 'l2_book']
    ] as const) {
      const there = new Set(only(raw, whole))
      expect(only(day, ch).length).toBeGreaterThan(0)
      expect(only(day, ch).every((line) => there.has(line.replace(`"ch":"${ch}"`, `"ch":"${whole}"`)))).toBe(true)
    }
  })

  test.each(['parquet', 'journal'])('everything, where everything was kept, from %s', async (place) => {
    if (place === 'journal') await recorded(dir, 'all', 'again')
    const day = place === 'journal' ? await dayStream(undefined, {}, [dir]) : await dayStream('all')
    expect(day.facts).toMatchObject({ mode: 'replay', run_id: 'rough-81', day: { date: DATE, stored_in: place, run_ids: ['rough-81'] } })
    const expected = await allLines(await bundleStream())
    expect(expected.length).toBeGreaterThan(1000)
    expect(await allLines(day)).toEqual(expected)
  })

  test('a day that was opened light has no ladders, whatever a client asks for', async () => {
    const lines = only(await allLines(await dayStream('all', { mode: 'light' })), 'l2_snap_1s')
    expect(lines.length).toBeGreaterThan(50)
    expect(lines.filter((line) => line.includes('"bids"'))).toEqual([])
  })

  test('as an event stream over HTTP', async () => {
    const stream = await dayStream('light')
    const server = await rig.start(stream)
    const response = await fetch(`${server.sseUrl}&mode=raw&speed=0`)
    let text = ''
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      text += part
      if (text.includes('"state":"finished"')) break
    }
    const lines = [...text.matchAll(/^data: (\{"schema_version".*)$/gm)].map((match) => match[1])
    expect(lines).toEqual(await allLines(stream))
  })

  test('the state of any moment, and what follows', async () => {
    const [raw, day] = [await bundleStream(), await dayStream('all')]
    for (const atRelNs of [2.4e9, 17e9, 29_999_999_999, 44.2e9]) {
      const sinks = [new TestSink(), new TestSink()]
      const links = [raw, day].map((stream, i) => stream.connect(sinks[i]!, RAW, 'own'))
      await links[0]!.command({ cmd: 'seek', relNs: atRelNs })
      await links[1]!.command({ cmd: 'seek', relNs: SHIFT_NS + atRelNs })
      expect(sinks[1]!.parts.at(-1)!.atRelNs).toBe(SHIFT_NS + atRelNs)
      expect(sinks[1]!.lines).toEqual(sinks[0]!.lines)
      const { categories, current_index, clock, metar_count: metar, window_count: window } = links[1]!.state
      const rawState = links[0]!.state
      expect({ categories, current_index, at: clock.current_time }).toEqual({
        categories: rawState.categories,
        current_index: rawState.current_index,
        at: rawState.clock.current_time
      })
      for (const [i, link] of links.entries()) await playToEnd(link, sinks[i]!)
      expect(sinks[1]!.lines).toEqual(sinks[0]!.lines)
      expect(links[1]!.state.total_events).toBe(links[0]!.state.total_events)
      expect({ metar, window }).toEqual({ metar: rawState.metar_count, window: rawState.window_count })
      for (const link of links) link.close()
    }
  })

  test('the state of a day says which day it is, and of whom', async () => {
    const [day, station, bundle] = [await dayStream('all'), await dayStream('all', { stations: ['LEMD'] }), await bundleStream()]
    const states = [day, station, bundle].map((stream) => stream.connect(new TestSink(), RAW, 'own').state)
    expect(states[0]).toMatchObject({
      date: DATE,
      station_id: null,
      station_timezone: 'America/New_York',
      date_reference: 'time_zone',
      source_dates: [DATE],
      local_day_start_utc: '2026-11-20T05:00:00.000000+00:00',
      local_day_end_utc: '2026-11-21T05:00:00.000000+00:00'
    })
    expect(states[1]).toMatchObject({ station_id: 'LEMD', date: DATE })
    expect(states[2]).toMatchObject({ date: null, station_id: null, date_reference: null, source_dates: [], local_day_start_utc: null })
  })

  test('no window that has ended is in the state, also where several began at once', async () => {
    // Long enough that a seek begins in the middle of the run.
    const long = await writeRoughRun({ ...SHAPE, messagesPerSecond: 500, seconds: 110, seed: 84, t0Ns: T0 })
    await recorded(long, 'light', 'long')
    const streams = [await bundleStream(long), await dayStream('long')]
    const windows = only(await allLines(streams[1]!), 'event_window').map((line) => JSON.parse(line) as WindowLine)
    for (const atRelNs of [80e9, 95e9, 109e9]) {
      const states: (readonly string[])[] = []
      for (const stream of streams) {
        const sink = new TestSink()
        const link = stream.connect(sink, SUBSCRIBE_ALL, 'own')
        await link.command({ cmd: 'seek', relNs: atRelNs + Number(T0 - BigInt(stream.facts.origin_ts_ns)) })
        states.push(sink.lines)
        link.close()
      }
      expect(states[1]).toEqual(states[0])
      const atUtc = new Date(Number((T0 + BigInt(atRelNs)) / 1_000_000n)).toISOString()
      const open = new Set<string>()
      for (const { window_id: id, data } of windows.filter((one) => one.ts_ingest_utc < atUtc))
        if (data.action === 'START') open.add(id)
        else open.delete(id)
      expect(new Set(only(states[0]!, 'event_window').map((line) => (JSON.parse(line) as WindowLine).window_id))).toEqual(open)
    }
    rmSync(dirname(long), { recursive: true })
  })

  test.each(['metar', 'window', 'gap', 'trade'] as const)('a jump to a %s goes to the same place', async (kind) => {
    const places: bigint[][] = []
    for (const stream of [await bundleStream(), await dayStream('all')]) {
      const sink = new TestSink()
      const link = stream.connect(sink, RAW, 'own')
      await sink.until(() => link.state.total_events !== null)
      const found: bigint[] = []
      while (found.length < 4 && ((await link.command({ cmd: 'jump', kind, direction: 1 })) as { moved: boolean }).moved)
        found.push(BigInt(stream.facts.origin_ts_ns) + BigInt(sink.parts.at(-1)!.atRelNs!))
      places.push(found)
    }
    expect(places[0]!.length).toBeGreaterThan(0)
    expect(places[1]).toEqual(places[0])
  })

  test('clients of the shared clock see the same; one that comes later has the state first', async () => {
    const stream = await dayStream('light')
    const [first, late] = [new TestSink(), new TestSink()]
    const link = stream.connect(first, SUBSCRIBE_ALL, 'shared')
    await link.command({ cmd: 'seek', relNs: SHIFT_NS + 20e9 })
    const other = stream.connect(late, SUBSCRIBE_ALL, 'shared')
    expect(late.parts.at(-1)).toEqual(first.parts.at(-1))
    await playToEnd(other, late)
    expect(late.lines).toEqual(first.lines)
  })
})

describe('several runs in one day', () => {
  test('each event has the ids of its own run, one run after the other or both at once', async () => {
    for (const laterS of [30, 300]) {
      const other = await writeRoughRun({ ...SHAPE, seconds: 40, seed: 82, t0Ns: T0 + BigInt(laterS) * 1_000_000_000n })
      await recorded(other, 'all', `other-${laterS}`)
      const stream = await dayStream('all', {}, [other])
      expect(stream.facts.day).toMatchObject({ run_ids: ['rough-81', 'rough-82'], stored_in: 'both' })
      const lines = await allLines(stream)
      const byRun = [await allLines(await bundleStream()), await allLines(await bundleStream(other))]
      const of = byRun.map((own) => new Set(own))
      expect(lines.length).toBe(byRun[0]!.length + byRun[1]!.length)
      for (const i of [0, 1]) expect(lines.filter((line) => of[i]!.has(line))).toEqual(byRun[i])
      const sink = new TestSink()
      const link = stream.connect(sink, RAW, 'own')
      await link.command({ cmd: 'seek', relNs: SHIFT_NS + (laterS + 15) * 1e9 })
      // Every line of the state is one that was told before, and the newest event of a channel has its own run's id.
      const { categories } = link.state
      const told = new Set(lines)
      expect(sink.lines.length).toBeGreaterThan(4)
      expect(sink.lines.every((line) => told.has(line))).toBe(true)
      const newest = lines.filter((line) => line.includes(`"event_id":"${categories['l2_snap_1s']!.latest_event_id!}"`))
      expect(newest).toHaveLength(1)
      // Books are those of the runs that are heard at that time.
      const books = [await booksAt(dir, (laterS + 15) * 1e9), await booksAt(other, 15e9)]
      expect(only(sink.lines, 'l2_snap_1s').toSorted()).toEqual((laterS === 30 ? books.flat() : books[1]!).toSorted())
      const numbers = await numbersIn(stream)
      expect(numbers.size).toBeGreaterThan(4)
      expect([...numbers.values()].every((names) => names.size === 1)).toBe(true)
      rmSync(dirname(other), { recursive: true })
    }
  })

  async function booksAt(runDir: string, relNs: number): Promise<string[]> {
    const sink = new TestSink()
    const link = (await bundleStream(runDir)).connect(sink, RAW, 'own')
    await link.command({ cmd: 'seek', relNs })
    link.close()
    return only(sink.lines, 'l2_snap_1s')
  }

  /** Which tokens each number of the lines stands for: by these a slow client keeps the newest. */
  async function numbersIn(stream: StreamSource): Promise<Map<number, Set<string>>> {
    const numbers = new Map<number, Set<string>>()
    const sink = new TestSink()
    sink.line = ({ ch, instrumentId, text }) => {
      if (ch !== 'l2_snap_1s') return
      const { token_id: token } = JSON.parse(text) as { token_id: string }
      numbers.set(instrumentId, (numbers.get(instrumentId) ?? new Set()).add(token))
    }
    await playToEnd(stream.connect(sink, SUBSCRIBE_ALL, 'own'), sink)
    return numbers
  }

  test('a day that begins within a run tells first what was announced before', async () => {
    const night = await writeRoughRun({ ...SHAPE, seconds: 40, seed: 83, t0Ns: nsOf('2026-11-20T04:59:40Z') })
    await recorded(night, 'all', 'night')
    const midnight = '"ts_ingest_utc":"2026-11-20T05:'
    const raw = await allLines(await bundleStream(night))
    const expected = raw.filter((line) => line.includes(midnight))
    const stream = await dayStream('night')
    const sink = new TestSink()
    const link = stream.connect(sink, RAW, 'own')
    const before = [...sink.lines]
    expect(new Set(before.map(chOf))).toEqual(new Set(['instrument', 'station']))
    expect(before.every((line) => raw.includes(line))).toBe(true)
    await playToEnd(link, sink)
    expect(sink.lines).toEqual([...before, ...expected])
    await link.command({ cmd: 'load' })
    expect(sink.lines).toEqual(before)
    rmSync(dirname(night), { recursive: true })
  })
})

describe('what goes wrong', () => {
  test('commands that make no sense are answered, and the day plays on', async () => {
    const server = await rig.start(await dayStream('light'))
    const client = rig.connect(server.wsUrl)
    await client.next('replay_state')
    const hostile = [
      '{"cmd":"seek","rel_ns":-9e15}',
      '{"cmd":"seek","rel_ns":9e15}',
      '{"cmd":"seek","ts_utc":"0001-01-01T00:00:00.000000+00:00"}',
      '{"cmd":"loop","loop":{"from_rel_ns":5,"to_rel_ns":5}}',
      '{"cmd":"jump","kind":"trade","direction":-1}',
      '{"cmd":"step","unit":"event","direction":-1}',
      '{"cmd":"subscribe","stations":["../.."],"tokens":["no such"]}',
      '{"cmd":"day","date":"2026-11-19"}',
      '{"cmd":"load","path":"/etc/passwd"}',
      '{'
    ]
    for (const text of hostile) client.send(text)
    client.send({ cmd: 'subscribe', id: 'sound' })
    client.send({ cmd: 'load' })
    client.send({ cmd: 'speed', speed: 0 })
    client.send({ cmd: 'play', id: 'last' })
    const answered = (): Record<string, unknown>[] => client.messages().filter(({ type }) => type === 'ack' || type === 'error')
    await vi.waitFor(() => expect(answered().length).toBeGreaterThanOrEqual(hostile.length + 4), WAIT)
    expect(answered().at(-1)).toMatchObject({ type: 'ack', id: 'last' })
    expect(answered().filter(({ type }) => type === 'error').length).toBeGreaterThanOrEqual(5)
    const finished = (): boolean => client.messages().at(-1)?.['state'] === 'finished'
    await vi.waitFor(() => expect(finished()).toBe(true), WAIT)
    const start = client.texts.findLastIndex((text) => text.startsWith('{"type":"replay_reset"'))
    const lines = client.texts.slice(start).filter((text) => text.startsWith('{"schema_version"'))
    expect(lines).toEqual(await allLines(await dayStream('light'), SUBSCRIBE_ALL))
  })

  test('a damaged part is told once in a sentence, and the rest plays', async () => {
    const lake = await recorded(dir, 'light', 'damaged')
    const folder = join(lake, `station=polymarket/date=${DATE}/ch=l2_deltas_event_window`)
    const path = join(folder, readdirSync(folder)[0]!)
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
    const faults: string[] = []
    const lines = await allLines(await dayStream('damaged', {}, [], faults))
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain('l2_deltas_event_window')
    expect(lines).toEqual(without(await allLines(await dayStream('light')), 'l2_deltas_event_window'))
  })

  test.each([
    [['--day', DATE, '--live'], 2, 'serve needs either --run-dir or --live'],
    [['--run-dir', 'a', '--replay', '--live'], 2, 'not both'],
    [['--run-dir', 'a', 'b'], 2, 'several belong to --day'],
    [['--run-dir', 'a', '--station', 'KLGA'], 2, '--station belongs to --day'],
    [['--day', 'tomorrow', '--lake', '.'], 2, 'is no day'],
    [['--day', '2026-11-22', '--lake', 'LAKE'], 1, 'Nothing was recorded on 2026-11-22'],
    [['--day', DATE, '--lake', 'LAKE', '--channels', 'nonsense'], 2, 'There is no channel nonsense']
  ])('%j is refused in a sentence', async (args, code, sentence) => {
    let complained = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((complained += String(text)), true))
    expect(await runCli(['serve', ...args.map((arg) => (arg === 'LAKE' ? join(work, 'light') : arg))])).toBe(code)
    expect(complained).toContain(sentence)
  })
})
