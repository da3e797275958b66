import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBundle, type OpenBundle } from '../bundle/index.ts'
import type { Tape } from '../tape/index.ts'
import { random } from '../testing/random.ts'
import { writeRoughRun, type RoughRun } from '../testing/roughRun.ts'
import { IndexPass } from './indexPass.ts'
import { runOfBundle, TapeRun } from './runTape.ts'

/** Everything that a tape knows, found by looking, so that a new field cannot be forgotten in a keyframe. */
function stateOf(tape: Tape): unknown {
  const { books, seconds } = tape
  return {
    instruments: books.instruments.all.map((state) => {
      const { book, key, ...rest } = state
      const side = ({ levels, count, dropped }: typeof book.bids): unknown => [[...levels.subarray(0, 2 * count)], dropped]
      return {
        ...rest,
        key: Buffer.from(key).toString('hex'),
        bids: side(book.bids),
        asks: side(book.asks),
        trust: { ...state.trust, recentPxE6: [...state.trust.recentPxE6] }
      }
    }),
    learnedTokens: books.instruments.learnedTokens,
    facts: books.instruments.all.map((state) => books.instruments.factsOf(state.tokenId, Infinity)),
    counts: { ...books.counts },
    marketEvents: books.marketEvents,
    subscribed: [...books.subscribedShards].sort((x, y) => x - y),
    lost: [...books.lostShards].sort((x, y) => x - y),
    doubtful: [...books.doubtfulShards].sort((x, y) => x - y),
    roster: books.roster.save(),
    seconds: Object.fromEntries(Object.entries(seconds).filter(([, value]) => typeof value === 'number')),
    rest: [...tape.frameBooks.expectedRest],
    frames: tape.frames,
    malformed: tape.malformed,
    recvRelNs: tape.recvRelNs,
    clockOffsetNs: tape.clockOffsetNs,
    windows: tape.windows.save(),
    detectors: tape.signals.save(undefined).map((frozen) => frozen && { ...frozen, depth: [...frozen.depth] }),
    world: tape.world.save(),
    summary: tape.summary()
  }
}

const RUNS: readonly RoughRun[] = [
  { venue: 'binance', seed: 1, shards: 1, markets: 1, seconds: 60, messagesPerSecond: 110 },
  { venue: 'binance', seed: 2, shards: 3, markets: 5, seconds: 60, messagesPerSecond: 120 },
  { venue: 'polymarket', seed: 3, shards: 1, markets: 2, seconds: 60, messagesPerSecond: 100 },
  { venue: 'polymarket', seed: 4, shards: 4, markets: 9, seconds: 60, messagesPerSecond: 150 },
  { venue: 'binance', seed: 5, shards: 2, markets: 2, seconds: 200, messagesPerSecond: 40, weather: true },
  { venue: 'polymarket', seed: 6, shards: 2, markets: 3, seconds: 200, messagesPerSecond: 40, weather: true }
]

describe.each(RUNS)('a rough day of $venue in $shards shards (seed $seed)', (settings) => {
  let bundle: OpenBundle
  let index: IndexPass
  let end = 0
  beforeAll(async () => {
    bundle = await openBundle(await writeRoughRun(settings))
    index = new IndexPass(runOfBundle(bundle), { everyEvents: 700 })
    while (!index.done) index.step(97)
    end = Math.max(...bundle.shards.map((log) => log.lastMonoRelNs ?? 0))
  })
  afterAll(() => {
    index.close()
    bundle.close()
    rmSync(dirname(bundle.dir), { recursive: true })
  })

  test('the day was rough indeed', () => {
    const { counts } = index.tape.books
    expect(index.keyframes).toBeGreaterThan(5)
    expect(index.tape.malformed).toBeGreaterThan(0)
    expect(index.tape.books.instruments.all.some((state) => state.epoch > 1)).toBe(true)
    expect(counts.stale).toBeGreaterThan(0)
    if (settings.weather !== true) return
    const { world, windows } = index.tape
    expect(world.stations.map(({ stationId }) => stationId).sort()).toEqual(['KLGA', 'LEMD'])
    expect(world.stations.every(({ report, cluster, forecast }) => report !== undefined && (cluster ?? forecast) !== undefined)).toBe(true)
    expect(windows.openCount).toBeGreaterThan(0)
    expect(index.tape.summary().counts).toMatchObject({ nowcast_1m: expect.any(Number) as number, station: expect.any(Number) as number })
  })

  test('the state after a seek is the state reached by playing, and so is everything after it', () => {
    const next = random(settings.seed * 7919)
    const run = runOfBundle(bundle)
    const sought = new TapeRun(run, {})
    const final = index.tape.summary()
    const targets = [-1, 0, ...Array.from({ length: 12 }, () => Math.floor(next() * end)).sort((x, y) => x - y), end, end + 5e9]
    const played = new TapeRun(run, {})
    for (const [i, target] of targets.entries()) {
      played.advance(target, Infinity)
      index.seek(sought, target)
      expect(stateOf(sought.tape)).toEqual(stateOf(played.tape))
      // Now and then on to the end, so that the next seek goes back.
      if (i % 4 !== 1) continue
      sought.advance(Infinity, Infinity)
      expect(stateOf(sought.tape)).toEqual(stateOf(index.tape))
      expect(sought.tape.summary()).toEqual(final)
    }
    played.close()
    sought.close()
  })

  test('a seek replays few events', () => {
    const sought = new TapeRun(runOfBundle(bundle), {})
    for (let target = 0; target < end; target += 1.37e9) {
      index.startBefore(sought, target)
      const before = sought.tape.summary().counts
      sought.advance(target, Infinity)
      const after = sought.tape.summary().counts
      const replayed = Object.entries(after).reduce((sum, [name, n]) => sum + n - (before[name as keyof typeof before] ?? 0), 0)
      expect(replayed).toBeLessThan(700 + 4 * settings.markets + 50)
    }
    sought.close()
  })

  test('the fingerprint is the same however the run is sliced and drained', () => {
    const run = runOfBundle(bundle)
    const next = random(settings.seed)
    const wanted = index.tape.summary()
    for (let round = 0; round < 2; round++) {
      const sliced = new TapeRun(run, {})
      for (let at = 0; sliced.nextRelNs !== undefined;) {
        if (next() < 0.5) sliced.advance(Infinity, Math.floor(next() * 900))
        else sliced.advance((at += next() * 2e9), Infinity)
        if (next() < 0.3) sliced.tape.drain()
        if (next() < 0.1) sliced.tape.summary()
      }
      expect(sliced.tape.summary()).toEqual(wanted)
      sliced.close()
    }
  })
})
