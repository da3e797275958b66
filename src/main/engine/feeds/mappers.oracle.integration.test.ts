import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { realDataPath } from '../testing/realData.ts'
import { BinanceMapper } from './binance/map.ts'
import { OUTCOME, type FeedMapper } from './marketSink.ts'
import { PolymarketMapper } from './polymarket/map.ts'
import { damaged, mutated, textOf } from './testJsonTrees.ts'
import { binanceTree, longBook, polymarketTree } from './testMessages.ts'
import { expectedOfBinance, expectedOfPolymarket, Notebook, type Expected } from './testReference.ts'

const utf8 = new TextEncoder()

/** One mapper for all runs: what it keeps between messages must not show. */
const polymarket = new PolymarketMapper()
const binance = new BinanceMapper()

function map(mapper: FeedMapper, payload: Uint8Array, restKey: string | undefined): Expected & { readonly sink: Notebook } {
  const sink = new Notebook()
  // The payload lies in a larger buffer, between bytes of other records that would continue it.
  const around = utf8.encode('"]}1,"e":9')
  const buf = new Uint8Array(payload.length + 2 * around.length)
  buf.set(around)
  buf.set(payload, around.length)
  buf.set(around, around.length + payload.length)
  const outcome = mapper.map(buf, around.length, around.length + payload.length, sink, restKey)
  return { outcome, told: sink.told, sink }
}

function agrees(mapper: FeedMapper, payload: Uint8Array, expected: Expected, restKey?: string): void {
  const got = map(mapper, payload, restKey)
  // All or nothing: a frame that is not taken announces no instrument either.
  const keys = got.outcome === OUTCOME.decoded ? [] : got.sink.keys
  const said = { outcome: got.outcome, told: got.told, keys, wrongHashes: got.sink.wrongHashes }
  const wanted = { outcome: expected.outcome, told: expected.told, keys: [], wrongHashes: 0 }
  // The text is decoded for a failure only.
  if (!isDeepStrictEqual(said, wanted)) expect({ text: Buffer.from(payload).toString('utf8'), ...said }).toEqual(wanted)
}

const restKey = fc.constantFrom(undefined, undefined, 'BTCUSDT')

describe('the fast scanner says what JSON.parse would say', () => {
  test.each([
    ['plain', false, ',', 2000],
    ['usual', false, ', ', 3000],
    ['oddly written', true, ',', 500]
  ] as const)('on %s Polymarket messages', (_name, odd, comma, numRuns) => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const bytes = utf8.encode(textOf(g, polymarketTree(g), odd, comma))
        agrees(polymarket, bytes, expectedOfPolymarket(bytes))
      }),
      { numRuns }
    )
  })

  test('on Polymarket messages with fields dropped, doubled, replaced and added', () => {
    fc.assert(
      fc.property(fc.gen(), fc.constantFrom(',', ', '), (g, comma) => {
        const bytes = utf8.encode(textOf(g, mutated(g, polymarketTree(g)), false, comma))
        agrees(polymarket, bytes, expectedOfPolymarket(bytes))
      }),
      { numRuns: 3000 }
    )
  })

  test('on damaged Polymarket messages', () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const bytes = damaged(g, utf8.encode(textOf(g, polymarketTree(g), false, ', ')))
        agrees(polymarket, bytes, expectedOfPolymarket(bytes))
      }),
      { numRuns: 2500 }
    )
  })

  test('on Polymarket books of many levels, whole, cut and with a byte changed', () => {
    fc.assert(
      fc.property(longBook, fc.nat(25_000), fc.integer({ min: 0, max: 255 }), (text, at, byte) => {
        const bytes = utf8.encode(text)
        agrees(polymarket, bytes, expectedOfPolymarket(bytes))
        const cut = bytes.subarray(0, at)
        agrees(polymarket, cut, expectedOfPolymarket(cut))
        if (at < bytes.length) bytes[at] = byte
        agrees(polymarket, bytes, expectedOfPolymarket(bytes))
      }),
      { numRuns: 500 }
    )
  })

  test.each([
    ['plain', false, 2000],
    ['oddly written', true, 500]
  ] as const)('on %s Binance messages', (_name, odd, numRuns) => {
    fc.assert(
      fc.property(fc.gen(), restKey, (g, key) => {
        const bytes = utf8.encode(textOf(g, binanceTree(g), odd))
        agrees(binance, bytes, expectedOfBinance(bytes, key), key)
      }),
      { numRuns }
    )
  })

  test('on Binance messages with fields dropped, doubled, replaced and added', () => {
    fc.assert(
      fc.property(fc.gen(), restKey, (g, key) => {
        const bytes = utf8.encode(textOf(g, mutated(g, binanceTree(g)), false))
        agrees(binance, bytes, expectedOfBinance(bytes, key), key)
      }),
      { numRuns: 3000 }
    )
  })

  test('on damaged Binance messages', () => {
    fc.assert(
      fc.property(fc.gen(), restKey, (g, key) => {
        const bytes = damaged(g, utf8.encode(textOf(g, binanceTree(g), false)))
        agrees(binance, bytes, expectedOfBinance(bytes, key), key)
      }),
      { numRuns: 2500 }
    )
  })

  test('on any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        agrees(polymarket, bytes, expectedOfPolymarket(bytes))
        agrees(binance, bytes, expectedOfBinance(bytes, undefined))
      }),
      { numRuns: 3000 }
    )
  })
})

