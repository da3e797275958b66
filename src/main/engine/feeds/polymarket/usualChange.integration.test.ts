import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonScan } from '../json/jsonScan.ts'
import { PolymarketMessage, scanMessage } from './messageScan.ts'
import { KnownBeginnings } from './knownBeginnings.ts'
import { scanUsualChange } from './usualChange.ts'

const number = fc.oneof(
  fc.stringMatching(/^\d{1,12}(\.\d{0,8})?$/),
  fc.constantFrom('0', '1', '0.5', '.48', '007', '5.', '', '-1', '1e3', '0.000001', '999999999.999999', '1234567890.123456')
)
const change = fc
  .record({
    asset: fc.stringMatching(/^[0-9a-z"\\]{0,20}$/),
    price: number,
    size: number,
    side: fc.constantFrom('BUY', 'SELL', 'buy'),
    bid: number,
    ask: number
  })
  .map(
    (c) =>
      `{"asset_id":"${c.asset}", "price":"${c.price}", "size":"${c.size}", "side":"${c.side}", "hash":"0a1b", "best_bid":"${c.bid}", "best_ask":"${c.ask}"}`
  )
const message = fc
  .tuple(fc.array(change, { minLength: 1, maxLength: 4 }), fc.oneof(fc.stringMatching(/^\d{1,17}$/), fc.constant('x')))
  .map(([changes, ts]) => `{"market":"0xab", "price_changes":[${changes.join(', ')}], "timestamp":"${ts}", "event_type":"price_change"}`)
/** A byte of the message that is replaced, and what by; far behind the end it changes nothing. */
const fault = fc.record({ at: fc.nat(1200), byte: fc.integer({ min: 0, max: 255 }) })

function read(bytes: Uint8Array, scanner: (scan: JsonScan, out: PolymarketMessage) => boolean): PolymarketMessage | undefined {
  const scan = new JsonScan()
  const out = new PolymarketMessage()
  scan.start(bytes, 0, bytes.length, false)
  const taken = scanner(scan, out)
  scan.finish()
  return taken && !scan.bad ? out : undefined
}

test('whatever the fast reader takes, the reader field by field reads the same', () => {
  const known = new KnownBeginnings()
  const generalReader = (scan: JsonScan, out: PolymarketMessage): boolean => {
    scanMessage(scan, out)
    return true
  }
  fc.assert(
    fc.property(message, fault, (text, { at, byte }) => {
      const bytes = new TextEncoder().encode(text)
      if (at < bytes.length) bytes[at] = byte
      const expected = read(bytes, generalReader)
      // Once as something new, once as something that begins as others did before.
      for (const beginnings of [new KnownBeginnings(), known]) {
        const fast = read(bytes, (scan, out) => scanUsualChange(scan, out, beginnings))
        if (fast === undefined) continue
        for (const change of fast.changes) change.memo = undefined
        expect(fast).toEqual(expected)
      }
    }),
    { numRuns: 20_000 }
  )
})

test('the fast reader takes the usual text, and leaves the scanner where it was otherwise', () => {
  const usual =
    '{"market":"0xab", "price_changes":[{"asset_id":"12", "price":"0.5", "size":"0", "side":"SELL", "hash":"ff", "best_bid":"0", "best_ask":"1"}], "timestamp":"1700000000000", "event_type":"price_change"}'
  const known = new KnownBeginnings()
  for (let time = 0; time < 2; time++)
    expect(read(Buffer.from(usual), (scan, out) => scanUsualChange(scan, out, known))?.changes[0]).toMatchObject({
      pxE6: 500_000,
      sizeE6: 0,
      side: 2,
      bestBidE6: 0,
      bestAskE6: 1_000_000
    })
  const scan = new JsonScan()
  const other = Buffer.from(usual.replace('"hash"', '"hush"'))
  scan.start(other, 0, other.length, false)
  expect([scanUsualChange(scan, new PolymarketMessage(), known), scan.pos, scan.bad]).toEqual([false, 0, false])
})

test('more beginnings than are kept are read right all the same, and known ones again afterwards', () => {
  const known = new KnownBeginnings()
  const part = (token: number): string =>
    `{"asset_id":"${String(token).padStart(76, '1')}", "price":"0.5", "size":"1", "side":"BUY", "hash":"ff", "best_bid":"0", "best_ask":"1"}`
  const text = (token: number): string =>
    `{"market":"0x${String(token).padStart(64, 'a')}", "price_changes":[${part(token)}, ${part(token + 1)}], "timestamp":"1700000000000", "event_type":"price_change"}`
  const tokens = Array.from({ length: 45_000 }, (_, i) => (i < 30_000 ? i : (i * 7) % 999))
  for (const token of tokens) {
    const bytes = Buffer.from(text(token))
    const out = read(bytes, (scan, message) => scanUsualChange(scan, message, known))
    const [first, second] = out?.changes ?? []
    expect([
      bytes.toString('latin1', first?.assetFrom, first?.assetTo),
      bytes.toString('latin1', second?.assetFrom, second?.assetTo)
    ]).toEqual([String(token).padStart(76, '1'), String(token + 1).padStart(76, '1')])
    expect(bytes.toString('latin1', out?.whole.marketFrom, out?.whole.marketTo)).toBe(`0x${String(token).padStart(64, 'a')}`)
  }
})
