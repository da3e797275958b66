import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonScan } from '../json/jsonScan.ts'
import { keyHash } from '../json/keyHash.ts'
import { LAYOUT } from './changeKernel.ts'
import { PolymarketMessage, scanMessage } from './messageScan.ts'
import { UsualChanges } from './usualChanges.ts'

const number = fc.oneof(
  { weight: 40, arbitrary: fc.stringMatching(/^\d{1,9}(\.\d{1,6})?$/) },
  fc.stringMatching(/^\d{1,12}(\.\d{0,8})?$/),
  fc.constantFrom('0', '1', '0.5', '.48', '007', '5.', '', '-1', '1e3', '0.000001', '999999999.999999', '1234567890.123456')
)
const change = fc
  .record({
    asset: fc.oneof({ weight: 20, arbitrary: fc.stringMatching(/^[0-9a-z]{1,90}$/) }, fc.stringMatching(/^[0-9a-z"\\]{0,20}$/)),
    price: number,
    size: number,
    side: fc.oneof({ weight: 20, arbitrary: fc.constantFrom('BUY', 'SELL') }, fc.constantFrom('buy', 'SELLS', '')),
    bid: number,
    ask: number
  })
  .map(
    (c) =>
      `{"asset_id":"${c.asset}", "price":"${c.price}", "size":"${c.size}", "side":"${c.side}", "hash":"0a1b", "best_bid":"${c.bid}", "best_ask":"${c.ask}"}`
  )
const message = fc
  .tuple(
    fc.array(change, { minLength: 1, maxLength: 4 }),
    fc.oneof({ weight: 10, arbitrary: fc.stringMatching(/^\d{1,15}$/) }, fc.constantFrom('x', '', '1234567890123456'))
  )
  .map(([changes, ts]) => `{"market":"0xab", "price_changes":[${changes.join(', ')}], "timestamp":"${ts}", "event_type":"price_change"}`)
/** A byte of the message that is replaced, and what by; far behind the end it changes nothing. */
const fault = fc.record({ at: fc.nat(4000), byte: fc.integer({ min: 0, max: 255 }) })

function generally(bytes: Uint8Array): PolymarketMessage | undefined {
  const scan = new JsonScan()
  const out = new PolymarketMessage()
  scan.start(bytes, 0, bytes.length, false)
  scanMessage(scan, out)
  scan.finish()
  return scan.bad ? undefined : out
}

/** Reads a message that lies somewhere in a buffer, between bytes that are none of it. */
function fast(usual: UsualChanges, bytes: Uint8Array, before = 0): PolymarketMessage | undefined {
  const buf = Buffer.concat([Buffer.alloc(before, '"'), bytes, Buffer.from(', {"asset_id":"')])
  const out = new PolymarketMessage()
  return usual.read(buf, before, before + bytes.length, out) ? out : undefined
}

test('whatever the fast reader takes, the reader field by field reads the same', () => {
  const usual = new UsualChanges()
  let taken = 0
  fc.assert(
    fc.property(message, fault, fc.nat(40), (text, { at, byte }, cut) => {
      const bytes = new TextEncoder().encode(text)
      if (at < bytes.length) bytes[at] = byte
      const given = bytes.subarray(0, cut === 1 ? at : bytes.length)
      const expected = generally(given)
      // Once as something new, once with tokens that were met before.
      for (let time = 0; time < 2; time++) {
        const out = fast(usual, given)
        if (out === undefined) continue
        for (const change of out.changes) change.token = 0
        expect(out).toEqual(expected)
        taken++
      }
    }),
    { numRuns: 20_000 }
  )
  expect(taken).toBeGreaterThan(10_000)
})

test('the fast reader takes the usual text wherever it stands and whatever numbers it has, and nothing else', () => {
  const text =
    '{"market":"0xab", "price_changes":[{"asset_id":"12", "price":"0.5", "size":"0", "side":"SELL", "hash":"ff", "best_bid":"0", "best_ask":"999999999.999999"}], "timestamp":"999999999999999", "event_type":"price_change"}'
  const usual = new UsualChanges()
  const out = fast(usual, Buffer.from(text), 1000)
  expect(out).toMatchObject({ timestampMs: 999_999_999_999_999, changeCount: 1 })
  expect(out?.changes[0]).toMatchObject({
    pxE6: 500_000,
    sizeE6: 0,
    side: 2,
    bestBidE6: 0,
    bestAskE6: 999_999_999_999_999,
    assetFrom: 1000 + text.indexOf('12"'),
    assetTo: 1002 + text.indexOf('12"')
  })
  expect(fast(usual, Buffer.from(text.replace('"hash"', '"hush"')))).toBeUndefined()
  expect(fast(usual, Buffer.from(`${text} `))).toBeUndefined()
  const part = text.slice(text.indexOf('{"asset'), text.indexOf(']'))
  const many = (count: number): Buffer => Buffer.from(text.replace(part, Array.from({ length: count }, () => part).join(', ')))
  expect(fast(usual, many(500))?.changeCount).toBe(500)
  // Longer than what it looks at.
  expect(fast(usual, many(700))).toBeUndefined()
})

/** A message of one change. */
const text = (id: string, market = '0xab'): Buffer =>
  Buffer.from(
    `{"market":"${market}", "price_changes":[{"asset_id":"${id}", "price":"0.5", "size":"0", "side":"SELL", "hash":"ff", "best_bid":"0", "best_ask":"1"}], "timestamp":"1", "event_type":"price_change"}`
  )

test('a message may be as long as what is looked at together, and lie at the ends of its buffer, shared or not', () => {
  const usual = new UsualChanges()
  const rest = text('12', '').length
  for (const more of [-1, 0, 1]) {
    const bytes = text('12', 'm'.repeat(LAYOUT.maxTextBytes - rest + more))
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 5), 5)
    shared.set(bytes)
    for (const buf of [Buffer.from(bytes), new Uint8Array(bytes), shared]) {
      const out = new PolymarketMessage()
      expect(usual.read(buf, 0, buf.length, out)).toBe(more <= 0)
      if (more <= 0) expect(out).toEqual(generally(bytes))
    }
  }
})

test('as many of the shortest changes as have room in a message are all told, and no known token is lost by it', () => {
  const usual = new UsualChanges()
  const id = '7'.repeat(40)
  const known = fast(usual, text(id))?.changes[0]?.token
  const short = '{"asset_id":"1", "price":"1", "size":"1", "side":"BUY", "hash":"", "best_bid":"1", "best_ask":"1"}'
  const all = (count: number): Buffer =>
    Buffer.from(
      `{"market":"", "price_changes":[${Array.from({ length: count }, () => short).join(', ')}], "timestamp":"1", "event_type":"price_change"}`
    )
  const count = Math.floor((LAYOUT.maxTextBytes - all(0).length + 2) / (short.length + 2))
  const out = fast(usual, all(count))
  expect(out?.changeCount).toBe(count)
  expect(new Set(out?.changes.map(({ pxE6, bestAskE6, token }) => `${pxE6}/${bestAskE6}/${token}`))).toEqual(new Set(['1000000/1000000/0']))
  // One that breaks off in its last change has begun one more.
  expect(fast(usual, Buffer.concat([all(count).subarray(0, -60), Buffer.from(', {"asset_id":"1", "change"}')]))).toBeUndefined()
  expect(fast(usual, text(id))?.changes[0]?.token).toBe(known)
})

test('every token has its number at once, also those for which the memory had to grow', () => {
  const usual = new UsualChanges()
  const tokens = Array.from({ length: 12_000 }, (_, i) => fast(usual, text(String(i).padStart(76, 'x')))?.changes[0]?.token)
  expect(tokens).toEqual(tokens.map((_, i) => i + 1))
})

test('of token ids that were made to end alike only some get numbers, and all are read right', () => {
  const usual = new UsualChanges()
  const idOf = (i: number): string => `${String(i).padStart(50, 'x')}1234567890123456`
  for (let time = 0; time < 2; time++) {
    const tokens = Array.from({ length: 3 * LAYOUT.mostLooks }, (_, i) => {
      const bytes = text(idOf(i))
      const change = fast(usual, bytes)!.changes[0]!
      expect([bytes.toString('latin1', change.assetFrom, change.assetTo), change.assetHash]).toEqual([
        idOf(i),
        keyHash(Buffer.from(idOf(i)), 0, idOf(i).length)
      ])
      return change.token
    })
    expect(tokens).toEqual(tokens.map((_, i) => (i < LAYOUT.mostLooks ? i + 1 : 0)))
  }
})

test('tokens keep their numbers, whatever their length, and each has one of its own', () => {
  const usual = new UsualChanges()
  const idOf = (length: number, last: string, first = '7'): string => first.padEnd(length - 1, '5') + last
  const ids = Array.from({ length: 90 }, (_, i) => [idOf(i + 2, '1'), idOf(i + 2, '2'), idOf(i + 2, '1', '8')]).flat()
  const numbersOf = (): (number | undefined)[] => ids.map((id) => fast(usual, text(id))?.changes[0]?.token)
  const first = numbersOf()
  expect(numbersOf()).toEqual(first)
  const numbered = ids.map((id, i) => ({ id, number: first[i]! })).filter(({ number }) => number > 0)
  expect(numbered.map(({ id }) => id.length).toSorted((a, b) => a - b)).toEqual(
    ids
      .map((id) => id.length)
      .filter((length) => length >= 16 && length <= 80)
      .toSorted((a, b) => a - b)
  )
  expect(new Set(numbered.map(({ number }) => number)).size).toBe(numbered.length)
  for (const { id, number } of numbered) expect(usual.hashes[number]).toBe(keyHash(Buffer.from(id), 0, id.length))
})

test('more tokens than are kept are read right all the same, and known ones again afterwards', () => {
  const usual = new UsualChanges()
  const idsByNumber = new Map<string, string>()
  const part = (token: number): string =>
    `{"asset_id":"${String(token).padStart(76, '1')}", "price":"0.5", "size":"1", "side":"BUY", "hash":"ff", "best_bid":"0", "best_ask":"1"}`
  const text = (token: number): string =>
    `{"market":"0x${String(token).padStart(64, 'a')}", "price_changes":[${part(token)}, ${part(token + 1)}], "timestamp":"1700000000000", "event_type":"price_change"}`
  const tokens = Array.from({ length: 45_000 }, (_, i) => (i < 30_000 ? 2 * i : (i * 7) % 999))
  for (const token of tokens) {
    const bytes = Buffer.from(text(token))
    const out = new PolymarketMessage()
    expect(usual.read(bytes, 0, bytes.length, out)).toBe(true)
    const [first, second] = out.changes
    for (const { token, assetFrom, assetTo } of out.changes) {
      const key = `${usual.generation}/${token}`
      const id = bytes.toString('latin1', assetFrom, assetTo)
      if (token > 0) expect(idsByNumber.get(key) ?? id).toBe(id)
      idsByNumber.set(key, id)
    }
    expect([
      bytes.toString('latin1', first?.assetFrom, first?.assetTo),
      bytes.toString('latin1', second?.assetFrom, second?.assetTo)
    ]).toEqual([String(token).padStart(76, '1'), String(token + 1).padStart(76, '1')])
    expect(bytes.toString('latin1', out.whole.marketFrom, out.whole.marketTo)).toBe(`0x${String(token).padStart(64, 'a')}`)
  }
  expect(usual.generation).toBe(1)
})