const BOOK = '{"event_type":"book","asset_id":"1","market":"0x1","timestamp":"5","hash":"","bids":[{"price":"0.4","size":"2"}],"asks":[]}'
const DEPTH = '{"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":5,"s":"BTCUSDT","U":1,"u":2,"b":[["1.5","2"]],"a":[]}}'

describe('hostile messages', () => {
  test.each([
    ['lists in lists', '['.repeat(100_000)],
    ['objects in objects', '{"a":'.repeat(100_000)],
    ['closed lists in lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a deep unknown field', BOOK.replace('{', `{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)},`)],
    ['a deep known field', BOOK.replace('"0.4"', '['.repeat(100_000) + ']'.repeat(100_000))],
    ['a deep market', DEPTH.replace('5,', `${'{"e":'.repeat(100_000)}1${'}'.repeat(100_000)},`)]
  ])('%s are not taken and do no harm', (_name, text) => {
    for (const mapper of [polymarket, binance]) {
      const { outcome, told, sink } = map(mapper, utf8.encode(text), undefined)
      expect([OUTCOME.malformed, OUTCOME.rejected, OUTCOME.unknown]).toContain(outcome)
      expect([...told, ...sink.keys]).toEqual([])
    }
    agreesWithBoth(BOOK)
    agreesWithBoth(DEPTH)
  })

  const long = 'x'.repeat(1 << 20)
  test.each([
    ['an unknown field', BOOK.replace('{', `{"more":"${long}",`)],
    ['a key', BOOK.replace('{', `{"${long}":1,`)],
    ['a token id', BOOK.replace('"1"', `"${long}"`)],
    ['a price', BOOK.replace('0.4', `0.${'4'.repeat(1 << 20)}`)],
    ['a whole number of a price', DEPTH.replace('1.5', `1${'0'.repeat(1 << 20)}`)],
    ['a string in other letters', DEPTH.replace('BTCUSDT', 'é'.repeat(1 << 19))],
    ['white space', ' '.repeat(1 << 20) + BOOK]
  ])('%s of a megabyte is read as JSON.parse reads it', (_name, text) => agreesWithBoth(text))

  test.each([
    BOOK,
    DEPTH,
    `[${BOOK},${BOOK}]\n`,
    '{"result":null,"id":1}',
    'PONG',
    'PONG ',
    'PING',
    '[]\n',
    '[ ]',
    '',
    ' ',
    'pong',
    '{}',
    '[{}]',
    '[[]]',
    'null',
    '42',
    '"PONG"',
    '\ufeff{}'
  ])('%j cut at every byte, and continued by rubbish', (text) => {
    for (let end = 0; end <= text.length; end++) {
      agreesWithBoth(text.slice(0, end))
      agreesWithBoth(`${text.slice(0, end)}}`)
    }
  })

  test('a snapshot that lacks a side is not taken as one with an empty side', () => {
    for (const text of [
      '{"lastUpdateId":1,"bids":[]}',
      '{"lastUpdateId":1,"bids":[],"asks":null}',
      '{"lastUpdateId":1,"bids":[],"asks":{}}'
    ]) {
      expect([text, map(binance, utf8.encode(text), 'X').outcome]).toEqual([text, OUTCOME.rejected])
    }
    for (const text of [DEPTH.replace(',"a":[]', ''), DEPTH.replace('"a":[]', '"a":"1"'), DEPTH.replace('"a":[]', '"a":{}')]) {
      expect([text, map(binance, utf8.encode(text), undefined).outcome]).toEqual([text, OUTCOME.rejected])
    }
    for (const text of [BOOK.replace(',"asks":[]', ''), BOOK.replace('"asks":[]', '"asks":null')]) {
      expect([text, map(polymarket, utf8.encode(text), undefined).outcome]).toEqual([text, OUTCOME.rejected])
    }
  })
})

