import { afterEach, describe, expect, test } from 'vitest'

import { startPracticeVenue, type FaultPlan, type InjectedFault, type PracticeVenue } from '../index.ts'
import { ClientMarketChannel, ClientSpotBook, type WireDepth, type WireSnapshot } from '../testing/clientBooks.ts'
import { VenueClient, eventually } from '../testing/venueClient.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const item of open.splice(0).toReversed()) await item.close()
})

interface Setup {
  readonly venue: PracticeVenue
  readonly tokens: readonly string[]
  /** As `onEvent` told them. */
  readonly told: InjectedFault[]
  readonly channel: () => ClientMarketChannel
}

async function setup(faults: FaultPlan = [], messagesPerSecond = 600): Promise<Setup> {
  const told: InjectedFault[] = []
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed: 12, markets: 2, messagesPerSecond, venue: 'both' },
    faults,
    onEvent: (event) => {
      if (event.event === 'fault') told.push(event)
    }
  })
  open.push(venue)
  const list = (await (await fetch(`${venue.gammaUrl}/markets`)).json()) as {
    conditionId: string
    clobTokenIds: string
    orderMinSize: number
    negRisk: boolean
  }[]
  const facts = new Map(list.map((market) => [market.conditionId, { minOrderSize: String(market.orderMinSize), negRisk: market.negRisk }]))
  const tokens = list.flatMap((market) => JSON.parse(market.clobTokenIds) as string[])
  return { venue, tokens, told, channel: () => new ClientMarketChannel((market) => facts.get(market)!) }
}

async function polymarketClient({ venue, tokens }: Setup, some = tokens): Promise<VenueClient> {
  const socket = await VenueClient.connect(venue.polymarketWsUrl)
  open.push(socket)
  socket.send({ assets_ids: some, type: 'market' })
  await socket.until(() => socket.frames.length > 2, 'the first frames')
  return socket
}

async function binanceClient({ venue }: Setup, streams = 'btcusdt@depth@100ms'): Promise<VenueClient> {
  const socket = await VenueClient.connect(`${venue.binanceWsUrl}/stream?streams=${streams}`)
  open.push(socket)
  await socket.until(() => socket.frames.length > 1, 'the first frames')
  return socket
}

const depthOf = (text: string): WireDepth => (JSON.parse(text) as { data: WireDepth }).data

