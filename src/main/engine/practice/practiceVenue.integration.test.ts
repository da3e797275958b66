import { afterEach, describe, expect, test } from 'vitest'

import { realDataPath } from '../testing/realData.ts'
import {
  readBinanceRecording,
  readPolymarketRecording,
  startPracticeVenue,
  type PracticeEvent,
  type PracticeOptions,
  type PracticeVenue
} from './index.ts'
import { ClientMarketChannel, ClientSpotBook, type WireDepth, type WireSnapshot } from './testing/clientBooks.ts'
import { VenueClient, eventually } from './testing/venueClient.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const item of open.splice(0).toReversed()) await item.close()
})

const events: PracticeEvent[] = []
async function venueWith(options: Partial<PracticeOptions>): Promise<PracticeVenue> {
  events.length = 0
  const source = { kind: 'generator', seed: 5, markets: 6, messagesPerSecond: 400, venue: 'both' } as const
  const venue = await startPracticeVenue({ source, onEvent: (event) => events.push(event), ...options })
  open.push(venue)
  return venue
}

async function client(url: string, options?: Parameters<typeof VenueClient.connect>[1]): Promise<VenueClient> {
  const connected = await VenueClient.connect(url, options)
  open.push(connected)
  return connected
}

interface GammaMarket {
  readonly id: string
  readonly conditionId: string
  readonly clobTokenIds: string
  readonly orderMinSize: number
  readonly negRisk: boolean
  readonly orderPriceMinTickSize: number
}

async function markets(venue: PracticeVenue, query = 'limit=500'): Promise<GammaMarket[]> {
  return (await (await fetch(`${venue.gammaUrl}/markets?${query}`)).json()) as GammaMarket[]
}

function tokensOf(list: readonly GammaMarket[]): string[] {
  return list.flatMap((market) => JSON.parse(market.clobTokenIds) as string[])
}

function channelOf(list: readonly GammaMarket[]): ClientMarketChannel {
  return new ClientMarketChannel((market) => {
    const found = list.find((entry) => entry.conditionId === market)!
    return { minOrderSize: String(found.orderMinSize), negRisk: found.negRisk }
  })
}

const kindOf = (text: string): string => /"event_type":"(\w+)"/.exec(text)?.[1] ?? text

