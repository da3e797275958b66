import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bookHash } from '../../feeds/index.ts'
import { OrderBook, type BookSide } from '../../../../shared/market/index.ts'
import { openBundle, type OpenBundle } from '../../bundle/index.ts'
import { RunWriter } from '../../importer/index.ts'
import { aheadSource, runOfBundle, TapeRun, type RunFacts } from '../runTape.ts'
import type { Positions } from '../mergedFrames.ts'

const SECONDS = 6
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapedeck-ahead-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TOKENS = ['a', 'b', 'c', 'd'].map((letter) => `1234567890123456789012345678901234567890123456789012345678901234567890123456${letter}`)
const marketOf = (token: number): string => `0x${String(token >> 1).repeat(64)}`
const hash = '0123456789abcdef0123456789abcdef01234567'

const book = (token: number, levels = 2): string => {
  const side = (from: number): string =>
    Array.from({ length: levels }, (_, i) => `{"price":"${(from + i) / 1e5}","size":"${i + 1}"}`).join()
  return `[{"market":"${marketOf(token)}","asset_id":"${TOKENS[token]}","timestamp":"1700000000000","hash":"${hash}","bids":[${side(10_000)}],"asks":[${side(60_000)}],"event_type":"book"}]`
}
/** A full book with the hash that belongs to it, of as many levels; what the message leaves out its hash covers all the same. */
const hashedBook = (token: number, levels: number, i: number): string => {
  const made = new OrderBook()
  for (let k = 0; k < levels; k++) {
    made.bids.set(100_000 + 1000 * k, (k + 1) * 1_500_000)
    made.asks.set(900_000 - 1000 * k, (i + k + 1) * 1_000_000)
  }
  const side = ({ levels: flat, count, sign }: BookSide): string =>
    Array.from({ length: count }, (_, k) => `{"price":"${(flat[2 * k]! * sign) / 1e6}", "size":"${flat[2 * k + 1]! / 1e6}"}`).join(', ')
  const facts = { market: marketOf(token), assetId: TOKENS[token]!, minOrderSize: '15', tickE6: 10_000, negRisk: token > 1 }
  const right = bookHash(made, facts, String(1_700_000_000_000 + i), '0.500')
  const stated = i % 3 === 0 ? '' : ', "last_trade_price":"0.500"'
  return `{"market":"${marketOf(token)}", "asset_id":"${TOKENS[token]}", "bids":[${side(made.bids)}], "asks":[${side(made.asks)}], "hash":"${right}", "timestamp":"${1_700_000_000_000 + i}", "event_type":"book"${stated}}`
}
const part = (token: number, i: number): string =>
  `{"asset_id":"${TOKENS[token]}", "price":"0.${20 + (i % 7)}", "size":"${i % 11}", "side":"${i % 2 === 0 ? 'BUY' : 'SELL'}", "hash":"${hash}", "best_bid":"0.2", "best_ask":"0.6"}`
const change = (token: number, i: number): string =>
  `{"market":"${marketOf(token)}", "price_changes":[${part(token, i)}, ${part(token ^ 1, i)}], "timestamp":"${1_700_000_000_000 + i}", "event_type":"price_change"}`
const trade = (token: number, i: number): string =>
  `{"market":"${marketOf(token)}","asset_id":"${TOKENS[token]}","price":"0.5","size":"3","side":"BUY","timestamp":"${1_700_000_000_000 + i}","event_type":"last_trade_price","transaction_hash":"0x${i}"}`

