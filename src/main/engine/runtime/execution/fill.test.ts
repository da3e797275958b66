import { expect, test } from 'vitest'
import type { CheckedPlace } from '../host/checkedIntent.ts'
import { fillTerms } from './fill.ts'

const top = { bidPxE6: 480_000, bidSizeE6: 3_000_000, askPxE6: 500_000, askSizeE6: 2_000_000 }
const rules = { takerSlippageBps: 10, maxFillSizeE6: undefined }
const taker: CheckedPlace = {
  type: 'place',
  marketId: 'm',
  side: 'buy',
  priceE6: 600_000,
  sizeE6: 1_000_000,
  orderType: 'limit',
  tif: 'gtc',
  urgency: 'taker',
  maxSlippageBps: undefined,
  tag: '',
  expiresAtMs: undefined
}

test.each<[string, Partial<CheckedPlace>, object | undefined]>([
  ['a buyer pays the ask and the slippage, rounded up', {}, { pxE6: 500_500, sizeE6: 1_000_000 }],
  ['a seller gets the bid less the slippage, rounded down', { side: 'sell', priceE6: 1 }, { pxE6: 479_520, sizeE6: 1_000_000 }],
  ['a slipped price never passes the limit of a buyer', { priceE6: 500_100 }, { pxE6: 500_100, sizeE6: 1_000_000 }],
  ['nor that of a seller', { side: 'sell', priceE6: 479_900 }, { pxE6: 479_900, sizeE6: 1_000_000 }],
  ['a limit below the ask is not filled', { priceE6: 499_999 }, undefined],
  ['nor one above the bid', { side: 'sell', priceE6: 480_001 }, undefined],
  ['an intent may ask for less slippage', { maxSlippageBps: 1 }, { pxE6: 500_050, sizeE6: 1_000_000 }],
  ['but not for more', { maxSlippageBps: 500 }, { pxE6: 500_500, sizeE6: 1_000_000 }],
  ['a market order has no limit', { orderType: 'market', priceE6: 1 }, { pxE6: 500_500, sizeE6: 1_000_000 }],
  ['more than the book shows is not filled', { sizeE6: 9_000_000 }, { pxE6: 500_500, sizeE6: 2_000_000 }],
  ['a maker is not filled', { urgency: 'maker' }, undefined]
])('%s', (_name, change, expected) => {
  expect(fillTerms({ ...taker, ...change }, top, rules)).toEqual(expected)
})

test('an absent side fills nothing; a cap bounds the size; a price of a millionth may slip to nothing', () => {
  expect(fillTerms(taker, { ...top, askPxE6: NaN, askSizeE6: NaN }, rules)).toBeUndefined()
  expect(fillTerms({ ...taker, side: 'sell' }, { ...top, bidPxE6: NaN, bidSizeE6: NaN }, rules)).toBeUndefined()
  expect(fillTerms(taker, top, { ...rules, maxFillSizeE6: 5 })).toMatchObject({ sizeE6: 5 })
  expect(
    fillTerms({ ...taker, side: 'sell', orderType: 'market' }, { ...top, bidPxE6: 1 }, { ...rules, takerSlippageBps: 10_000 })
  ).toMatchObject({ pxE6: 0 })
})

test('slippage is exact where a product passes 2^53', () => {
  const askPxE6 = 8_999_999_999_999_983
  expect(fillTerms({ ...taker, orderType: 'market' }, { ...top, askPxE6 }, { ...rules, takerSlippageBps: 1 })?.pxE6).toBe(
    askPxE6 + Number((BigInt(askPxE6) + 9999n) / 10_000n)
  )
})