function agreesWithBoth(text: string): void {
  const bytes = utf8.encode(text)
  agrees(polymarket, bytes, expectedOfPolymarket(bytes))
  agrees(binance, bytes, expectedOfBinance(bytes, undefined))
}

describe('real messages', () => {
  const capture = realDataPath('polymarket/ws_capture_3markets_2026-09-27.ndjson')
  test.skipIf(capture === undefined)('the Polymarket capture, whole and cut at every seventh byte', () => {
    const lines = readFileSync(capture!, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    expect(lines).toHaveLength(19)
    for (const line of lines) {
      const bytes = utf8.encode(line)
      expect(map(polymarket, bytes, undefined).outcome).toBe(OUTCOME.decoded)
      agrees(polymarket, bytes, expectedOfPolymarket(bytes))
      for (let end = 0; end < Math.min(bytes.length, 4000); end += 7)
        agrees(polymarket, bytes.subarray(0, end), expectedOfPolymarket(bytes.subarray(0, end)))
    }
  })

  const folder = realDataPath('polymarket/nautilus')
  test.skipIf(folder === undefined)('message examples of others', () => {
    for (const name of readdirSync(folder!)) {
      const bytes = readFileSync(join(folder!, name))
      agrees(polymarket, bytes, expectedOfPolymarket(bytes))
    }
    const outcomeOf = (name: string): number => map(polymarket, readFileSync(join(folder!, name)), undefined).outcome
    for (const name of [
      'book.json',
      'http_book.json',
      'price_change.json',
      'price_change_v2.json',
      'last_trade_price.json',
      'tick_size_change.json'
    ]) {
      expect([name, outcomeOf(name)]).toEqual([name, OUTCOME.decoded])
    }
    for (const name of ['ws_market_new_market_msg.json', 'ws_market_resolved_msg.json', 'ws_market_best_bid_ask_msg.json']) {
      expect([name, outcomeOf(name)]).toEqual([name, OUTCOME.unknown])
    }
  })

  const session = realDataPath('binance/btcusdt_20240808.gz')
  test.skipIf(session === undefined)('the first 20,000 lines of the Binance session, and none needs the slow way', () => {
    const text = gunzipSync(readFileSync(session!)).toString('utf8')
    const mapper = new BinanceMapper()
    const lines = text.split('\n', 20_000)
    for (const line of lines) {
      const bytes = utf8.encode(line.slice(line.indexOf(' ') + 1))
      const key = line.includes('lastUpdateId') ? 'BTCUSDT' : undefined
      const got = map(mapper, bytes, key)
      const expected = expectedOfBinance(bytes, key)
      if (got.outcome !== OUTCOME.decoded || !isDeepStrictEqual(got.told, expected.told)) expect({ line, ...got }).toEqual(expected)
    }
    expect(mapper.fallbacks).toBe(0)
  })
})