/** Usual messages, and everything that takes another way: escapes, garbage, wrong values, other shapes, messages larger than a chunk. */
const odd: readonly ((token: number, i: number) => string)[] = [
  () => 'PONG',
  () => '{"market": cut',
  (token) => change(token, 5).replace('"0.25"', '"-1"'),
  (token, i) => change(token, i).replace('price_change"}', 'price_\\u0063hange"}'),
  (token, i) =>
    `{"event_type":"price_change","asset_id":"${TOKENS[token]}","market":"${marketOf(token)}","changes":[{"price":"0.3","side":"SELL","size":"${i}"}],"timestamp":"1","hash":"short"}`,
  (token, i) => change(token, i).replace(TOKENS[token]!, `unknown-${i % 3}-of-someone-else`),
  (token) =>
    `{"event_type":"tick_size_change","asset_id":"${TOKENS[token]}","market":"m","old_tick_size":"0.01","new_tick_size":"0.001","timestamp":"2"}`,
  // Levels where no levels belong, and several messages in one.
  (token, i) => trade(token, i).replace('"price"', '"bids":[{"price":"0.1","size":"7"}],"asks":[{"price":"0.9","size":"7"}],"price"'),
  (token, i) => change(token, i).replace('"price_changes"', '"bids":[{"price":"0.1", "size":"7"}], "asks":[], "price_changes"'),
  (token, i) => `[${book(token).slice(1, -1)},${trade(token, i)},${change(token, i)},${trade(token, i + 1)}]`,
  (token) => book(token, 3000),
  (token) => book(token, 25_000)
]

function polymarketRun(name: string): string {
  const dir = join(folder, name)
  const facts = { synthetic: true, venue: 'polymarket', source: 'test' } as const
  const writer = new RunWriter({ dir, runId: name, t0WallNs: 1_700_000_000_000_000_000n, shards: 2, facts })
  for (const shard of [0, 1]) {
    const tokens = TOKENS.filter((_, token) => token % 2 === shard)
    writer.note(shard, { note: 'conn_open', venue: 'polymarket', url: 'test', tokens }, shard)
    for (const token of [shard, shard + 2]) writer.message(shard, book(token), 1000 + token)
  }
  for (let i = 0; i < SECONDS * 200; i++) {
    const token = i % 4
    const text = i % 29 === 3 ? odd[Math.floor(i / 29) % odd.length]!(token, i) : i % 13 === 0 ? trade(token, i) : change(token, i)
    writer.message(token % 2, text, 2000 + i * 5e6)
  }
  writer.close()
  return dir
}

function binanceRun(name: string): string {
  const dir = join(folder, name)
  const facts = { synthetic: true, venue: 'binance', source: 'test' } as const
  const writer = new RunWriter({ dir, runId: name, t0WallNs: 1_700_000_000_000_000_000n, shards: 1, facts })
  writer.note(0, { note: 'conn_open', venue: 'binance', url: 'test', streams: ['btcusdt@depth@100ms', 'btcusdt@trade'] }, 0)
  for (let i = 1; i < 3000; i++) {
    const depth = `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${i},"s":"BTCUSDT","U":${i},"u":${i},"b":[["6${i % 9}.5","${i % 5}"]],"a":[["70.1","2"],["70.${i % 9}","0.5"]]}}`
    const top = `{"stream":"btcusdt@bookTicker","data":{"u":${i},"s":"BTCUSDT","b":"69.5","B":"1","a":"70.1","A":"2"}}`
    writer.message(0, i % 3 === 0 ? top : depth, i * 7e6)
  }
  writer.close()
  return dir
}

interface Played {
  readonly sha256: string
  readonly counts: object
  readonly positions: readonly (readonly [number, Positions])[]
}

/** Plays all in uneven slices. */
async function play(run: RunFacts, readAhead: boolean, from?: Positions): Promise<Played> {
  const player = await begin(run, readAhead, from)
  const positions: (readonly [number, Positions])[] = []
  for (let slice = 1; ; slice = (slice * 3) % 701) {
    const n = player.advance(Infinity, slice)
    if (n < slice) break
    positions.push([player.tape.frames, player.positions()])
  }
  const { tape } = player
  const { sha256 } = tape.summary()
  const counts = { frames: tape.frames, malformed: tape.malformed, fallbacks: tape.fallbacks, ...tape.books.counts, ...tape.counts() }
  player.close()
  return { sha256, counts, positions }
}