describe('the Polymarket wire', () => {
  test('a client that only knows Gamma and the socket verifies every hash that it is sent', async () => {
    const venue = await venueWith({})
    const list = await markets(venue)
    const channel = channelOf(list)
    const socket = await client(venue.polymarketWsUrl)
    socket.send({ assets_ids: tokensOf(list), type: 'market', custom_feature_enabled: true })
    await socket.until(() => socket.frames.length > 600, '600 frames')
    for (const text of socket.frames) channel.receive(text)
    expect(channel.mismatches).toEqual([])
    expect(channel.books.size).toBe(12)
    expect(channel.verified).toBeGreaterThan(600)
  })

  test('the first frame is a compact array with a newline, later frames have spaced commas', async () => {
    const venue = await venueWith({})
    const socket = await client(venue.polymarketWsUrl)
    socket.send({ assets_ids: tokensOf(await markets(venue)).slice(0, 3), type: 'market' })
    await socket.until(() => socket.frames.length > 3, 'a few frames')
    const [first, second] = socket.frames
    expect(first).toMatch(/^\[\{"market":"0x[0-9a-f]{64}","asset_id":"\d{76,78}","timestamp":"\d{13}","hash":"[0-9a-f]{40}","bids":\[/)
    expect(first!.endsWith(']\n')).toBe(true)
    expect((JSON.parse(first!) as unknown[]).length).toBe(3)
    expect(second).toMatch(/^\{"market":"0x[0-9a-f]{64}", "/)
    for (const book of JSON.parse(first!) as { bids: { price: string }[]; asks: { price: string }[] }[]) {
      const bids = book.bids.map((level) => Number(level.price))
      const asks = book.asks.map((level) => Number(level.price))
      expect(bids).toEqual(bids.toSorted((a, b) => a - b))
      expect(asks).toEqual(asks.toSorted((a, b) => b - a))
    }
  })

  test.each([
    ['A', (ids: string[]) => ({ type: 'market', assets_ids: ids, operation: 'subscribe' })],
    ['B', (ids: string[]) => ({ type: 'MARKET', assets_ids: ids, operation: 'subscribe' })],
    ['C', (ids: string[]) => ({ type: 'market', assetsIds: ids, operation: 'subscribe' })],
    ['plain', (ids: string[]) => ({ assets_ids: ids, type: 'market' })]
  ])('subscription form %s is answered with the books', async (_, form) => {
    const venue = await venueWith({})
    const [token] = tokensOf(await markets(venue))
    const socket = await client(venue.polymarketWsUrl)
    socket.send(form([token!]))
    await socket.frame((text) => text.startsWith(`[{"market"`) && text.includes(token!), 'the initial array')
  })

  test('sends nothing of a token that is not subscribed, and follows subscribe and unsubscribe on a live socket', async () => {
    const venue = await venueWith({})
    const list = await markets(venue)
    const [first, second] = [list[0]!, list[1]!]
    const socket = await client(venue.polymarketWsUrl)
    socket.send({ assets_ids: tokensOf([first]), type: 'market' })
    await socket.until(() => socket.frames.length > 20, 'frames of the first market')
    expect(socket.frames.every((text) => text.includes(first.conditionId))).toBe(true)
    socket.send({ assets_ids: tokensOf([second]), operation: 'subscribe' })
    await socket.frame((text) => text.startsWith('[') && text.includes(second.conditionId), 'the second initial array')
    socket.send({ assets_ids: tokensOf([first]), operation: 'unsubscribe' })
    socket.send('PING')
    await socket.frame((text) => text === 'PONG', 'PONG')
    const from = socket.frames.lastIndexOf('PONG')
    await socket.until(() => socket.frames.length > from + 15, 'frames of the second market')
    expect(socket.frames.slice(from + 1).every((text) => text.includes(second.conditionId))).toBe(true)
  })

  test('a subscriber of one token gets the shared change frame, but only its own books and trades', async () => {
    const venue = await venueWith({ source: { kind: 'generator', seed: 5, markets: 1, messagesPerSecond: 2000 } })
    const [own, mirror] = tokensOf(await markets(venue))
    const socket = await client(venue.polymarketWsUrl)
    socket.send({ assets_ids: [own], type: 'market' })
    await socket.until(() => socket.frames.filter((text) => kindOf(text) === 'last_trade_price').length > 3, 'trades')
    expect(socket.frames.some((text) => kindOf(text) === 'price_change' && text.includes(mirror!))).toBe(true)
    expect(socket.frames.filter((text) => kindOf(text) !== 'price_change').every((text) => !text.includes(mirror!))).toBe(true)
  })

  test('answers PING with PONG, an unknown token with [], a second opening with INVALID OPERATION', async () => {
    const venue = await venueWith({})
    const socket = await client(venue.polymarketWsUrl)
    socket.send('PING')
    socket.send({ assets_ids: ['123'], type: 'market' })
    socket.send({ assets_ids: ['123'], type: 'market' })
    await socket.until(() => socket.frames.length === 3, 'three answers')
    expect(socket.frames).toEqual(['PONG', '[]', 'INVALID OPERATION'])
  })

  test('cuts a client that says nothing', async () => {
    const venue = await venueWith({ idleMs: 60, pingMs: 20 })
    const socket = await client(venue.polymarketWsUrl)
    await socket.until(() => socket.closedWith !== undefined, 'the cut')
    await eventually(
      () => events.some((event) => event.event === 'connection_closed' && event.reason?.includes('PING') === true),
      'the report'
    )
  })
})

describe('the Polymarket REST endpoints', () => {
  test('Gamma pages by offset and by keyset give the same markets once', async () => {
    const venue = await venueWith({ source: { kind: 'generator', seed: 5, markets: 230, messagesPerSecond: 10 } })
    const byOffset: GammaMarket[] = []
    for (let offset = 0; ; offset += 100) {
      const page = await markets(venue, `order=id&ascending=false&limit=100&offset=${offset}`)
      byOffset.push(...page)
      if (page.length === 0) break
    }
    const byKeyset: GammaMarket[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const answer = await fetch(`${venue.gammaUrl}/markets/keyset?limit=100&order=id&ascending=false&after_cursor=${cursor}`)
      const page = (await answer.json()) as { markets: GammaMarket[]; next_cursor?: string }
      byKeyset.push(...page.markets)
      cursor = page.next_cursor
    }
    expect(byOffset.map((market) => market.id)).toEqual(byKeyset.map((market) => market.id))
    expect(new Set(byOffset.map((market) => market.id)).size).toBe(230)
    expect(Number(byOffset[0]!.id)).toBeGreaterThan(Number(byOffset[1]!.id))
    expect(await markets(venue, 'closed=true')).toEqual([])
    const [one] = await markets(venue, `clob_token_ids=${tokensOf(byOffset.slice(3, 4))[1]}`)
    expect(one!.id).toBe(byOffset[3]!.id)
  })

  test('a book by REST hashes like the socket says, and carries what only REST knows', async () => {
    const venue = await venueWith({})
    const list = await markets(venue)
    const tokens = tokensOf(list)
    const books = (await (
      await fetch(`${venue.clobUrl}/books`, { method: 'POST', body: JSON.stringify([...tokens, '1'].map((id) => ({ token_id: id }))) })
    ).json()) as {
      asset_id: string
      tick_size: string
      last_trade_price: string
      min_order_size: string
      hash: string
    }[]
    expect(books.map((book) => book.asset_id)).toEqual(tokens)
    const channel = channelOf(list)
    for (const book of books) channel.receive(JSON.stringify({ ...book, event_type: 'book' }))
    expect([channel.verified, channel.mismatches.length]).toEqual([12, 0])
    const single = (await (await fetch(`${venue.httpUrl}/book?token_id=${tokens[0]}`)).json()) as { hash: string }
    expect(single.hash).toBe(books[0]!.hash)
  })
})

describe('the Binance wire', () => {
  test('a client syncs by the documented rule and stays in step with later snapshots', async () => {
    const venue = await venueWith({})
    const socket = await client(`${venue.binanceWsUrl}/stream?streams=btcusdt@depth@100ms/btcusdt@trade/btcusdt@bookTicker`)
    const depths = (): WireDepth[] =>
      socket.frames.flatMap((text) => {
        const { stream, data } = JSON.parse(text) as { stream: string; data: WireDepth }
        return stream === 'btcusdt@depth@100ms' ? [data] : []
      })
    await socket.until(() => depths().length > 2, 'depth messages')
    const snapshot = (await (await fetch(`${venue.binanceRestUrl}/api/v3/depth?symbol=BTCUSDT&limit=5000`)).json()) as WireSnapshot
    const count = depths().length
    await socket.until(() => depths().length > count + 10, 'more depth messages')
    const book = new ClientSpotBook(snapshot)
    const first = depths().find((event) => event.u > snapshot.lastUpdateId)!
    expect(first.U).toBeLessThanOrEqual(snapshot.lastUpdateId + 1)
    for (const event of depths()) book.apply(event)
    expect([book.gaps, book.crossed]).toEqual([0, 0])
    expect(book.applied).toBeGreaterThan(8)
    expect(socket.frames.some((text) => text.startsWith('{"stream":"btcusdt@trade","data":{"e":"trade","E":'))).toBe(true)
    expect(socket.frames.some((text) => text.startsWith('{"stream":"btcusdt@bookTicker","data":{"u":'))).toBe(true)
  })

  test('raw streams are not wrapped; control messages are answered as documented', async () => {
    const venue = await venueWith({})
    const socket = await client(`${venue.binanceWsUrl}/ws/btcusdt@bookTicker`)
    await socket.frame((text) => text.startsWith('{"u":'), 'a raw book ticker')
    socket.send({ method: 'SUBSCRIBE', params: ['ethusdt@aggTrade'], id: 7 })
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 'list' })
    socket.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@bookTicker'], id: 8 })
    await socket.frame((text) => text === '{"result":null,"id":7}', 'the first answer')
    await socket.frame((text) => text === '{"result":["btcusdt@bookTicker","ethusdt@aggTrade"],"id":"list"}', 'the list')
    await socket.frame((text) => text === '{"result":null,"id":8}', 'the last answer')
    const from = socket.frames.indexOf('{"result":null,"id":8}')
    await socket.until(() => socket.frames.length > from + 2, 'aggregate trades')
    expect(socket.frames.slice(from + 1).every((text) => text.startsWith('{"e":"aggTrade"'))).toBe(true)
  })

  test('the server pings, and cuts a client that does not answer', async () => {
    const venue = await venueWith({ pingMs: 500 })
    const good = await client(`${venue.binanceWsUrl}/stream?streams=btcusdt@trade`)
    const dead = await client(`${venue.binanceWsUrl}/stream?streams=btcusdt@trade`, { autoPong: false })
    await dead.until(() => dead.closedWith !== undefined, 'the cut')
    expect(dead.pings).toBeGreaterThan(1)
    await good.until(() => good.pings > 5, 'pings')
    expect(good.closedWith).toBeUndefined()
  })

  test('exchangeInfo lists tradable symbols with their precision', async () => {
    const venue = await venueWith({})
    const info = (await (await fetch(`${venue.binanceRestUrl}/api/v3/exchangeInfo`)).json()) as {
      symbols: { symbol: string; status: string; quoteAsset: string; isSpotTradingAllowed: boolean }[]
    }
    expect(info.symbols.map((entry) => entry.symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'])
    expect(info.symbols.every((entry) => entry.quoteAsset === 'USDT' && entry.status === 'TRADING' && entry.isSpotTradingAllowed)).toBe(
      true
    )
  })
})

const spot = realDataPath('binance/btcusdt_20240808.gz')
describe.skipIf(spot === undefined)('a recorded Binance session over the wire', () => {
  test('arrives at 100x exactly as recorded, and a late client syncs in the middle', async () => {
    const venue = await venueWith({ source: { kind: 'recorded', files: [spot!], speed: 100 } })
    const streams = 'btcusdt@depth@100ms/btcusdt@trade/btcusdt@bookTicker'
    const socket = await client(`${venue.binanceWsUrl}/stream?streams=${streams}`)
    await socket.until(() => socket.frames.length > 12_000, '12,000 frames')
    const late = await client(`${venue.binanceWsUrl}/ws/btcusdt@depth@100ms`)
    await late.until(() => late.frames.length > 5, 'depth messages')
    const snapshot = (await (await fetch(`${venue.binanceRestUrl}/api/v3/depth?symbol=BTCUSDT&limit=5000`)).json()) as WireSnapshot
    const count = late.frames.length
    await late.until(() => late.frames.length > count + 100, 'a hundred more depth messages')
    const book = new ClientSpotBook(snapshot)
    for (const text of late.frames) book.apply(JSON.parse(text) as WireDepth)
    expect([book.gaps, book.crossed, snapshot.lastUpdateId > 50093239218]).toEqual([0, 0, true])
    let at = 0
    for await (const line of readBinanceRecording([spot!])) {
      if (line.kind !== 'stream') continue
      if (at === 12_000) break
      if (line.text !== socket.frames[at]) expect(socket.frames[at]).toBe(line.text)
      at++
    }
    expect(at).toBe(12_000)
  })
})

const capture = realDataPath('polymarket/ws_capture_3markets_2026-09-27.ndjson')
describe.skipIf(capture === undefined)('a recorded Polymarket session over the wire', () => {
  test('arrives byte for byte, then stays connected and quiet', async () => {
    const venue = await venueWith({ source: { kind: 'recorded', files: [capture!], speed: 100 } })
    const list = await markets(venue)
    const socket = await client(venue.polymarketWsUrl)
    socket.send({ assets_ids: tokensOf(list), type: 'market' })
    await eventually(() => events.some((event) => event.event === 'recording_end'), 'the end')
    socket.send('PING')
    await socket.frame((text) => text === 'PONG', 'PONG')
    const recorded: string[] = []
    for await (const frame of readPolymarketRecording(capture!)) recorded.push(frame.text)
    expect(socket.frames).toEqual([...recorded, 'PONG'])
    expect(venue.stats()).toMatchObject({ frames_made: 18, frames_sent: 18, recording_ended: true })
  })

  test('with loop, everyone is sent away at the end and finds the start again', async () => {
    const venue = await venueWith({ source: { kind: 'recorded', files: [capture!], speed: 100, loop: true } })
    const list = await markets(venue)
    for (let round = 0; round < 2; round++) {
      const socket = await client(venue.polymarketWsUrl)
      socket.send({ assets_ids: tokensOf(list), type: 'market' })
      await socket.until(() => socket.closedWith !== undefined, 'the end of the round')
      expect([socket.closedWith, socket.frames.length]).toEqual([1012, 19])
      await eventually(() => !venue.stats().recording_ended, 'the rewind')
    }
  })
})

describe('the life of a venue', () => {
  test('closes twice, tells its clients, and frees the port', async () => {
    const venue = await venueWith({})
    const socket = await client(`${venue.binanceWsUrl}/ws/btcusdt@trade`)
    await Promise.all([venue.close(), venue.close()])
    await socket.until(() => socket.closedWith !== undefined, 'the close')
    expect(socket.closedWith).toBe(1001)
    await venueWith({ port: venue.port })
  })

  test('a port in use and settings out of range are clear failures', async () => {
    const venue = await venueWith({})
    await expect(venueWith({ port: venue.port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(venue.port))
    })
    const source = { kind: 'generator', seed: 1, markets: 1, messagesPerSecond: 1 } as const
    const wrong: unknown[] = [
      { source: { ...source, markets: 0 } },
      { source: { ...source, markets: 2001 } },
      { source: { ...source, rounds: { seconds: 1, markets: 1 } } },
      { source: { ...source, rounds: { seconds: 300, markets: 2 } } },
      { source: { ...source, venue: 'binance', rounds: { seconds: 300, markets: 1 } } },
      { source: { kind: 'recorded', files: ['x'], speed: 101 } },
      { source, host: '0.0.0.0' },
      { source, port: 70_000 },
      { source, faults: [{ kind: 'drop' }] }
    ]
    for (const options of wrong)
      await expect(startPracticeVenue(options as PracticeOptions)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(venueWith({ source: { kind: 'recorded', files: ['/absent'], speed: 1 } })).rejects.toMatchObject({ code: 'FILE_FAILED' })
  })
})
