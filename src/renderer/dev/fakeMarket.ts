import {
  type Channel,
  depth1s,
  type Depth1s,
  encodeRecord,
  integrity,
  type Integrity,
  ladder,
  type Ladder,
  type RecordOf,
  recordBytes,
  tapeTrades,
  type TapeTrade,
  timeline1s,
  type Timeline1s
} from '../../shared/channels/index.ts'

/** Random numbers from a seed, the same every time. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Encodes records of any channels into one batch. */
export function encodeAll(records: readonly (readonly [Channel, object])[]): Uint8Array {
  const length = records.reduce((sum, [channel, record]) => sum + recordBytes(channel, record), 0)
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [channel, record] of records) at = encodeRecord(channel, record as RecordOf<Channel>, view, at)
  return bytes
}

export interface FakeSecond {
  readonly depth: Depth1s | undefined
  readonly timeline: Timeline1s
  readonly trades: readonly TapeTrade[]
  readonly integrity: readonly Integrity[]
  readonly ladder: Ladder
}

const TICK = 10_000

/** A market that looks alive: a walking price, walls that stay, trades in bursts, a gap, an untrusted stretch, missing seconds. */
export function fakeSeconds(originSec: number, count: number, seed: number, faults: boolean): readonly FakeSecond[] {
  const random = seededRandom(seed)
  const walls = Array.from({ length: 26 }, () => ({ tick: 6_180_000 + Math.round((random() - 0.5) * 900), size: 2 + random() * 14 }))
  let spotTick = 6_180_000
  let heat = 0
  return Array.from({ length: count }, (_, i) => {
    heat = heat * 0.9 + (random() < 0.04 ? 3 : 0)
    spotTick += Math.round((random() - 0.5) * (4 + heat * 9))
    const moving = walls[Math.floor(random() * walls.length)]
    if (moving !== undefined && random() < 0.06) moving.tick = spotTick + Math.round((random() - 0.5) * 500)
    return makeSecond(originSec, i, spotTick, walls, heat, random, faults)
  })
}

type Wall = { readonly tick: number; readonly size: number }

function makeSecond(
  originSec: number,
  i: number,
  spotTick: number,
  walls: readonly Wall[],
  heat: number,
  random: () => number,
  faults: boolean
): FakeSecond {
  const untrusted = faults && i % 600 >= 300 && i % 600 < 318
  const missing = faults && i % 600 >= 420 && i % 600 < 432
  const carried = faults && i % 600 >= 200 && i % 600 < 212
  const header = { shard: 0, frameIdx: i, pos: 0, instrumentId: 1, recvRelNs: (i + 1) * 1e9 }
  const half = 1 + Math.floor(random() * 3)
  const bids = sideLevels(spotTick - half, -1, walls, random)
  const asks = sideLevels(spotTick + half, 1, walls, random)
  const levels = { bids, asks }
  const depth: Depth1s | undefined = missing
    ? undefined
    : {
        ch: 'depth_1s',
        ...header,
        second: originSec + i,
        spotPxE6: spotTick * TICK,
        spotCarried: carried,
        bookOk: !untrusted,
        bestBidPxE6: bids[0] ?? 0,
        bestAskPxE6: asks[0] ?? 0,
        tickE6: TICK,
        levels
      }
  const trades = makeTrades(i, spotTick, half, heat, random)
  return {
    depth,
    trades,
    timeline: {
      ch: 'timeline_1s',
      ...header,
      instrumentId: 0,
      second: originSec + i,
      frames: missing ? 0 : Math.round(60 + heat * 150 + random() * 60),
      trades: trades.length,
      gaps: faults && i % 600 === 300 ? 1 : 0,
      untrustedBooks: untrusted ? 1 : 0,
      books: 1
    },
    integrity: faults ? faultsOf(i, header) : [],
    ladder: {
      ch: 'ladder',
      ...header,
      seq: 50_093_239_189 + i,
      resyncEpochId: 1,
      bookOk: !untrusted,
      tickE6: TICK,
      bidLevels: bids.length / 2,
      askLevels: asks.length / 2,
      levels: { bids: bids.slice(0, 80), asks: asks.slice(0, 80) }
    }
  }
}

function sideLevels(bestTick: number, step: 1 | -1, walls: readonly Wall[], random: () => number): number[] {
  const out: number[] = []
  for (let k = 0; k < 600; k++) {
    const tick = bestTick + step * k
    const wall = walls.find((one) => one.tick === tick)
    if (wall === undefined && random() > 0.35 - k / 2500 && k > 0) continue
    const size = wall === undefined ? 0.02 + random() ** 3 * (0.4 + k / 300) : wall.size * (0.8 + random() * 0.3)
    out.push(tick * TICK, Math.round(size * 1e6))
  }
  return out
}

function makeTrades(i: number, spotTick: number, half: number, heat: number, random: () => number): TapeTrade[] {
  return Array.from({ length: Math.floor(random() * 3 + heat * random() * 4) }, (_, k) => {
    const buy = random() < 0.5
    const away = Math.round(random() ** 3 * heat * 6)
    return {
      ch: 'tape_trades',
      shard: 0,
      frameIdx: i,
      pos: k + 1,
      instrumentId: 1,
      recvRelNs: i * 1e9 + Math.round((k + random()) * 2e8),
      pxE6: (spotTick + (buy ? half + away : -half - away)) * TICK,
      sizeE6: Math.round((0.002 + random() ** 6 * 4) * 1e6),
      side: buy ? 'buy' : 'sell',
      exchTsMs: undefined,
      text: String(1000 + k)
    }
  })
}

function faultsOf(
  i: number,
  header: { shard: number; frameIdx: number; pos: number; instrumentId: number; recvRelNs: number }
): Integrity[] {
  const at = i % 600
  const make = (pos: number, kind: Integrity['kind'], reason: Integrity['reason'], text: string): Integrity => ({
    ch: 'integrity',
    ...header,
    recvRelNs: i * 1e9 + 5e8,
    pos: 100 + pos,
    kind,
    reason,
    resyncEpochId: 2,
    seqExpected: undefined,
    seqGot: undefined,
    durationNs: undefined,
    text
  })
  if (at === 300) {
    return [
      make(0, 'GAP_DETECTED', 'sequence_hole', 'Update 50093239203 was expected, 50093239260 came.'),
      make(1, 'BOOK_RESYNC_START', 'sequence_hole', 'The book is dropped and fetched anew.')
    ]
  }
  if (at === 318) return [make(0, 'BOOK_RESYNC_DONE', 'none', 'The book is trusted again after 18 s.')]
  if (at === 120) return [make(0, 'MALFORMED_FRAME', 'undecodable', 'Frame 120 of connection 0 is no JSON.')]
  return []
}

/** All records of a second as a batch list. */
export function recordsOf(second: FakeSecond): (readonly [Channel, object])[] {
  const list: (readonly [Channel, object])[] = [
    ...second.trades.map((trade) => [tapeTrades as Channel, trade] as const),
    ...second.integrity.map((one) => [integrity as Channel, one] as const)
  ]
  if (second.depth !== undefined) list.push([depth1s, second.depth])
  list.push([ladder, second.ladder])
  return list
}

export function timelineOf(seconds: readonly FakeSecond[]): Uint8Array {
  return encodeAll(seconds.map((second) => [timeline1s as Channel, second.timeline] as const))
}
