import { expect, test } from 'vitest'
import { discoverPolymarket } from '../../feeds/index.ts'
import { gammaKeyset } from '../server/gammaRoutes.ts'
import { Listing } from '../server/listing.ts'
import type { PolymarketFace } from '../source.ts'
import { VenueTime } from '../venueTime.ts'
import { generatorSource } from './generatorSource.ts'
import type { PolymarketGenerator } from './polymarketGenerator.ts'

const NOON_MS = Date.UTC(2030, 5, 1, 12, 0, 0)
const RATE = 100

/** Six markets, two of them in rounds of five minutes, three minutes after a boundary. */
function venue(seed = 4, seconds = 300, startMs = NOON_MS + 180_000) {
  let nowMs = startMs
  const time = new VenueTime({ wallNs: () => BigInt(nowMs) * 1_000_000n, monoNs: () => 0n })
  const rounds = { seconds, markets: 2 }
  const source = generatorSource({ seed, markets: 6, messagesPerSecond: RATE, venue: 'polymarket', rounds }, time)
  const face = source.polymarket!
  return { face, feed: source.feeds[0] as PolymarketGenerator, time, wait: (ms: number) => (nowMs += ms) }
}

const listings = (face: PolymarketFace) => face.markets.map(({ listing }) => listing)

const newestOf = async (face: PolymarketFace, maxMarkets: number) => {
  const { face: listed } = new Listing(face)
  const { markets } = await discoverPolymarket(
    async (_, url) => ({ status: 200, body: Buffer.from(gammaKeyset(listed, new URL(url).searchParams).body) }),
    { gammaBaseUrl: 'http://practice', pageLimit: 100, maxMarkets }
  )
  return markets
}

test('markets of a round end with it and others take their place, above them in the list; the rest stays', async () => {
  const { face, wait } = venue()
  const before = listings(face)
  expect(before.slice(4).map(({ endDate }) => endDate)).toEqual(['2030-06-01T12:05:00.000Z', '2030-06-01T12:05:00.000Z'])
  wait(119_999)
  expect(listings(face)).toEqual(before)
  wait(1)
  const after = listings(face)
  expect(after.slice(0, 4)).toEqual(before.slice(0, 4))
  expect(after[4]!.endDate).toBe('2030-06-01T12:10:00.000Z')
  const tokens = (list: typeof after): string[] => list.flatMap(({ tokenIds }) => tokenIds)
  expect(new Set([...tokens(before), ...tokens(after)]).size).toBe(16)
  const ids = [...before, ...after.slice(4)].map(({ id }) => Number(id))
  expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  expect(await newestOf(face, 2)).toMatchObject(
    [after[5]!, after[4]!].map(({ id }) => ({
      id,
      segment: { cadenceBucket: '5m', isCrypto: true, startMs: NOON_MS + 300_000, endMs: NOON_MS + 600_000 }
    }))
  )
})

test('an ended market is silent, is answered for one more round, and is then unknown', () => {
  const { face, feed, time, wait } = venue()
  const [old] = listings(face).slice(4)
  time.anchor()
  const heard = new Set<string>()
  const run = (toMs: number): void => {
    while (time.msAt(feed.nextNs) < toMs) feed.advance((frame) => frame.keys.forEach((key) => heard.add(key)))
  }
  run(NOON_MS + 300_000)
  expect(heard.has(old!.tokenIds[0])).toBe(true)
  // A trade of the last moment is printed a little later.
  run(NOON_MS + 301_000)
  heard.clear()
  run(NOON_MS + 360_000)
  const [next] = listings(face).slice(4)
  expect([heard.has(old!.tokenIds[0]), heard.has(next!.tokenIds[0])]).toEqual([false, true])
  expect([face.hasToken(old!.tokenIds[0]), face.book(old!.tokenIds[0])]).toEqual([true, expect.any(String)])
  wait(480_000)
  expect([face.hasToken(next!.tokenIds[0]), face.hasToken(old!.tokenIds[0])]).toEqual([true, false])
})

test('equal seeds have equal markets in a round, whenever they were started; a round of another length names it', () => {
  const early = venue(4, 300, NOON_MS)
  early.wait(299_999)
  expect(listings(early.face).slice(4)).toEqual(listings(venue().face).slice(4))
  expect(listings(venue(5).face).slice(4)).not.toEqual(listings(early.face).slice(4))
  expect(listings(venue(4, 20).face)[4]).toMatchObject({ slug: expect.stringContaining('-20s-'), endDate: '2030-06-01T12:03:20.000Z' })
})

test('what was taken off the list and ended meanwhile does not come back', () => {
  const { face, wait } = venue()
  const listing = new Listing(face)
  expect(listing.change(6, 0)).toEqual({ removed: 6, added: 0, listed: 0 })
  wait(120_000)
  expect(listings(listing.face)).toEqual(listings(face).slice(4))
  expect(listing.change(0, 6)).toEqual({ removed: 0, added: 4, listed: 6 })
  expect(listing.change(1, 0)).toEqual({ removed: 1, added: 0, listed: 5 })
})
