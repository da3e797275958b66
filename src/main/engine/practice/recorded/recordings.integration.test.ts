import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Clock } from '../../clock.ts'
import { realDataPath } from '../../testing/realData.ts'
import type { VenueFrame } from '../frame.ts'
import { ClientMarketChannel, ClientSpotBook, type WireDepth, type WireSnapshot } from '../testing/clientBooks.ts'
import { VenueTime } from '../venueTime.ts'
import { detectRecording } from './detectRecording.ts'
import { readBinanceRecording } from './readBinanceRecording.ts'
import { readPolymarketRecording } from './readPolymarketRecording.ts'
import { RecordedBinance } from './recordedBinance.ts'
import { RecordedPolymarket } from './recordedPolymarket.ts'

const clock: Clock = { wallNs: () => 1_790_000_000_000_000_000n, monoNs: () => 0n }
const spot = [realDataPath('binance/btcusdt_20240808.gz'), realDataPath('binance/btcusdt_20240809.gz')].filter((path) => path !== undefined)
const capture = realDataPath('polymarket/ws_capture_3markets_2026-09-27.ndjson')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapedeck-recordings-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function playAll(feed: RecordedBinance | RecordedPolymarket, each: (frame: VenueFrame) => void): Promise<number> {
  let steps = 0
  while ((await feed.peekNs()) !== undefined) {
    feed.advance(each)
    steps++
  }
  return steps
}

describe('reading a recording', () => {
  const line = '1723161253937085768 {"stream":"btcusdt@trade","data":{"e":"trade"}}'

  test('gives text byte for byte, from gzip and plain, with and without a last line end', async () => {
    const plain = await file('plain', `${line}\r\n\n1723161253937085769 {"lastUpdateId":5,"bids":[["1.50","ü"]],"asks":[]}`)
    const packed = await file('packed.gz', gzipSync(`${line}\n`))
    const lines = await all(readBinanceRecording([plain, packed]))
    expect(lines).toEqual([
      { localNs: 1723161253937085768n, text: '{"stream":"btcusdt@trade","data":{"e":"trade"}}', kind: 'stream' },
      { localNs: 1723161253937085769n, text: '{"lastUpdateId":5,"bids":[["1.50","ü"]],"asks":[]}', kind: 'snapshot' },
      { localNs: 1723161253937085768n, text: '{"stream":"btcusdt@trade","data":{"e":"trade"}}', kind: 'stream' }
    ])
  })

  test('gives an array frame back the newline that it ended with', async () => {
    const path = await file('capture', '[{"asset_id":"1"}]\n\n{"asset_id":"1", "a":1}\n[{"asset_id":"1"}]')
    expect((await all(readPolymarketRecording(path))).map((frame) => frame.text)).toEqual([
      '[{"asset_id":"1"}]\n',
      '{"asset_id":"1", "a":1}',
      '[{"asset_id":"1"}]'
    ])
  })

  test('a missing, cut, foreign or empty file is a failure that names it', async () => {
    const cut = await file('cut.gz', gzipSync(`${line}\n`.repeat(1000)).subarray(0, 60))
    const foreign = await file('foreign', 'hello\n')
    const empty = await file('empty', '')
    for (const path of [join(folder, 'absent'), cut, foreign]) {
      const failure = expect.objectContaining({ code: 'FILE_FAILED', message: expect.stringContaining(path) })
      await expect(all(readBinanceRecording([path]))).rejects.toEqual(failure)
    }
    for (const path of [foreign, empty])
      await expect(detectRecording(path)).rejects.toEqual(expect.objectContaining({ code: 'FILE_FAILED' }))
    await expect(all(readPolymarketRecording(foreign))).rejects.toThrow('Line 1')
  })
})

