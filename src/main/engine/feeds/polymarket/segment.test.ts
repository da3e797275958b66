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
  [{ cadenceMinutes: 7, slug: 'btc-updown-15m' }, 'unknown', true],
  [{ frequency: '5m', slug: 'avax-up-or-down' }, '5m', true],
  [{ question: 'Will Sol Campbell manage Arsenal?', category: 'Sports' }, 'unknown', false],
  [{ question: 'Up or down?', tags: ['finance', 'crypto prices'] }, 'unknown', true],
  [{ slug: 7, question: null, endDate: {} }, 'unknown', false]
] as const)('%o is a market of cadence %s, crypto: %s', (row, cadence, crypto) => {
  expect(segmentOf(row)).toMatchObject({ cadenceBucket: cadence, isCrypto: crypto })
})

test('fees and instants are taken where they are stated, and null or absent where not', () => {
  const endMs = Date.UTC(2030, 0, 1)
  expect(
    segmentOf({
      feesEnabled: true,
      takerBaseFee: 100,
      startDate: endMs / 1000 - 60,
      endDate: '2030-01-01T00:00:00Z',
      resolutionTime: endMs + 5
    })
  ).toMatchObject({ feeEnabled: true, feeRateBps: 100, feeRateKnown: true, startMs: endMs - 60_000, endMs, resolveMs: endMs + 5 })
  // Without a zone it is UTC, wherever this machine stands.
  expect(segmentOf({ endDate: '2030-01-01T00:00:00' }).endMs).toBe(endMs)
  expect(segmentOf({ endDate: 'soon', takerBaseFee: '2.5' })).toMatchObject({
    feeEnabled: null,
    feeRateBps: undefined,
    feeRateKnown: false,
    endMs: undefined,
    resolveMs: undefined
  })
})

test.each([
  [{ slug: 'btc-updown-15m-1757', question: 'Bitcoin up or down?' }, '15m', 'BTC', '15m:BTC:15m'],
  [{ title: 'Ethereum hourly' }, '1h', 'ETH', '60m:ETH:1h'],
  [{ slug: 'x-5m', symbol: ' hype ' }, '5m', 'HYPE', '5m:HYPE:5m'],
  [{ slug: 'btc-or-eth-5m' }, '5m', undefined, '5m:unknown:5m'],
  [{ question: 'Bitcoin above 100k?' }, undefined, 'BTC', undefined]
] as const)('%o rolls over with its like: %s %s %s', (row, boundaryKey, instrument, groupKey) => {
  expect(segmentOf(row).rollover).toEqual({ boundaryKey, instrument, groupKey })
})
