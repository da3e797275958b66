import { expect, test } from 'vitest'
import type { Clock } from '../clock.ts'
import { binanceTransport, discoverPolymarket, polymarketTransport, type RecordedGet } from '../feeds/index.ts'
import { ReceiveClock } from './receiveClock.ts'
import { IntervalSeries } from './intervalSeries.ts'
import { assignShards, shardCount, shardOfKey } from './tokenShard.ts'

function fakeClock(): Clock & { mono: bigint; wall: bigint } {
  const clock = { mono: 5_000n, wall: 1_700_000_000_000_000_000n, monoNs: () => clock.mono, wallNs: () => clock.wall }
  return clock
}

test('stamps ascend strictly even when the counter stands still, and start at the run’s origin', () => {
  const host = fakeClock()
  const clock = new ReceiveClock(host)
  const stamps = [1, 2, 3].map(() => {
    clock.stamp()
    return clock.monoRelNs
  })
  host.mono += 100n
  clock.stamp()
  expect([...stamps, clock.monoRelNs]).toEqual([1, 2, 3, 100])
  expect([clock.t0MonoNs, clock.t0WallNs]).toEqual([5_000n, 1_700_000_000_000_000_000n])
})

test('a wall clock that is set shows up within ten milliseconds, and the monotonic stamp never notices', () => {
  const host = fakeClock()
  const clock = new ReceiveClock(host)
  clock.stamp()
  host.mono += 20_000_000n
  host.wall -= 3_600_000_000_000n
  clock.stamp()
  expect([clock.monoRelNs, clock.wallRelNs]).toEqual([20_000_000, -3_600_000_000_000])
})

test('the shard of a token is the first eight bytes of its SHA-256, little endian, modulo the shards', () => {
  // SHA-256 of "abc" begins ba 78 16 bf 8f 01 cf ea.
  expect(shardOfKey('abc', 8)).toBe(0xba % 8)
  expect(shardOfKey('abc', 64)).toBe(0xba % 64)
  const plans = assignShards(['b', 'a', 'b', 'c'], 2)
  expect(plans.flatMap((plan) => plan.keys).toSorted()).toEqual(['a', 'b', 'c'])
  for (const { keys } of plans) expect(keys).toEqual(keys.toSorted())
  expect([
    shardCount(null, 'polymarket', 40),
    shardCount(null, 'polymarket', 4000),
    shardCount(null, 'binance', 2),
    shardCount(3, 'binance', 999)
  ]).toEqual([8, 27, 1, 3])
})

test('quantiles are nearest rank over the newest samples of an interval, and the next interval begins empty', () => {
  const series = new IntervalSeries(10)
  expect(series.takeQuantiles([50])).toEqual([0])
  for (let i = 1; i <= 20; i++) series.add(i)
  expect(series.takeQuantiles([0, 50, 95, 100])).toEqual([11, 15, 20, 20])
  expect(series.takeQuantiles([100])).toEqual([0])
  series.add(7)
  expect(series.takeFields('x')).toMatchObject({ x_p50: 7, x_max: 7, x_count: 1 })
})

test('subscriptions are split by tokens and by bytes, and no token is lost', () => {
  const tokens = Array.from({ length: 450 }, (_, i) => String(i).padStart(77, '7'))
  const byTokens = polymarketTransport({ wsUrl: 'ws://x', clobBaseUrl: 'http://x', maxTokens: 200, maxBytes: 1e6 }).subscribeMessages(
    tokens,
    0
  )
  expect(byTokens.map((message) => message.keys.length)).toEqual([200, 200, 50])
  const byBytes = polymarketTransport({ wsUrl: 'ws://x', clobBaseUrl: 'http://x', maxTokens: 1000, maxBytes: 4096 }).subscribeMessages(
    tokens,
    2
  )
  expect(Math.max(...byBytes.map((message) => message.text.length))).toBeLessThanOrEqual(4096)
  expect(byBytes.flatMap((message) => message.keys)).toEqual(tokens)
  expect(byBytes.flatMap((message) => (JSON.parse(message.text) as { assetsIds: string[] }).assetsIds)).toEqual(tokens)
})

test('a Binance address names the streams of every symbol', () => {
  const transport = binanceTransport({
    wsUrl: 'wss://host:9443/',
    restUrl: 'https://api/',
    streams: ['trade', 'depth@100ms', 'bookTicker'],
    renewAfterSeconds: 60
  })
  expect(transport.socketUrl(['BTCUSDT'])).toBe('wss://host:9443/stream?streams=btcusdt@trade/btcusdt@depth@100ms/btcusdt@bookTicker')
  expect(transport.snapshot('BTCUSDT')).toEqual({ kind: 'depth', url: 'https://api/api/v3/depth?symbol=BTCUSDT&limit=1000' })
})