describe('every fault does what it says, and says so once', () => {
  test('drop cuts one connection and leaves the other', async () => {
    const all = await setup()
    const first = await polymarketClient(all)
    const second = await polymarketClient(all)
    const id = all.venue.inject({ kind: 'drop', connection: 2 })
    await second.until(() => second.closedWith !== undefined, 'the cut')
    expect(second.closedWith).toBe(1006)
    const count = first.frames.length
    await first.until(() => first.frames.length > count + 10, 'more frames')
    expect(all.told).toEqual([
      {
        event: 'fault',
        kind: 'drop',
        fault_id: id,
        at_wall_ns: expect.stringMatching(/^\d{19}$/),
        venue: 'polymarket',
        connection: 2,
        subscriptions: 4
      }
    ])
    expect(all.venue.injected).toEqual(all.told)
  })

  test('drop of everything is told once for each connection', async () => {
    const all = await setup()
    const sockets = [await polymarketClient(all), await binanceClient(all)]
    all.venue.inject({ kind: 'drop' })
    for (const socket of sockets) await socket.until(() => socket.closedWith !== undefined, 'the cut')
    expect(all.told.map((fault) => [fault.fault_id, fault.connection, fault.venue])).toEqual([
      [1, 1, 'polymarket'],
      [1, 2, 'binance']
    ])
  })

  test('silence stops data and PONG, keeps the connection, and ends', async () => {
    const all = await setup()
    const socket = await polymarketClient(all)
    all.venue.inject({ kind: 'silence', ms: 4000 })
    await eventually(() => socket.frames.length === all.venue.stats().frames_sent + 1, 'everything sent before')
    const count = socket.frames.length
    socket.send('PING')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(socket.frames.length).toBe(count)
    await socket.until(() => socket.frames.length > count + 10, 'data after the silence')
    expect(socket.frames).not.toContain('PONG')
    socket.send('PING')
    await socket.frame((text) => text === 'PONG', 'PONG')
    expect(all.told).toMatchObject([{ kind: 'silence', connection: 1, silence_ms: 4000 }])
  })

  test('silence of one token leaves the rest flowing', async () => {
    const all = await setup()
    const socket = await binanceClient(all, 'btcusdt@bookTicker/ethusdt@bookTicker')
    all.venue.inject({ kind: 'silence', ms: 60_000, token: 'BTCUSDT' })
    await eventually(() => all.told.length === 1, 'the report')
    const from = socket.frames.length + 3
    await socket.until(() => socket.frames.length > from + 10, 'the other stream')
    expect(socket.frames.slice(from).every((text) => text.includes('ETHUSDT'))).toBe(true)
    expect(all.told).toMatchObject([{ token: 'BTCUSDT', silence_ms: 60_000 }])
  })

  test('a gap on Binance is a hole in the update ids of just that size', async () => {
    const all = await setup()
    const socket = await binanceClient(all, 'btcusdt@depth@100ms/ethusdt@depth@100ms')
    all.venue.inject({ kind: 'gap', count: 3, token: 'BTCUSDT' })
    await eventually(() => all.told.length === 1, 'the report')
    await socket.until(() => socket.frames.filter((text) => text.includes('BTCUSDT')).length > 5, 'frames after the gap')
    const snapshot = (await (await fetch(`${all.venue.binanceRestUrl}/api/v3/depth?symbol=BTCUSDT`)).json()) as WireSnapshot
    for (const [symbol, gaps] of [
      ['BTCUSDT', 1],
      ['ETHUSDT', 0]
    ] as const) {
      const events = socket.frames.filter((text) => text.includes(symbol)).map(depthOf)
      const holes = events.filter((event, at) => at > 0 && event.U !== events[at - 1]!.u + 1)
      expect(holes.length).toBe(gaps)
    }
    expect(all.told).toMatchObject([{ kind: 'gap', connection: 1, token: 'BTCUSDT', skipped: 3 }])
    const resynced = new ClientSpotBook(snapshot)
    await socket.until(
      () => depthOf(socket.frames.findLast((text) => text.includes('BTCUSDT'))!).u > snapshot.lastUpdateId,
      'a later update'
    )
    for (const text of socket.frames.filter((frame) => frame.includes('BTCUSDT'))) resynced.apply(depthOf(text))
    expect(resynced.gaps).toBe(0)
  })

  test('a gap on Polymarket shows in the hashes of that book only, at once', async () => {
    const all = await setup([], 2000)
    const socket = await polymarketClient(all)
    const [token] = all.tokens
    all.venue.inject({ kind: 'gap', count: 2, token: token! })
    await eventually(() => all.told.length === 1, 'the report')
    await socket.until(() => socket.frames.length > 400, 'frames after the gap')
    const channel = all.channel()
    for (const text of socket.frames) channel.receive(text)
    expect(channel.mismatches.length).toBeGreaterThan(0)
    const { book } = all.told[0]!
    expect(channel.mismatches.every(({ text }) => text.includes(String(book)))).toBe(true)
    expect(all.told).toMatchObject([{ kind: 'gap', token, connection: 1 }])
    expect(all.told[0]!['skipped']).toBeGreaterThanOrEqual(2)
  })

  test('a gap that is cut short by the end is told with what it did', async () => {
    const all = await setup()
    await binanceClient(all)
    const before = all.venue.stats().frames_made
    all.venue.inject({ kind: 'gap', count: 1_000_000 })
    await eventually(() => all.venue.stats().frames_made > before + 400, 'a time with depth messages')
    await all.venue.close()
    expect(all.told).toMatchObject([{ kind: 'gap', cut_short: true, token: 'BTCUSDT' }])
    expect(all.told[0]!['skipped']).toBeGreaterThan(0)
  })

  test('duplicate sends the very same frame twice', async () => {
    const all = await setup()
    const socket = await binanceClient(all, 'btcusdt@trade')
    all.venue.inject({ kind: 'duplicate', count: 2 })
    const doubles = (): number => socket.frames.filter((text, at) => text === socket.frames[at - 1]).length
    await socket.until(() => doubles() === 2, 'two doubles')
    const count = socket.frames.length
    await socket.until(() => socket.frames.length > count + 20, 'frames after them')
    expect(doubles()).toBe(2)
    expect(all.told).toMatchObject([{ kind: 'duplicate', token: 'btcusdt@trade' }, { kind: 'duplicate' }])
  })

  test('malformed adds one text that is no JSON, and loses nothing', async () => {
    const all = await setup()
    const socket = await polymarketClient(all)
    all.venue.inject({ kind: 'malformed', connection: 'any' })
    const broken = await socket.frame((text) => text.startsWith('{"market":"0x0"'), 'the broken frame')
    expect(() => JSON.parse(broken) as unknown).toThrow(SyntaxError)
    await socket.until(() => socket.frames.length > 100, 'frames after it')
    const channel = all.channel()
    for (const text of socket.frames) if (text !== broken) channel.receive(text)
    expect(channel.mismatches).toEqual([])
    expect(all.told).toMatchObject([{ kind: 'malformed', frame_bytes: broken.length }])
  })

  test('oversized is one valid JSON frame of more than the asked bytes', async () => {
    const all = await setup()
    const socket = await polymarketClient(all)
    all.venue.inject({ kind: 'oversized', bytes: 5_000_000 })
    const big = await socket.frame((text) => text.length > 5_000_000, 'the big frame')
    expect(JSON.parse(big)).toMatchObject({ event_type: 'practice_padding' })
    expect(all.told).toMatchObject([{ kind: 'oversized', frame_bytes: 5_000_001 }])
  })

  test('slowAccept delays the next upgrade only', async () => {
    const all = await setup()
    all.venue.inject({ kind: 'slowAccept', ms: 300 })
    const start = performance.now()
    await polymarketClient(all)
    expect(performance.now() - start).toBeGreaterThan(290)
    await polymarketClient(all)
    expect(all.told).toMatchObject([{ kind: 'slowAccept', delay_ms: 300, path: '/ws/market' }])
  })

  test.each([429, 500] as const)('http %i fails the next requests with Retry-After, and then no more', async (status) => {
    const all = await setup()
    all.venue.inject({ kind: 'http', status, count: 2, retryAfterS: 3 })
    const answers = [1, 2, 3].map(() => fetch(`${all.venue.binanceRestUrl}/api/v3/depth?symbol=BTCUSDT`))
    const statuses = (await Promise.all(answers)).map((answer) => [answer.status, answer.headers.get('retry-after')])
    expect(statuses.toSorted((a, b) => Number(b[0]) - Number(a[0]))).toEqual([
      [status, '3'],
      [status, '3'],
      [200, null]
    ])
    expect(all.told).toMatchObject([
      { kind: 'http', status, path: '/api/v3/depth' },
      { kind: 'http', status }
    ])
  })

  test('clockSkew moves the stamps of both venues, and hashes still fit', async () => {
    const all = await setup()
    const socket = await polymarketClient(all)
    const spot = await binanceClient(all)
    all.venue.inject({ kind: 'clockSkew', ms: 3_600_000 })
    const stamp = (text: string): number => Number(/"(?:timestamp|E)":"?(\d{13})/.exec(text)?.[1] ?? 0)
    await socket.frame((text) => stamp(text) > Date.now() + 3_000_000, 'a skewed frame')
    await spot.frame((text) => stamp(text) > Date.now() + 3_000_000, 'a skewed depth message')
    const channel = all.channel()
    for (const text of socket.frames) channel.receive(text)
    expect(channel.mismatches).toEqual([])
    expect(all.told).toMatchObject([{ kind: 'clockSkew', skew_ms: 3_600_000 }])
  })
})

describe('when faults strike', () => {
  test('a plan strikes by itself; a fault with nobody to meet waits for its connection', async () => {
    const all = await setup([
      { atMs: 0, kind: 'malformed' },
      { atMs: 10, kind: 'drop', connection: 2 }
    ])
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(all.told).toEqual([])
    const first = await polymarketClient(all)
    await first.frame((text) => text.startsWith('{"market":"0x0"'), 'the broken frame')
    const second = await VenueClient.connect(all.venue.polymarketWsUrl)
    open.push(second)
    second.send({ assets_ids: all.tokens, type: 'market' })
    await second.until(() => second.closedWith !== undefined, 'the cut')
    expect(all.told.map((fault) => [fault.kind, fault.connection])).toEqual([
      ['malformed', 1],
      ['drop', 2]
    ])
  })

  test('the control endpoint takes one or several, and state shows what waits and what was done', async () => {
    const all = await setup()
    const post = (body: unknown) => fetch(`${all.venue.httpUrl}/practice/fault`, { method: 'POST', body: JSON.stringify(body) })
    expect(await (await post({ kind: 'gap', count: 2, token: 'BTCUSDT' })).json()).toEqual({ accepted: [{ fault_id: 1, kind: 'gap' }] })
    expect((await post([{ kind: 'malformed' }, { kind: 'clockSkew', ms: 5 }])).status).toBe(200)
    const state = (await (await fetch(`${all.venue.httpUrl}/practice/state`)).json()) as {
      faults_pending: { fault_id: number }[]
      faults: { kind: string }[]
      clock_skew_ms: number
    }
    expect(state.faults_pending.map((fault) => fault.fault_id).toSorted((a, b) => a - b)).toEqual([1, 2])
    expect(state.faults.map((fault) => fault.kind)).toEqual(['clockSkew'])
    expect(state.clock_skew_ms).toBe(5)
    for (const wrong of [{ kind: 'nope' }, { kind: 'silence' }, { kind: 'drop', color: 1 }, null, 5, [{ kind: 'drop' }, {}]]) {
      const answer = await post(wrong)
      expect([answer.status, typeof ((await answer.json()) as { error: string }).error]).toEqual([400, 'string'])
    }
    expect(all.told).toHaveLength(1)
  })
})