describe.skipIf(spot.length < 2)('the recorded BTCUSDT session', () => {
  test('plays every stream line as recorded, and a client book has no gap, never crosses and ends as known', async () => {
    const feed = await RecordedBinance.open(spot, new VenueTime(clock))
    expect(feed.face.symbols).toEqual(['BTCUSDT'])
    const book = new ClientSpotBook(JSON.parse(feed.face.depth('BTCUSDT', 5000)!) as WireSnapshot)
    expect(book.id).toBe(50093239218)
    const expected = (await all(readBinanceRecording(spot))).filter((line) => line.kind === 'stream').map((line) => line.text)
    let sent = 0
    let same = true
    const lines = await playAll(feed, (frame) => {
      const text = frame.render()
      same &&= text === expected[sent++]
      if (frame.keys[0] === 'btcusdt@depth@100ms') book.apply((JSON.parse(text) as { data: WireDepth }).data)
    })
    expect([lines, sent, same]).toEqual([99_574, 99_573, true])
    expect([book.gaps, book.crossed, book.applied]).toEqual([0, 0, 6493])
    expect(book.top()).toEqual({ bid: 61602.01, ask: 61602.02 })
    const last = JSON.parse(feed.face.depth('BTCUSDT', 20)!) as WireSnapshot
    expect(last.lastUpdateId).toBe(book.id)
    expect(last.bids[0]![0]).toBe('61602.01000000')
    expect(last.asks.map(([price, size]) => [Number(price), size])).toEqual(book.best('asks', 20))
  })

  test('serves the recorded snapshot itself at the start, and a fitting one at any instant after', async () => {
    const feed = await RecordedBinance.open(spot, new VenueTime(clock))
    const recorded = (await all(readBinanceRecording(spot))).find((line) => line.kind === 'snapshot')!.text
    expect(feed.face.depth('BTCUSDT', 1000)).toBe(recorded)
    let book: ClientSpotBook | undefined
    let depths = 0
    await playAll(feed, (frame) => {
      if (frame.keys[0] !== 'btcusdt@depth@100ms') return
      const event = (JSON.parse(frame.render()) as { data: WireDepth }).data
      if (++depths % 500 === 0) {
        if (book) expect(book.gaps).toBe(0)
        book = new ClientSpotBook(JSON.parse(feed.face.depth('BTCUSDT', 5000)!) as WireSnapshot)
      } else book?.apply(event)
    })
    expect(depths).toBe(6495)
    await feed.rewind()
    expect(feed.face.depth('BTCUSDT', 1000)).toBe(recorded)
    expect(await feed.peekNs()).toBe(0)
  })

  test('derives precision for exchangeInfo from the recorded texts', async () => {
    const feed = await RecordedBinance.open(spot.slice(0, 1), new VenueTime(clock))
    const { symbols } = JSON.parse(feed.face.exchangeInfo(['BTCUSDT'])) as {
      symbols: { quoteAsset: string; filters: { tickSize?: string; stepSize?: string }[] }[]
    }
    expect(symbols[0]!.quoteAsset).toBe('USDT')
    expect(symbols[0]!.filters.map((filter) => filter.tickSize ?? filter.stepSize)).toEqual(['0.01000000', '0.00001000'])
  })
})

describe.skipIf(capture === undefined)('the recorded Polymarket capture', () => {
  test('finds its markets, and what the hash covers but the socket never says', async () => {
    const feed = await RecordedPolymarket.open([capture!], new VenueTime(clock))
    const facts = feed.face.markets.map(({ listing }) => [
      listing.conditionId.slice(0, 6),
      listing.negRisk,
      listing.minOrderSize,
      listing.tickSize
    ])
    expect(facts).toEqual([
      ['0x690f', false, '5', '0.01'],
      ['0xefa1', true, '5', '0.001'],
      ['0xaace', false, '5', '0.001']
    ])
  })

  test('hands out the recorded initial frame, and 6 of 6 of its hashes verify', async () => {
    const feed = await RecordedPolymarket.open([capture!], new VenueTime(clock))
    const listings = new Map(feed.face.markets.map(({ listing }) => [listing.conditionId, listing]))
    const dump = feed.face.dump([...listings.values()].flatMap((listing) => listing.tokenIds))
    const [first] = await all(readPolymarketRecording(capture!))
    expect(dump).toBe(first!.text)
    const channel = new ClientMarketChannel((market) => listings.get(market)!)
    channel.receive(dump)
    expect([channel.verified, channel.mismatches.length]).toEqual([6, 0])
  })

  test('plays the other 18 frames as recorded, and its rolled books verify like the recording does', async () => {
    const feed = await RecordedPolymarket.open([capture!], new VenueTime(clock))
    const listings = new Map(feed.face.markets.map(({ listing }) => [listing.conditionId, listing]))
    const channel = new ClientMarketChannel((market) => listings.get(market)!)
    const tokens = [...listings.values()].flatMap((listing) => listing.tokenIds)
    channel.receive(feed.face.dump(tokens))
    const played: string[] = []
    await playAll(feed, (frame) => {
      played.push(frame.render())
      channel.receive(played.at(-1)!)
    })
    expect(played).toEqual((await all(readPolymarketRecording(capture!))).slice(1).map((frame) => frame.text))
    // Known from the capture: one market's changes do not verify (its book missed something), everything else does.
    expect(channel.mismatches.every((mismatch) => mismatch.text.includes('0x690f'))).toBe(true)
    expect(channel.mismatches).toHaveLength(6)
    const late = new ClientMarketChannel((market) => listings.get(market)!)
    late.receive(feed.face.dump(tokens))
    expect([late.verified, late.mismatches.length]).toEqual([6, 0])
    for (const token of tokens) {
      const rest = JSON.parse(feed.face.book(token)!) as { asset_id: string; min_order_size: string; hash: string }
      expect([rest.asset_id, rest.min_order_size]).toEqual([token, '5'])
    }
  })
})
