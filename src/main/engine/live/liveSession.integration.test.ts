import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { framesFileName, openBundle } from '../bundle/index.ts'
import { MergedFrames, replayReport } from '../replay/index.ts'
import { TestScreen } from '../replay/testScreen.ts'
import { random } from '../testing/random.ts'
import { ROUGH_T0_NS, writeRoughRun } from '../testing/roughRun.ts'
import type { LiveFacts } from './growingSource.ts'
import { LiveSession, type FramesPart } from './liveSession.ts'

interface Place {
  readonly shard: number
  readonly idx: number
  readonly offset: number
  readonly end: number
  readonly relNs: number
}

const CREDIT = 4 * 1024 * 1024
let dir = ''
let fingerprint = ''
let counts: Readonly<Record<string, number>> = {}
const places: Place[] = []
let files: Buffer[] = []

beforeAll(async () => {
  dir = await writeRoughRun({ venue: 'polymarket', seed: 6, shards: 3, markets: 4, seconds: 40, messagesPerSecond: 150 })
  const report = await replayReport(dir)
  fingerprint = report.fingerprint
  counts = report.counts
  const bundle = await openBundle(dir)
  const merged = new MergedFrames([0, 1, 2], (shard) => bundle.openReader(shard))
  for (let frame = merged.next(); frame !== undefined; frame = merged.next()) {
    places.push({ shard: frame.shard, idx: frame.idx, offset: frame.offset, end: frame.nextOffset, relNs: frame.monoRelNs })
  }
  merged.close()
  bundle.close()
  files = [0, 1, 2].map((shard) => readFileSync(join(dir, 'capture', framesFileName(shard))))
})
afterAll(() => rmSync(dirname(dir), { recursive: true }))

/** One flush: what the capture thread appended to each shard. @param withBytes whether the bytes travel along or lie in the file only */
function flush(of: readonly Place[], withBytes: (shard: number) => boolean): FramesPart[] {
  return [0, 1, 2].flatMap((shard) => {
    const mine = of.filter((place) => place.shard === shard)
    const [first] = mine
    const last = mine.at(-1)
    if (first === undefined || last === undefined) return []
    const byteLength = last.end - first.offset
    const bytes = withBytes(shard) ? Uint8Array.from(files[shard]!.subarray(first.offset, last.end)) : undefined
    return [{ shard, firstIdx: first.idx, fileOffset: first.offset, byteLength, bytes }]
  })
}

let screen: TestScreen
let session: LiveSession
let requests = 0

const liveFacts = (historyNs: number): LiveFacts => ({
  runDir: dir,
  runId: 'rough-6',
  name: 'test',
  venue: 'polymarket',
  synthetic: true,
  t0WallNs: ROUGH_T0_NS,
  t0MonoNs: 0n,
  historyNs
})

beforeEach(() => {
  screen = new TestScreen()
  requests = 0
  session = new LiveSession(liveFacts(600e9), { ...screen.host, requestSnapshot: () => requests++ })
  screen.onGrant = (bytes) => session.grant(bytes)
})
afterEach(() => session.dispose())

/** Lets the capture run up to this share of the day, in flushes of any size. */
function capture(share: number, seed = 1, withBytes: (shard: number) => boolean = () => true, from = session.tape.frames): void {
  const next = random(seed)
  const end = Math.floor(share * places.length)
  for (let at = from; at < end;) {
    const size = Math.min(end - at, 1 + Math.floor(next() * 200))
    session.frames(flush(places.slice(at, at + size), withBytes), places[at + size - 1]!.relNs)
    screen.run(session, 16)
    at += size
  }
}

