import { expect, test } from 'vitest'
import { flatFee } from './feeModel.ts'
import { notionalE6 } from './fixedPoint.ts'
import { Ledger } from './ledger.ts'

/** An exact fraction. The model works in whole units of money and size; only where the rules round does it look at millionths. */
class Exact {
  readonly n: bigint
  readonly d: bigint
  constructor(n: bigint, d = 1n) {
    this.n = d < 0n ? -n : n
    this.d = d < 0n ? -d : d
  }
  plus(o: Exact): Exact {
    return new Exact(this.n * o.d + o.n * this.d, this.d * o.d).#short()
  }
  minus(o: Exact): Exact {
    return this.plus(new Exact(-o.n, o.d))
  }
  times(o: Exact): Exact {
    return new Exact(this.n * o.n, this.d * o.d).#short()
  }
  over(o: Exact): Exact {
    return new Exact(this.n * o.d, this.d * o.n).#short()
  }
  get sign(): number {
    return this.n === 0n ? 0 : this.n > 0n ? 1 : -1
  }
  abs(): Exact {
    return this.n < 0n ? new Exact(-this.n, this.d) : this
  }
  /** The largest multiple of a millionth that is not above. */
  down(): Exact {
    const scaled = this.n * MILLION
    const rest = ((scaled % this.d) + this.d) % this.d
    return new Exact((scaled - rest) / this.d, MILLION)
  }
  up(): Exact {
    const down = this.down()
    return down.minus(this).sign === 0 ? down : down.plus(new Exact(1n, MILLION))
  }
  /** As millionths; must be whole. */
  e6(): bigint {
    const scaled = this.n * MILLION
    if (scaled % this.d !== 0n) throw new Error('the model left the grid')
    return scaled / this.d
  }
  #short(): Exact {
    let [a, b] = [this.n < 0n ? -this.n : this.n, this.d]
    while (b !== 0n) [a, b] = [b, a % b]
    return a > 1n ? new Exact(this.n / a, this.d / a) : this
  }
}
const MILLION = 1_000_000n
const ZERO = new Exact(0n)
const e6 = (value: number | bigint): Exact => new Exact(BigInt(value), MILLION)

/** Average cost, rounded against the holder at each named place. */
class Model {
  cash = ZERO
  realized = ZERO
  fees = ZERO
  readonly held = new Map<number, { size: Exact; cost: Exact }>()

  fill(market: number, side: 'buy' | 'sell', px: Exact, size: Exact, feeBps: bigint): void {
    const paid = side === 'buy' ? px.times(size).up() : px.times(size).down()
    const fee = paid.times(new Exact(feeBps, 10_000n)).up()
    this.fees = this.fees.plus(fee)
    this.cash = side === 'buy' ? this.cash.minus(paid).minus(fee) : this.cash.plus(paid).minus(fee)
    const before = this.held.get(market) ?? { size: ZERO, cost: ZERO }
    this.held.set(market, this.#moved(before, side, px, size))
  }

  #moved(h: { size: Exact; cost: Exact }, side: 'buy' | 'sell', px: Exact, size: Exact): { size: Exact; cost: Exact } {
    const away = side === 'buy' ? h.size.sign < 0 : h.size.sign > 0
    const closing = !away ? ZERO : h.size.abs().minus(size).sign < 0 ? h.size.abs() : size
    let { size: held, cost } = h
    if (closing.sign > 0) {
      const average = side === 'sell' ? cost.over(held).up() : cost.abs().over(held.abs()).down()
      const gain = side === 'sell' ? px.minus(average) : average.minus(px)
      this.realized = this.realized.plus(gain.times(closing).down())
      cost = side === 'sell' ? cost.minus(average.times(closing).up()) : cost.plus(average.times(closing).down())
      held = side === 'sell' ? held.minus(closing) : held.plus(closing)
    }
    const rest = size.minus(closing)
    if (rest.sign === 0) return { size: held, cost }
    return side === 'buy'
      ? { size: held.plus(rest), cost: cost.plus(px.times(rest).up()) }
      : { size: held.minus(rest), cost: cost.minus(px.times(rest).down()) }
  }

  unrealized(marks: ReadonlyMap<number, readonly [number | undefined, number | undefined]>): Exact {
    let sum = ZERO
    for (const [market, { size, cost }] of this.held) {
      const mark = size.sign === 0 ? undefined : marks.get(market)?.[size.sign > 0 ? 0 : 1]
      if (mark !== undefined) sum = sum.plus(e6(mark).times(size).down()).minus(cost)
    }
    return sum
  }
}

let state = 987_654_321
function below(n: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return Math.floor((state / 4_294_967_296) * n)
}

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