const market = (id: number, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: String(id),
  conditionId: `0x${id}`,
  active: true,
  closed: false,
  outcomes: '["Yes", "No"]',
  clobTokenIds: `["${id}1", "${id}2"]`,
  ...extra
})

/** Answers each address with the next body of its list. */
function served(bodies: Record<string, unknown[]>): { get: RecordedGet; urls: string[] } {
  const urls: string[] = []
  const get: RecordedGet = (_kind, url) => {
    urls.push(url)
    const body = bodies[new URL(url).pathname]?.shift()
    return Promise.resolve({ status: body === undefined ? 404 : 200, body: Buffer.from(JSON.stringify(body ?? { error: 'not found' })) })
  }
  return { get, urls }
}

test('discovery walks the keyset pages, keeps open binary markets, newest first', async () => {
  const closed = [
    market(4, { closed: true }),
    market(5, { enableOrderBook: false }),
    market(6, { clobTokenIds: '[]' }),
    market(7, { outcomes: '["A","B","C"]' })
  ]
  const { get, urls } = served({
    '/markets/keyset': [{ markets: [market(9), ...closed], next_cursor: 'n=1' }, { markets: [market(12, { clobTokenIds: ['x', 'y'] })] }]
  })
  const universe = await discoverPolymarket(get, { gammaBaseUrl: 'http://g/', pageLimit: 500, maxMarkets: undefined })
  expect(universe.markets).toMatchObject([
    { id: '12', tokenIds: ['x', 'y'] },
    { id: '9', tokenIds: ['91', '92'] }
  ])
  expect([universe.pagesFetched, universe.marketsSeen]).toEqual([2, 6])
  expect(urls[1]).toBe('http://g/markets/keyset?order=id&ascending=false&active=true&closed=false&limit=100&after_cursor=n%3D1')
})

/** A keyset of 230 markets, in the order that a service is asked for or in one of its own. */
function manyMarkets(order: readonly number[]): ReturnType<typeof served> {
  const page = (at: number): unknown => ({
    markets: order.slice(at, at + 100).map((id) => market(id)),
    ...(at + 100 < order.length ? { next_cursor: String(at + 100) } : {})
  })
  return served({ '/markets/keyset': [page(0), page(100), page(200)] })
}

const newestIds = async (get: RecordedGet, maxMarkets: number): Promise<[ids: string[], pages: number]> => {
  const { markets, pagesFetched } = await discoverPolymarket(get, { gammaBaseUrl: 'http://g', pageLimit: 100, maxMarkets })
  return [markets.map(({ id }) => id), pagesFetched]
}

test('a cap keeps the newest markets, after as few pages as the order of the list allows', async () => {
  const rising = Array.from({ length: 230 }, (_, i) => 1000 + i)
  const newest = (count: number): string[] => rising.toReversed().slice(0, count).map(String)
  expect(await newestIds(manyMarkets(rising.toReversed()).get, 7)).toEqual([newest(7), 1])
  expect(await newestIds(manyMarkets(rising.toReversed()).get, 150)).toEqual([newest(150), 2])
  // A service that does not sort: the newest may be on the last page.
  expect(await newestIds(manyMarkets(rising).get, 7)).toEqual([newest(7), 3])
  // Each page sorted, the pages not.
  const mixed = [...rising.slice(100, 200).toReversed(), ...rising.slice(200).toReversed(), ...rising.slice(0, 100).toReversed()]
  expect(await newestIds(manyMarkets(mixed).get, 150)).toEqual([newest(150), 3])
})

test('without the keyset form it pages by offset, and stops at an empty page, at enough markets, or when a page repeats', async () => {
  const pages = [[market(3), market(2)], [market(1)], []]
  const { get, urls } = served({ '/markets': pages })
  const universe = await discoverPolymarket(get, { gammaBaseUrl: 'http://g', pageLimit: 2, maxMarkets: 2000 })
  expect(universe.markets.map(({ id }) => id)).toEqual(['3', '2', '1'])
  expect(urls.slice(1).map((url) => new URL(url).searchParams.get('offset'))).toEqual(['0', '2', '4'])
  const enough = served({ '/markets': [[market(3), market(2)], [market(1)]] })
  expect((await discoverPolymarket(enough.get, { gammaBaseUrl: 'http://g', pageLimit: 2, maxMarkets: 1 })).markets).toHaveLength(1)
  const repeating = served({ '/markets/keyset': Array.from({ length: 9 }, () => ({ markets: [market(3)], next_cursor: 'same' })) })
  expect((await discoverPolymarket(repeating.get, { gammaBaseUrl: 'http://g', pageLimit: 2, maxMarkets: 50 })).pagesFetched).toBe(2)
})

test('an answer that is no list of markets is refused with the address', async () => {
  await expect(discoverPolymarket(served({}).get, { gammaBaseUrl: 'http://g', pageLimit: 2, maxMarkets: 5 })).rejects.toMatchObject({
    code: 'VENUE_REFUSED'
  })
})