describe('the live tape', () => {
  test.each([
    ['with the frames', () => true],
    ['from the log alone', () => false],
    ['now with the frames and now from the log', (shard: number) => shard !== 1]
  ])('comes %s to the fingerprint of the replay', (_name, withBytes) => {
    capture(1, 7, withBytes)
    const { sha256, counts: own } = session.ended()
    expect(sha256).toBe(fingerprint)
    expect(own).toEqual(counts)
    expect(session.state).toMatchObject({ fingerprint, phase: 'stopping', playheadRelNs: places.at(-1)!.relNs })
    expect(requests).toBeGreaterThan(0)
  })

  test('does not depend on how the frames are flushed', () => {
    for (const place of places.slice(0, 300))
      session.frames(
        flush([place], () => true),
        0
      )
    session.frames(
      flush(places.slice(300), () => true),
      0
    )
    session.frames([], 0)
    expect(session.ended().sha256).toBe(fingerprint)
  })

  test('says when bytes that should be in the log are not there', () => {
    const [part] = flush(places.slice(0, 1), () => false)
    expect(() => session.frames([{ ...part!, byteLength: 1e9 }], 0)).toThrow(/Shard \d of the frame log ends at/)
  })
})

describe('what the screen gets', () => {
  test('the busiest instrument, without being asked', () => {
    capture(0.1)
    expect(session.state.instrumentId).toBeGreaterThan(0)
    expect(screen.of('ladder').at(-1)?.instrumentId).toBe(session.state.instrumentId)
  })

  test('after a choice the history is what was played, byte for byte, and nothing is missing or there twice', () => {
    capture(0.05)
    session.select(2)
    capture(0.6)
    const columns = (epoch: number, kind?: string): string[] =>
      screen.seen.flatMap((seen) =>
        seen.epoch === epoch && seen.record.ch === 'depth_1s' && (kind ?? seen.kind) === seen.kind ? [seen.hex] : []
      )
    const before = columns(session.state.viewEpoch)
    session.select(1)
    screen.run(session, 500)
    session.select(2)
    screen.run(session, 500)
    const { viewEpoch } = session.state
    expect(columns(viewEpoch, 'backfill')).toEqual(before)
    capture(1, 3)
    const seconds = screen.of('depth_1s', viewEpoch).map((column) => column.second)
    expect(seconds).toEqual([...new Set(seconds)].sort((x, y) => x - y))
    const trades = screen.of('tape_trades', viewEpoch)
    expect(trades).toHaveLength(session.tape.books.instruments.get(2)!.trades)
    expect(new Set(trades.map((trade) => `${trade.shard}/${trade.frameIdx}/${trade.pos}`)).size).toBe(trades.length)
  })

  test('the history goes back as far as the setting says, and no further', () => {
    session.dispose()
    session = new LiveSession(liveFacts(10e9), { ...screen.host, requestSnapshot: () => requests++ })
    capture(1)
    session.select(2)
    screen.run(session, 500)
    session.select(1)
    screen.run(session, 500)
    const { viewEpoch } = session.state
    const filled = screen.seen.flatMap(({ epoch, kind, record }) =>
      epoch === viewEpoch && kind === 'backfill' && record.ch === 'depth_1s' ? [record.second] : []
    )
    const last = Math.floor(Number(ROUGH_T0_NS) / 1e9 + session.tape.recvRelNs / 1e9)
    expect(filled.length).toBeGreaterThan(5)
    expect(Math.min(...filled)).toBeGreaterThanOrEqual(last - 11)
  })

  test('the first flush, however long it took, is part of the history', () => {
    session.frames(
      flush(places.slice(0, Math.floor(places.length / 2)), () => true),
      0
    )
    screen.run(session, 100)
    const [first] = screen.of('depth_1s')
    expect(first?.second).toBe(Number(ROUGH_T0_NS / 1_000_000_000n))
  })

  test('timeline and integrity events are whole over any number of choices, read or not', () => {
    const end = places.length
    for (let i = 0; i < 40; i++) {
      if (i % 5 === 2) stopReading()
      if (i % 5 === 4) startReading()
      const from = Math.floor((i / 40) * end)
      session.frames(
        flush(places.slice(from, Math.floor(((i + 1) / 40) * end)), () => true),
        0
      )
      if (i % 3 === 0) screen.run(session, 30)
      session.select(1 + (i % 4))
    }
    startReading()
    screen.run(session, 1000)
    const seen = (ch: 'timeline_1s' | 'integrity'): Set<string> =>
      new Set(screen.seen.flatMap(({ record, hex }) => (record.ch === ch ? [hex] : [])))
    expect(seen('integrity').size).toBe(session.tape.counts().integrity)
    const seconds = new Set(screen.seen.flatMap(({ record }) => (record.ch === 'timeline_1s' ? [record.second] : [])))
    const expected = new TestScreen()
    const other = new LiveSession(
      {
        runDir: dir,
        runId: 'rough-6',
        name: 'test',
        venue: 'polymarket',
        synthetic: true,
        t0WallNs: ROUGH_T0_NS,
        t0MonoNs: 0n,
        historyNs: 600e9
      },
      { ...expected.host, requestSnapshot: () => undefined }
    )
    other.frames(
      flush(places, () => true),
      0
    )
    other.refresh()
    expect(seconds).toEqual(new Set(expected.of('timeline_1s').map((record) => record.second)))
    other.dispose()
  })

  test('an instrument that does not exist is refused', () => {
    capture(0.05)
    const { viewEpoch } = session.state
    expect(session.select(999)).toBe(false)
    expect(session.state.viewEpoch).toBe(viewEpoch)
  })

  test('a heartbeat is shown as it was written, with what the plant counted', () => {
    capture(0.05)
    const text =
      '{"record_type":"heartbeat","frames":12,"bytes_written":345,"synced_bytes":{"0":100,"1":20},"idx_synced_bytes":{"0":2,"1":1},"msgs_per_sec":6.5,"reconnects":2}'
    session.heartbeat(text, 5_000_000_000n)
    screen.run(session, 100)
    expect(screen.of('health')).toEqual([expect.objectContaining({ text, recvRelNs: 5e9 })])
    expect(session.state.capture).toEqual({ frames: 12, bytes: 345, syncedBytes: 123, framesPerSecond: 6.5, reconnects: 2 })
    session.heartbeat('torn {', 6_000_000_000n)
    expect(session.state.capture?.frames).toBe(12)
  })
})

