import { expect, test } from 'vitest'
import { flatFee } from './feeModel.ts'
import { notionalE6 } from './fixedPoint.ts'
import { Ledger } from './ledger.ts'
import { e6, Model, numbersFrom } from './testExactModel.ts'

const below = numbersFrom(987_654_321)

test('100,000 random sequences of fills give what an independent model in exact fractions gives', () => {
  for (let run = 0; run < 100_000; run++) {
    const ledger = new Ledger()
    const model = new Model()
    const feeBps = [0, 100, 7, 10_000][below(4)]!
    const fees = flatFee(feeBps)
    const big = below(20) === 0
    const marks = new Map<number, readonly [number | undefined, number | undefined]>()
    for (let i = below(8); i >= 0; i--) {
      const market = below(2)
      const side = below(2) === 0 ? 'buy' : 'sell'
      const px = big ? 1 + below(2 ** 31) * 4_000_000 : 1 + below(1_000_000)
      const size = big ? 1 + below(2 ** 31) * 1000 : 1 + below([3, 5_000_000][below(2)]!)
      const notional = notionalE6(side, px, size)
      ledger.apply(market, side, px, size, notional, fees.feeE6('', side, notional))
      model.fill(market, side, e6(px), e6(size), BigInt(feeBps))
      marks.set(market, [below(5) === 0 ? undefined : px - 1, below(5) === 0 ? undefined : px + 1])
    }
    const got = ledger.summary((market, which) => marks.get(market)?.[which === 'bid' ? 0 : 1])
    const unrealized = model.unrealized(marks)
    const total = model.realized.plus(unrealized).minus(model.fees)
    const expected = {
      cashE6: model.cash.e6(),
      realizedPnlE6: model.realized.e6(),
      unrealizedPnlE6: unrealized.e6(),
      feesPaidE6: model.fees.e6(),
      totalPnlE6: total.e6()
    }
    const same = Object.entries(expected).every(([key, value]) => got[key as keyof typeof got] === value)
    if (!same) expect({ run, ...got }).toEqual({ run, ...expected })
    for (const [market, { size }] of model.held)
      if (ledger.positionE6(market) !== size.e6()) expect(ledger.positionE6(market)).toBe(size.e6())
  }
}, 120_000)

test('money is never made by rounding: a round trip at one price earns nothing and costs at most a millionth a division', () => {
  const ledger = new Ledger()
  ledger.apply(0, 'buy', 333_333, 1, notionalE6('buy', 333_333, 1), 0n)
  ledger.apply(0, 'sell', 333_333, 1, notionalE6('sell', 333_333, 1), 0n)
  expect([ledger.cashE6, ledger.realizedPnlE6, ledger.positionE6(0)]).toEqual([-1n, -1n, 0n])
})

test('negative operands are divided towards minus infinity: a loss of half a millionth is a whole one', () => {
  const ledger = new Ledger()
  ledger.apply(0, 'buy', 500_000, 1_000_000, 500_000n, 0n)
  ledger.apply(0, 'sell', 499_999, 500_000, 249_999n, 0n)
  expect(ledger.realizedPnlE6).toBe(-1n)
})
