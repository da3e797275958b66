import { expect, test } from 'vitest'
import { binanceInStep, binanceTape, depth, MS, ORIGIN, S, snapshot, TestTape } from './testTape.ts'

const FIRST = Number(ORIGIN / 1_000_000_000n)
const seconds = (t: TestTape): number[] => t.of('timeline_1s').map((record) => record.second - FIRST)

test('each second of receive time ends once, whatever the clock of the venue says', () => {
  const t = binanceInStep().ticksTo(4.1 * S)
  expect(seconds(t)).toEqual([0, 1, 2, 3])
  expect(t.of('l2_snap_1s').map((snap) => snap.second - FIRST)).toEqual([0, 1, 2, 3])
})

test('a short silence is filled with the book as it was', () => {
  const t = binanceInStep()
  t.now = 9.5 * S
  t.json(depth(11, 11, [['10', '2']]))
  expect(seconds(t)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(t.of('l2_snap_1s').map((snap) => snap.levels.bids[1])).toEqual(Array.from({ length: 9 }, () => 1e6))
  expect(t.integrity()).toEqual([])
})

test('silence of more than 15 s is a hole, not a row of invented seconds', () => {
  const t = binanceInStep()
  const silentFrom = t.now - MS
  t.now = silentFrom + 15 * S + 1
  t.json(depth(11, 11))
  expect(seconds(t)).toEqual([0])
  const [gap] = t.of('integrity').filter((event) => event.kind === 'GAP_DETECTED')
  expect(gap).toMatchObject({ reason: 'no_watermark', durationNs: 15 * S + 1, instrumentId: 0 })
  t.ticksTo(t.now + 2 * S)
  expect(seconds(t)).toEqual([0, 15, 16])
  // The hole counts in the second in which it was found out.
  expect(t.of('timeline_1s').map((record) => record.gaps)).toEqual([0, 1, 0])
})

test('silence of exactly 15 s is filled', () => {
  const t = binanceInStep()
  t.now = t.now - MS + 15 * S
  t.json(depth(11, 11))
  expect(t.of('l2_snap_1s')).toHaveLength(15)
  expect(t.integrity()).toEqual([])
})

test('a silence of years costs nothing', () => {
  const t = binanceInStep()
  t.now = 3 * 365 * 86_400 * S
  t.json(depth(11, 11))
  expect(seconds(t)).toEqual([0])
})

test('a run that begins late, before its origin or inside a second has no invented seconds in front', () => {
  for (const first of [0, 1, 30.7 * S, -2.5 * S, 100 * 86_400 * S]) {
    const t = binanceTape()
    const late = new TestTape('binance', { originTsNs: ORIGIN + 123_456_789n })
    late.now = first
    late
      .json(depth(1, 1))
      .rest('depth', 'ABC', snapshot(1))
      .ticksTo(first + 1.5 * S)
    expect(late.of('timeline_1s')[0]?.second).toBe(
      Math.floor((Number(ORIGIN % 1_000_000_000_000_000n) + 123_456_789 + first) / S) + Number(ORIGIN / 1_000_000_000_000_000n) * 1e6
    )
    expect(t.integrity()).toEqual([])
  }
})

test('times never go back, even where the frames do', () => {
  const t = binanceInStep().ticksTo(5 * S)
  t.now = 2 * S
  t.json(depth(11, 11)).note({ note: 'tick' })
  const times = t.records().map((record) => record.recvRelNs)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(seconds(t)).toEqual([0, 1, 2, 3, 4].slice(0, seconds(t).length))
})

test('a step of the wall clock is told, and changes no time', () => {
  const t = binanceInStep()
  const at = t.now
  t.push('{"result":null,"id":1}', 1, 0, t.now + 0.4 * S)
    .push('{"result":null,"id":2}', 1, 0, t.now + 3600 * S)
    .push('{"result":null,"id":3}', 1, 0, t.now + 3600 * S)
  t.push('{"result":null,"id":4}', 1, 0, t.now - 10 * S)
  const steps = t.of('integrity').filter((event) => event.kind === 'CLOCK_STEP')
  expect(steps.map((event) => [event.reason, event.durationNs])).toEqual([
    ['wall_clock', 3600 * S],
    ['wall_clock', -3610 * S]
  ])
  expect(t.of('frame_raw').at(-1)).toMatchObject({ recvRelNs: at + 3 * MS, rxWallRelNs: at + 3 * MS - 10 * S })
  expect(seconds(t)).toEqual([])
})

test('the timeline counts frames, trades and gaps of its second', () => {
  const t = binanceInStep()
    .json({ e: 'trade', s: 'ABC', t: 1, p: '10', q: '1', m: false })
    .push('{')
    .ticksTo(1.1 * S)
    .json(depth(20, 21))
    .ticksTo(2.1 * S)
  expect(
    t.of('timeline_1s').map(({ frames, trades, gaps, untrustedBooks, books }) => [frames, trades, gaps, untrustedBooks, books])
  ).toEqual([
    [4, 1, 1, 1, 1],
    [1, 0, 1, 1, 1]
  ])
})

test('columns and timeline are the same records whatever instrument is looked at', () => {
  const make = (watched: number): TestTape => {
    const t = binanceTape(['ABC', 'XYZ'])
    t.tape.seconds.watchedId = watched
    t.json(depth(1, 1))
      .json(depth(1, 1, [], [], 'XYZ'))
      .rest('depth', 'ABC', snapshot(1))
      .rest('depth', 'XYZ', snapshot(1))
    t.ticksTo(2.5 * S)
    t.now += 5 * S
    t.tape.seconds.writeLadder(t.book('ABC'), t.now)
    return t.json(depth(2, 2)).ticksTo(t.now + 2 * S)
  }
  const lines = (t: TestTape, ch: 'timeline_1s' | 'depth_1s'): unknown[] => t.of(ch)
  expect(lines(make(1), 'timeline_1s')).toEqual(lines(make(0), 'timeline_1s'))
  expect(lines(make(2), 'timeline_1s')).toEqual(lines(make(0), 'timeline_1s'))
  expect(make(1).records()).toEqual(make(0).records())
})

test('a column carries the last spot while a side is missing, and says so', () => {
  const t = binanceInStep()
  t.tape.seconds.watchedId = 1
  t.ticksTo(1.1 * S)
    .json(depth(11, 11, [], [['11', '0']]))
    .ticksTo(2.1 * S)
    .json(depth(12, 12, [], [['12', '1']]))
    .ticksTo(3.1 * S)
  expect(
    t.of('depth_1s').map(({ second, spotPxE6, spotCarried, bestAskPxE6 }) => [second - FIRST, spotPxE6, spotCarried, bestAskPxE6])
  ).toEqual([
    [0, 10_500_000, false, 11_000_000],
    [1, 10_500_000, true, undefined],
    [2, 11_000_000, false, 12_000_000]
  ])
})

test('a column reaches 600 ticks to each side of the spot, edges included', () => {
  const t = binanceTape()
  t.tape.seconds.watchedId = 1
  const bids = [
    ['10', '1'],
    ['4.5', '2'],
    ['4.49', '3']
  ] as const
  const asks = [
    ['11', '1'],
    ['16.5', '2'],
    ['16.51', '3']
  ] as const
  t.json(depth(1, 1))
    .rest('depth', 'ABC', snapshot(1, bids, asks))
    .ticksTo(1.1 * S)
  // Spot 10.5, tick 0.01: from 4.5 to 16.5.
  expect(t.of('depth_1s')[0]?.levels).toEqual({ bids: [10e6, 1e6, 4.5e6, 2e6], asks: [11e6, 1e6, 16.5e6, 2e6] })
})