/** Looks at the first frame until the other thread has taken over. */
async function begin(run: RunFacts, readAhead: boolean, from?: Positions): Promise<TapeRun> {
  const player = new TapeRun(run, { readAhead }, from)
  const isWaiting = (): boolean => readAhead && player.nextRelNs !== undefined && !player.isAhead
  for (let looks = 0; isWaiting() && looks < 1e6; looks++) if (looks % 100 === 0) await sleep(1)
  expect(player.isAhead).toBe(readAhead)
  return player
}

const both = (bundle: OpenBundle): RunFacts => {
  const run = runOfBundle(bundle)
  return { ...run, ahead: aheadSource(bundle, run.venue) }
}

test.each([
  ['Polymarket', polymarketRun],
  ['Binance', binanceRun]
])('%s: events, counts and positions are the same whether another thread reads ahead or not', async (name, make) => {
  const bundle = await openBundle(make(name))
  const run = both(bundle)
  const alone = await play(run, false)
  expect(await play(run, true)).toEqual(alone)
  expect(alone.positions.length).toBeGreaterThan(10)
  const [, middle] = alone.positions[Math.floor(alone.positions.length / 2)]!
  expect(await play(run, true, middle)).toEqual(await play(run, false, middle))
  bundle.close()
})

test('books of any length are proved by their own hashes, whoever begins to hash them', async () => {
  const dir = join(folder, 'hashed')
  const writer = new RunWriter({
    dir,
    runId: 'hashed',
    t0WallNs: 1_700_000_000_000_000_000n,
    shards: 1,
    facts: { synthetic: true, venue: 'polymarket', source: 'test' }
  })
  writer.note(0, { note: 'conn_open', venue: 'polymarket', url: 'test', tokens: TOKENS }, 0)
  const BOOKS = 400
  for (let i = 0; i < BOOKS; i++) writer.message(0, hashedBook(i % 4, i % 67, i), i * 1e6)
  // Both in one message, one of them with a hash that is not its own.
  writer.message(0, `[${hashedBook(0, 3, 3)},${hashedBook(1, 5, 4).replace('"timestamp":"17', '"timestamp":"16')}]`, BOOKS * 1e6)
  writer.close()
  const bundle = await openBundle(dir)
  const run = both(bundle)
  const alone = await play(run, false)
  expect(await play(run, true)).toEqual(alone)
  const { snapshotHashes } = alone.counts as { snapshotHashes: { verified: number; failed: number } }
  expect(snapshotHashes.verified).toBeGreaterThan(BOOKS * 0.9)
  bundle.close()
})

test('bytes that go bad after the bundle was opened are the same gap', async () => {
  const dir = polymarketRun('damaged')
  const bundle = await openBundle(dir)
  const path = join(dir, 'capture', 'shard_01.frames')
  const bytes = readFileSync(path)
  for (const share of [0.2, 0.21, 0.9]) bytes[Math.floor(bytes.length * share)]! ^= 0xff
  writeFileSync(path, bytes)
  const run = both(bundle)
  const alone = await play(run, false)
  expect(await play(run, true)).toEqual(alone)
  expect(alone.counts).not.toEqual((await play(both(await openBundle(polymarketRun('whole'))), false)).counts)
  bundle.close()
})

test('a log that cannot be opened is a plain error, and a pass that is left early ends its thread', async () => {
  const bundle = await openBundle(polymarketRun('gone'))
  const run = both(bundle)
  const early = await begin(run, true)
  expect(early.advance(Infinity, 10)).toBe(10)
  early.close()
  const begun = begin(run, true)
  rmSync(join(bundle.dir, 'capture', 'shard_00.frames'))
  await expect(begun.then((player) => player.advance(Infinity, Infinity))).rejects.toThrow('A file or folder that should exist does not.')
  bundle.close()
})
