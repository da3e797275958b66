// For tests: exact fractions, and a model of the ledger that is worked out in them.

/** An exact fraction. The model works in whole units of money and size; only where the rules round does it look at millionths. */
export class Exact {
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
export const ZERO = new Exact(0n)
export const e6 = (value: number | bigint): Exact => new Exact(BigInt(value), MILLION)

/** For tests: what a ledger must come to, in exact fractions and without any of its code. Average cost, rounded against the holder at each named place. */
export class Model {
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

/** For tests: whole numbers from 0 below n, the same each time. */
export function numbersFrom(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 4_294_967_296) * n)
  }
}