function stopReading(): void {
  screen.reading = false
  session.grant(-CREDIT)
  screen.owed += CREDIT
}

function startReading(): void {
  if (!screen.reading) screen.read()
}

describe('a slow screen', () => {
  test('holds nothing up, gets no more than its credit, and everything when it reads again', () => {
    capture(0.2)
    stopReading()
    const { frames } = screen
    capture(0.9)
    session.heartbeat('{"frames":1}', 1n)
    screen.run(session, 5000)
    expect(screen.frames - frames).toBeLessThanOrEqual(1)
    startReading()
    screen.run(session, 1000)
    capture(1)
    expect(session.ended().sha256).toBe(fingerprint)
    const columns = screen.of('depth_1s')
    expect(new Set(columns.map((column) => column.second)).size).toBe(columns.length)
  })

  test('a screen that was away for long is filled anew under the next epoch', () => {
    capture(0.3)
    stopReading()
    const { viewEpoch } = session.state
    // Much more than a screen may be behind: the same moment over and over would be a minute of a busy market.
    const heartbeat = `{"frames":1,"pad":"${'x'.repeat(1 << 20)}"}`
    for (let i = 0; i < 40; i++) {
      session.heartbeat(heartbeat, BigInt(i))
      screen.run(session, 20)
    }
    expect(session.state.viewEpoch).toBeGreaterThan(viewEpoch)
    const { bytes } = screen
    capture(0.6)
    expect(screen.bytes).toBe(bytes)
    startReading()
    screen.run(session, 1000)
    expect(screen.bytes - bytes).toBeLessThan(8 << 20)
    expect(screen.of('timeline_1s', session.state.viewEpoch).length).toBeGreaterThan(10)
    expect(screen.of('depth_1s', session.state.viewEpoch).length).toBeGreaterThan(10)
  })

  test('a refresh sends timeline, instruments, history and ladder again', () => {
    capture(0.5)
    session.refresh()
    screen.run(session, 1000)
    const { viewEpoch } = session.state
    expect(screen.of('timeline_1s', viewEpoch).length).toBeGreaterThan(10)
    expect(screen.of('depth_1s', viewEpoch).length).toBeGreaterThan(10)
    expect(screen.of('ladder', viewEpoch).length).toBeGreaterThan(0)
    expect(screen.events.filter((event) => event.kind === 'instruments').length).toBeGreaterThan(1)
  })
})
