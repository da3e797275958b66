import { expect, test } from 'vitest'
import { EventBatch } from '../events/eventBatch.ts'
import { MarketTable } from '../events/marketTable.ts'
import { holdsBookKey } from './bookKeys.ts'
import { BookNormaliser } from './bookNormaliser.ts'
import { bytesOf, normalise, scansOf } from './testNormalise.ts'

test('what the venue sends every day needs no fallback', () => {
  const markets = new MarketTable()
  const normaliser = new BookNormaliser(markets)
  const level = (px: number): string => `{"price":"0.${px}","size":"12.5"}`
  const compact = `[{"market":"0x1","asset_id":"77","timestamp":"1700000000000","hash":"ab","bids":[${level(10)},${level(20)}],"asks":[${level(90)},${level(80)}],"tick_size":"0.01","event_type":"book","last_trade_price":"0.5"}]\n`
  const spaced = `{"market":"0x1", "asset_id":"77", "bids":[{"price":"0.1", "size":"2"}, {"price":"0.2", "size":"3"}], "asks":[], "hash":"ab", "timestamp":"1700000000001", "event_type":"book"}`
  const all = [compact, spaced].flatMap((text) => normalise(bytesOf(text), normaliser, markets).events)
  expect(all).toEqual([
    { marketId: '77', bid: [200_000n, 12_500_000n], ask: [800_000n, 12_500_000n], exchTsMs: 1_700_000_000_000 },
    { marketId: '77', bid: [200_000n, 3_000_000n], ask: undefined, exchTsMs: 1_700_000_000_001 }
  ])
  expect(normaliser.counts).toMatchObject({ fallbacks: 0, decodeErrors: 0, schemaErrors: 0 })
  expect(scansOf(normaliser)).toBe(0)
})

const hostile: readonly (readonly [string, string | Uint8Array, object])[] = [
  ['nothing but PONG', 'PONG', { skipped: 1 }],
  ['text that is cut', '{"asset_id":"1","bids":[{"price":"0.5","size":"1"}', { decodeErrors: 1 }],
  ['a comma too many', '{"asset_id":"1","bids":[{"price":"0.5","size":"1"},],"asks":[]}', { decodeErrors: 1 }],
  ['bytes that are no UTF-8', Buffer.from('{"asset_id":"\xff","bids":[]}', 'latin1'), { decodeErrors: 1 }],
  ['nesting without end', `{"bids":${'['.repeat(200_000)}`, { decodeErrors: 1 }],
  ['deep nesting that is whole', `{"asset_id":"1","x":${'['.repeat(50_000)}${']'.repeat(50_000)},"bids":[]}`, { decodeErrors: 1 }],
  ['null for a side', '{"asset_id":"1","bids":null,"asks":5}', { schemaErrors: 2 }],
  ['no market', '{"asset_id":null,"bids":[{"price":"0.5","size":"1"}]}', { schemaErrors: 1 }],
  ['no objects', '["bids",7,null,true,"\\"bids\\""]', { schemaErrors: 5 }]
]

test.each(hostile)('%s is counted and gives no event', (_name, payload, counts) => {
  const normaliser = new BookNormaliser(new MarketTable())
  const bytes = typeof payload === 'string' ? bytesOf(payload) : payload
  const batch = new EventBatch(1)
  if (normaliser.decode(bytes, 0, bytes.length)) normaliser.normalise(0, batch)
  expect(batch.count).toBe(0)
  expect(normaliser.counts).toMatchObject({
    decodeErrors: 0,
    schemaErrors: 0,
    skipped: 0,
    ...counts
  })
})

test('prices with 20 decimals round half up on their text; numbers beyond 2^53 are no level', () => {
  const markets = new MarketTable()
  const text =
    '{"asset_id":"1","bids":[{"price":"0.50000049999999999999","size":"0.0000005"},{"price":"0.5","size":1e400}],"asks":[{"price":0.5000005,"size":9007199254.740991}]}'
  expect(normalise(bytesOf(text), new BookNormaliser(markets), markets).events).toEqual([
    { marketId: '1', bid: [500_000n, 1n], ask: [500_001n, 9_007_199_254_740_991n], exchTsMs: undefined }
  ])
})

test('a side whose last level only looks best is searched, and the first of equals wins', () => {
  const markets = new MarketTable()
  const normaliser = new BookNormaliser(markets)
  const text =
    '{"asset_id":"1","bids":[{"price":"0.4","size":"1"},{"price":"0.6","size":"2"},{"price":"0.6","size":"3"},{"price":"0.5","size":"4"}]}'
  expect(normalise(bytesOf(text), normaliser, markets).events).toMatchObject([{ bid: [600_000n, 2_000_000n] }])
  expect(normaliser.counts.bids).toEqual({ scans: 1, levelsTotal: 4, levelsMax: 4 })
})

test('the keys of a book are found wherever they stand, and only inside the payload', () => {
  for (const word of ['"bids"', '"asks"'])
    for (let pad = 0; pad < 40; pad++)
      for (const filler of ['x', '"', 's', 'b', 'a', '"bid', 'sks"', '"asks', 'bids"']) {
        const text = filler.repeat(pad).slice(0, pad)
        const buf = bytesOf(`${text}${word}${text}`)
        expect(holdsBookKey(buf, 0, buf.length)).toBe(true)
        const inside = new TextDecoder().decode(buf.subarray(pad + 1))
        expect(holdsBookKey(buf, pad + 1, buf.length)).toBe(inside.includes('"bids"') || inside.includes('"asks"'))
        expect(holdsBookKey(buf, 0, pad + 5)).toBe(/"bids"|"asks"/.test(new TextDecoder().decode(buf.subarray(0, pad + 5))))
      }
})
