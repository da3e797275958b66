import { expect, test } from 'vitest'
import { segmentOf } from './segment.ts'

test.each([
  [{ slug: 'btc-updown-15m-1757' }, '15m', true],
  [{ question: 'Bitcoin Up or Down - 5 minutes' }, '5m', true],
  [{ title: 'Ethereum hourly' }, '60m', true],
  [{ slug: 'sol-30min-and-5min' }, 'unknown', true],
  [{ cadenceMinutes: 60, slug: 'x-5m' }, '60m', false],
  [{ recurrence: '15m', question: 'in 5 minutes?' }, '15m', false],
  [{ question: 'Will it rain in 115 minutes?' }, 'unknown', false],
  [{ category: 'Crypto', slug: 'x' }, 'unknown', true],
  [{ category: 'Crypto', isCrypto: false }, 'unknown', false],
  [{ slug: 7, question: null, endDate: {} }, 'unknown', false]
] as const)('%o is a market of cadence %s, crypto: %s', (row, cadence, crypto) => {
  expect(segmentOf(row)).toMatchObject({ cadenceBucket: cadence, isCrypto: crypto })
})

test('fees and instants are taken where they are stated, and null or absent where not', () => {
  expect(segmentOf({ feesEnabled: true, takerBaseFee: 100, endDate: '2030-01-01T00:00:00Z' })).toMatchObject({
    feeEnabled: true,
    feeRateKnown: true,
    endMs: Date.UTC(2030, 0, 1)
  })
  expect(segmentOf({ endDate: 'soon' })).toMatchObject({ feeEnabled: null, feeRateKnown: false, endMs: undefined })
})
