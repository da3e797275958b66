import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import type { Clock } from '../../clock.ts'
import type { VenueFrame } from '../frame.ts'
import { ClientMarketChannel, ClientSpotBook, type WireDepth, type WirePriceChange, type WireSnapshot } from '../testing/clientBooks.ts'
import { VenueTime } from '../venueTime.ts'
import { dumpBookJson, dumpFrame } from '../wire/bookHash.ts'
import { BinanceGenerator } from './binanceGenerator.ts'
import { generatorSource } from './generatorSource.ts'
import { PolymarketGenerator } from './polymarketGenerator.ts'

const fixedClock: Clock = { wallNs: () => 1_790_000_000_000_000_000n, monoNs: () => 0n }
const fixedTime = (): VenueTime => new VenueTime(fixedClock)

function texts(generator: { advance(emit: (frame: VenueFrame) => void): void }, count: number): string[] {
  const found: string[] = []
  while (found.length < count) generator.advance((frame) => found.push(frame.render()))
  return found.slice(0, count)
}

function digest(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

function polymarket(seed: number, markets = 40): PolymarketGenerator {
  return new PolymarketGenerator(seed, markets, 1000, fixedTime())
}

function channelFor(generator: PolymarketGenerator): ClientMarketChannel {
  const listings = new Map(generator.books.map(({ listing }) => [listing.conditionId, listing]))
  const channel = new ClientMarketChannel((market) => listings.get(market)!)
  channel.receive(dumpFrame(generator.books.flatMap((book) => ([0, 1] as const).map((token) => dumpBookJson(book.hashed(token))))))
  return channel
}

describe('the generated Polymarket side', () => {
  test('gives the same bytes for a seed, whether or not somebody listens, and others for another seed', () => {
    const first = texts(polymarket(7), 20_000)
    expect(digest(texts(polymarket(7), 20_000))).toBe(digest(first))
    expect(digest(texts(polymarket(8), 20_000))).not.toBe(digest(first))
    const unheard = polymarket(7)
    let skipped = 0
    while (skipped < 10_000) unheard.advance(() => skipped++)
    expect(texts(unheard, 1000)).toEqual(first.slice(skipped, skipped + 1000))
  })

  test('sends hashes and tops that a client reproduces from the wire alone, through trades and tick changes', () => {
    const generator = polymarket(11)
    const channel = channelFor(generator)
    for (const text of texts(generator, 60_000)) channel.receive(text)
    expect(channel.mismatches).toEqual([])
    expect(channel.verified).toBeGreaterThan(80_000)
    expect([...channel.kinds.keys()].toSorted()).toEqual(['book', 'last_trade_price', 'price_change', 'tick_size_change'])
  })

  test('shows every change as two mirrored entries, the token acted on first', () => {
    const firsts = new Set<number>()
    const generator = polymarket(3, 1)
    const [tokenIds] = generator.books.map((book) => book.listing.tokenIds)
    for (const text of texts(generator, 5000).filter((line) => line.includes('"price_change"'))) {
      const { price_changes: entries } = JSON.parse(text) as WirePriceChange
      expect(entries).toHaveLength(2)
      const [a, b] = entries
      expect(new Set([a!.asset_id, b!.asset_id])).toEqual(new Set(tokenIds))
      expect(Math.round((Number(a!.price) + Number(b!.price)) * 1000)).toBe(1000)
      expect([a!.size, a!.side === 'BUY']).toEqual([b!.size, b!.side === 'SELL'])
      firsts.add(tokenIds!.indexOf(a!.asset_id))
    }
    expect(firsts).toEqual(new Set([0, 1]))
  })

  test('prints the best level last, keeps books apart and prices on the grid', () => {
    const generator = polymarket(5)
    texts(generator, 30_000)
    for (const book of generator.books) {
      const { bids, asks } = book.model
      expect(bids.levels.map((level) => level.px)).toEqual(bids.levels.map((level) => level.px).toSorted((a, b) => a - b))
      expect(asks.levels.map((level) => level.px)).toEqual(asks.levels.map((level) => level.px).toSorted((a, b) => b - a))
      expect(bids.bestPx ?? 0).toBeLessThan(asks.bestPx ?? 1000)
      const grid = book.tickSize === '0.01' ? 10 : 1
      expect([...bids.levels, ...asks.levels].every((level) => level.px % grid === 0 && level.px > 0 && level.px < 1000)).toBe(true)
    }
  })

  test('reports a trade 34 to 38 ms after its change and two book refreshes', () => {
    const generator = new PolymarketGenerator(2, 1, 20, fixedTime())
    const events = texts(generator, 2000).map((text) => JSON.parse(text) as { event_type: string; timestamp: string })
    const refreshes = events.flatMap((event, index) =>
      event.event_type === 'book' && events[index - 1]!.event_type === 'price_change' ? [index] : []
    )
    expect(refreshes.length).toBeGreaterThan(50)
    for (const index of refreshes.slice(0, 50)) {
      expect(events[index + 1]!.event_type).toBe('book')
      const trade = events.slice(index).find((event) => event.event_type === 'last_trade_price')!
      const after = Number(trade.timestamp) - Number(events[index]!.timestamp)
      expect(after).toBeGreaterThanOrEqual(34)
      expect(after).toBeLessThanOrEqual(39)
    }
  })

  test('has ids of the real shape, some fine grids and some neg risk', () => {
    const { books } = polymarket(1, 300)
    expect(
      books.every(
        ({ listing }) => /^0x[0-9a-f]{64}$/.test(listing.conditionId) && listing.tokenIds.every((id) => /^[1-9]\d{75,77}$/.test(id))
      )
    ).toBe(true)
    expect(new Set(books.flatMap(({ listing }) => listing.tokenIds)).size).toBe(600)
    expect(new Set(books.map(({ listing }) => listing.tickSize))).toEqual(new Set(['0.01', '0.001']))
    expect(new Set(books.map(({ listing }) => listing.negRisk))).toEqual(new Set([true, false]))
  })

  test('keeps its mean rate over a whole wave of activity', () => {
    const generator = polymarket(4)
    let frames = 0
    while (generator.nextNs < 60e9) generator.advance(() => frames++)
    expect(frames).toBeGreaterThan(57_000)
    expect(frames).toBeLessThan(63_000)
  })
})

describe('the generated Binance side', () => {
  test('numbers depth updates without a hole and syncs with a snapshot of any instant', () => {
    const generator = new BinanceGenerator(9, 3, 500, fixedTime())
    const source = generatorSource({ seed: 9, markets: 3, messagesPerSecond: 500, venue: 'binance' }, fixedTime())
    const feed = source.feeds[0]!
    texts(generator, 1234)
    const buffered: WireDepth[] = []
    const depth = (frame: VenueFrame): void => {
      const text = frame.render()
      if (frame.keys[0] === 'btcusdt@depth@100ms') buffered.push((JSON.parse(text) as { data: WireDepth }).data)
    }
    for (let step = 0; step < 5000; step++) feed.advance(depth)
    const snapshot = JSON.parse(source.binance!.depth('BTCUSDT', 5000)!) as WireSnapshot
    for (let step = 0; step < 20_000; step++) feed.advance(depth)
    const book = new ClientSpotBook(snapshot)
    for (const event of buffered) book.apply(event)
    expect(book.gaps).toBe(0)
    expect(book.crossed).toBe(0)
    expect(book.applied).toBeGreaterThan(50)
    for (let at = 1; at < buffered.length; at++) expect(buffered[at]!.U).toBe(buffered[at - 1]!.u + 1)
  })

  test('a client book equals the next snapshot, level by level', () => {
    const source = generatorSource({ seed: 21, markets: 1, messagesPerSecond: 500, venue: 'binance' }, fixedTime())
    const book = new ClientSpotBook(JSON.parse(source.binance!.depth('BTCUSDT', 5000)!) as WireSnapshot)
    let later: WireSnapshot | undefined
    const feed = source.feeds[0]!
    for (let step = 0; step < 30_000; step++) {
      feed.advance((frame) => {
        if (!frame.keys[0]!.includes('@depth')) return
        book.apply((JSON.parse(frame.render()) as { data: WireDepth }).data)
        later = JSON.parse(source.binance!.depth('BTCUSDT', 5000)!) as WireSnapshot
      })
      if (later && step > 25_000) break
    }
    expect(book.id).toBe(later!.lastUpdateId)
    for (const side of ['bids', 'asks'] as const) {
      expect(book.best(side, 5000)).toEqual(later![side].map(([price, size]) => [Number(price), size]))
    }
  })

  test('writes prices and quantities with eight decimals and raises trade ids by one', () => {
    const lines = texts(new BinanceGenerator(2, 6, 500, fixedTime()), 5000)
    const lastId = new Map<string, number>()
    for (const line of lines.filter((text) => text.includes('@trade"'))) {
      const { data } = JSON.parse(line) as { data: { s: string; t: number; p: string; q: string } }
      expect(data.p).toMatch(/^\d+\.\d{8}$/)
      expect(data.q).toMatch(/^\d+\.\d{8}$/)
      if (lastId.has(data.s)) expect(data.t).toBe(lastId.get(data.s)! + 1)
      lastId.set(data.s, data.t)
    }
    expect(lastId.size).toBe(6)
  })
})
