import { expect, test } from 'vitest'
import { MarketMessage, PolymarketMapper, type MarketSink } from '../../feeds/mappers/index.ts'
import { random } from '../../testing/random.ts'
import { chunksOf, newRing } from './aheadRing.ts'
import { ChangeRows } from './changeRows.ts'
import { KeyNumbers } from './keyNumbers.ts'
import { CHANGE_WORDS, getChange } from './messageWords.ts'

const draw = random(11)
const below = (n: number): number => Math.floor(draw() * n)
const hex = (length: number): string => Array.from({ length }, () => below(16).toString(16)).join('')
const TOKENS = Array.from({ length: 20 }, (_, i) => `${10 + i}`.repeat(38))
const change = (token: string): string =>
  `{"asset_id":"${token}", "price":"0.${1 + below(999)}", "size":"${below(5000)}.${below(99)}", "side":"${below(2) === 0 ? 'BUY' : 'SELL'}", "hash":"${hex(40)}", "best_bid":"0.${below(9)}", "best_ask":"${below(2)}"}`
const message = (...changes: readonly string[]): Buffer =>
  Buffer.from(
    `{"market":"0x${hex(64)}", "price_changes":[${changes.join(', ')}], "timestamp":"${1_700_000_000_000 + below(1e6)}", "event_type":"price_change"}`
  )
const told = ({ bids, asks, pxE6, exchTsMs, bestBidE6, bestAskE6, buf, hashFrom, hashTo }: MarketMessage): unknown => [
  [...bids.values.subarray(0, 2 * bids.count)],
  [...asks.values.subarray(0, 2 * asks.count)],
  [pxE6, exchTsMs, bestBidE6, bestAskE6],
  Buffer.from(buf.subarray(hashFrom, hashTo)).toString('latin1')
]

/** What the mapper says of a message: the reference. */
function mapped(bytes: Buffer, learn?: KeyNumbers): unknown[] {
  const out: unknown[] = []
  let key = ''
  const sink: MarketSink = {
    instrumentOf: (buf, from, to, hash) => {
      learn?.of(buf, from, to, hash)
      key = Buffer.from(buf.subarray(from, to)).toString('latin1')
      return 1
    },
    delta: (it) => out.push([TOKENS.indexOf(key) + 1, told(it)]),
    snapshot: () => expect.unreachable(),
    trade: () => expect.unreachable(),
    tickSize: () => expect.unreachable(),
    venueTop: () => expect.unreachable()
  }
  new PolymarketMapper().map(bytes, 0, bytes.length, sink)
  return out
}

test('changes that take the short way say the same as the mapper, their hashes too; any other message is refused', () => {
  const keys = new KeyNumbers()
  const rows = new ChangeRows(keys)
  const [chunk] = chunksOf(newRing())
  const put = (bytes: Buffer, keysTold = TOKENS.length): number => rows.put(chunk!, 7, bytes, 0, bytes.length, keysTold)
  const first = message(change(TOKENS[0]!))
  // A token that the other side cannot know yet.
  expect(put(first)).toBe(0)
  mapped(message(...TOKENS.map(change)), keys)
  expect(put(first, 0)).toBe(0)
  expect(put(first)).toBe(1)
  const read = new MarketMessage()
  read.buf = chunk!.bytes
  for (let i = 0; i < 5000; i++) {
    const bytes = message(...Array.from({ length: 1 + below(4) }, () => change(TOKENS[below(TOKENS.length)]!)))
    const count = put(bytes)
    const found = Array.from({ length: count }, (_, k) => {
      const at = 7 + k * CHANGE_WORDS
      expect(getChange(chunk!, at, read)).toBe(at + CHANGE_WORDS)
      return [chunk!.halves[2 * at + 1], told(read)]
    })
    expect(found).toEqual(mapped(bytes))
  }
  const text = first.toString()
  for (const odd of [
    text.replace(/"hash":"../, '"hash":"'),
    text.replace(/"price":"[^"]*"/, '"price":"0"'),
    text.replace('"price_change"', '"book"'),
    text.replace('"side"', '"edge"')
  ])
    expect(put(Buffer.from(odd))).toBe(0)
})
