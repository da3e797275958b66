import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longBook } from '../../feeds/testMessages.ts'
import { realDataPath } from '../../testing/realData.ts'
import { MarketTable } from '../events/marketTable.ts'
import { BookNormaliser } from './bookNormaliser.ts'
import { makeMessages } from './testMessages.ts'
import { bytesOf, normalise, scansOf } from './testNormalise.ts'
import { reference } from './testReference.ts'

test('120,000 generated messages, well formed, odd and broken, give what JSON.parse and exact decimals give, field for field', () => {
  const markets = new MarketTable()
  const normaliser = new BookNormaliser(markets)
  let events = 0
  let broken = 0
  for (const text of makeMessages(120_000, 20_261)) {
    const payload = bytesOf(text)
    const expected = reference(payload)
    const got = normalise(payload, normaliser, markets)
    if (JSON.stringify(got, bigText) !== JSON.stringify(expected, bigText)) expect({ text, ...got }).toEqual({ text, ...expected })
    events += expected.events.length
    broken += expected.decodeErrors
  }
  // The generator must reach all ways, or the test proves nothing.
  expect(events).toBeGreaterThan(60_000)
  expect(broken).toBeGreaterThan(5000)
  expect(normaliser.counts.fallbacks).toBeGreaterThan(5000)
  expect(normaliser.counts.skipped).toBeGreaterThan(5000)
  expect(scansOf(normaliser)).toBeGreaterThan(5000)
}, 120_000)

test('books of many levels, whole, cut and with a byte changed, give what JSON.parse and exact decimals give', () => {
  const markets = new MarketTable()
  const normaliser = new BookNormaliser(markets)
  const agrees = (bytes: Uint8Array): void =>
    expect(JSON.stringify(normalise(bytes, normaliser, markets), bigText)).toBe(JSON.stringify(reference(bytes), bigText))
  fc.assert(
    fc.property(longBook, fc.nat(25_000), fc.integer({ min: 0, max: 255 }), (text, at, byte) => {
      const bytes = bytesOf(text)
      agrees(bytes)
      agrees(bytes.subarray(0, at))
      if (at < bytes.length) bytes[at] = byte
      agrees(bytes)
    }),
    { numRuns: 500 }
  )
  expect(normaliser.counts.fallbacks).toBeGreaterThan(5)
  expect(markets.ids).toContain('71')
})

const bigText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

const capture = realDataPath('polymarket/ws_capture_3markets_2026-09-27.ndjson')
test.skipIf(capture === undefined)(
  'every message of the real capture, whole and cut at every third byte, gives what JSON.parse gives',
  () => {
    const markets = new MarketTable()
    const normaliser = new BookNormaliser(markets)
    let events = 0
    for (const text of readFileSync(capture!, 'utf8').split('\n')) {
      const whole = bytesOf(text)
      expect(normalise(whole, normaliser, markets)).toEqual(reference(whole))
      events += reference(whole).events.length
      for (let end = 0; end < whole.length; end += 3) {
        const cut = whole.subarray(0, end)
        expect(JSON.stringify(normalise(cut, normaliser, markets), bigText)).toBe(JSON.stringify(reference(cut), bigText))
      }
    }
    expect(events).toBeGreaterThan(0)
  }
)

const examples = realDataPath('polymarket/nautilus')
test.skipIf(examples === undefined)('message examples of others give what JSON.parse gives', () => {
  const markets = new MarketTable()
  const normaliser = new BookNormaliser(markets)
  for (const name of readdirSync(examples!)) {
    const bytes = readFileSync(join(examples!, name))
    expect([name, normalise(bytes, normaliser, markets)]).toEqual([name, reference(bytes)])
  }
})
