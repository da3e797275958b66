import { expect, test } from 'vitest'
import { rangeText } from '../timeline/rangeText.ts'
import { fillPlaces, intentPlaces, rangeOf, yOf } from '../timeline/strategyDraw.ts'
import { baseName, heldAt, marketText, moneyText, offsetText, untrustedText } from './resultText.ts'

test('money has a sign, and none at zero', () => {
  expect([moneyText(12_340_000), moneyText(-500_000), moneyText(0), moneyText(-10)]).toEqual(['+12.3400', '−0.5000', '0.0000', '0.0000'])
})

test('large amounts have two decimals', () => {
  expect(moneyText(-467_874_131_200)).toBe('−467874.13')
})

test('what is held is long or short, of all markets together or of one', () => {
  const result = {
    series: { relNs: [0, 1], totalPnlE6: [0, 0], longPositionE6: [5, 7], shortPositionE6: [-2, -3] },
    marketSeries: [
      { market: 'a', positionE6: [5, 7] },
      { market: 'b', positionE6: [-2, -3] }
    ]
  }
  expect(heldAt(result, '', 1)).toEqual({ longE6: 7, shortE6: -3 })
  expect(heldAt(result, 'a', 0)).toEqual({ longE6: 5, shortE6: 0 })
  expect(heldAt(result, 'b', 1)).toEqual({ longE6: 0, shortE6: -3 })
})

test('the untrusted share is told in a sentence, the tiny one not as zero', () => {
  expect(untrustedText(0)).toMatch(/^✓ 0 %/)
  expect(untrustedText(0.0000001)).toMatch(/^⚠ less than 0.01 %/)
  expect(untrustedText(0.034)).toMatch(/^⚠ 3.40 % untrusted/)
  expect(untrustedText(undefined)).toMatch(/unknown/)
})

test('times into the run have milliseconds', () => {
  expect([offsetText(303_250e6), offsetText(3_723_004e6), offsetText(-5)]).toEqual(['05:03.250', '1:02:03.004', '00:00.000'])
})

test('long names are cut where they say least', () => {
  expect(baseName('/home/me/my.ts')).toBe('my.ts')
  expect(baseName('toy_taker')).toBe('toy_taker')
  expect(marketText('713210456792501234')).toBe('713210…01234')
  expect(marketText('BTCUSDT')).toBe('BTCUSDT')
})

test('a marked range tells its ends and its length', () => {
  const playhead = { secOf: (relNs: number) => 1_700_000_000 + relNs / 1e9 }
  expect(rangeText({ fromRelNs: 0, toRelNs: 65e9 }, playhead)).toBe('22:13:20 – 22:14:25 UTC · 01:05')
  expect(rangeText({ fromRelNs: 0, toRelNs: 2.5e9 }, playhead)).toContain('2.5 s')
})

test('a series is drawn with zero in view, a flat one in the middle', () => {
  expect(rangeOf([3, 5])).toEqual({ low: 0, high: 5 })
  expect(rangeOf([-2, -1])).toEqual({ low: -2, high: 0 })
  expect(yOf(0, rangeOf([0, 0]), { top: 0, bottom: 100 })).toBe(50)
})

test('fills of one side that would lie on each other share a triangle, those of the other side do not', () => {
  const fill = (relNs: number, side: 'buy' | 'sell') => ({ relNs, side, market: 'm', pxE6: 1, sizeE6: 1, feeE6: 0 })
  const scale = { startRelNs: 0, endRelNs: 100, width: 100 }
  expect(fillPlaces([fill(0, 'buy'), fill(1, 'buy'), fill(1, 'sell'), fill(5, 'buy')], scale)).toEqual([
    { x: 0, buy: true },
    { x: 1, buy: false },
    { x: 5, buy: true }
  ])
})

test('intents of one kind that would lie on each other share a tick; a cancel has a kind of its own', () => {
  const intent = (relNs: number, side?: 'buy' | 'sell') => ({
    relNs,
    strategy: 's',
    kind: side === undefined ? ('cancel' as const) : ('place' as const),
    market: 'm',
    ...(side !== undefined && { side }),
    tag: ''
  })
  const scale = { startRelNs: 0, endRelNs: 100, width: 100 }
  expect(intentPlaces([intent(0, 'buy'), intent(1, 'buy'), intent(1, 'sell'), intent(1), intent(2, 'buy')], scale)).toEqual([
    { x: 0, side: 'buy' },
    { x: 1, side: 'sell' },
    { x: 1, side: 'cancel' },
    { x: 2, side: 'buy' }
  ])
})
