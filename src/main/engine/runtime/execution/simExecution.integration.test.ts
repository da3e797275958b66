import { expect, test } from 'vitest'
import { MarketTable } from '../events/marketTable.ts'
import { ROW_LENGTH } from '../events/eventBatch.ts'
import type { CheckedIntent, CheckedPlace } from '../host/checkedIntent.ts'
import { TopStates } from '../state/topStates.ts'
import { flatFee } from './feeModel.ts'
import { Ledger } from './ledger.ts'
import { SimExecution, type Fill } from './simExecution.ts'
import { e6, Exact, Model, numbersFrom, ZERO } from './testExactModel.ts'

const below = numbersFrom(20_261_128)
const IDS = ['a', 'b', 'never']

interface Book {
  bid: { px: number; size: number } | undefined
  ask: { px: number; size: number } | undefined
}

interface Rules {
  readonly takerSlippageBps: number
  readonly maxFillSizeE6: number | undefined
  readonly feeBps: number
}

/** The rules of the simulated venue said once more, in fractions of whole units. @returns what is filled at which price */
function expectedFill(intent: CheckedIntent, book: Book | undefined, rules: Rules): { px: Exact; size: Exact } | undefined {
  if (intent.type !== 'place' || intent.urgency === 'maker') return undefined
  const level = intent.side === 'buy' ? book?.ask : book?.bid
  if (level === undefined) return undefined
  const best = e6(level.px)
  const share = new Exact(BigInt(Math.min(rules.takerSlippageBps, intent.maxSlippageBps ?? 10_000)), 10_000n)
  const worse = intent.side === 'buy' ? best.plus(best.times(share)).up() : best.minus(best.times(share).down())
  const limit = intent.orderType === 'market' ? undefined : e6(intent.priceE6!)
  const room = limit === undefined ? undefined : intent.side === 'buy' ? limit.minus(best) : best.minus(limit)
  if (room !== undefined && room.sign < 0) return undefined
  const beyond = limit === undefined ? ZERO : intent.side === 'buy' ? worse.minus(limit) : limit.minus(worse)
  const sizes = [intent.sizeE6, level.size, ...(rules.maxFillSizeE6 === undefined ? [] : [rules.maxFillSizeE6])]
  return { px: beyond.sign > 0 ? limit! : worse, size: e6(sizes.toSorted((x, y) => x - y)[0]!) }
}

function randomIntent(big: boolean): CheckedIntent {
  const marketId = IDS[below(20) === 0 ? 2 : below(2)]!
  if (below(15) === 0) return { type: 'cancel', orderId: `mine-${below(9)}`, marketId, tag: 't', reason: '' }
  const orderType = below(3) === 0 ? 'market' : 'limit'
  return {
    type: 'place',
    marketId,
    side: below(2) === 0 ? 'buy' : 'sell',
    priceE6: orderType === 'market' && below(2) === 0 ? undefined : randomPx(big),
    sizeE6: randomSize(big),
    orderType,
    tif: 'ioc',
    urgency: below(8) === 0 ? 'maker' : 'taker',
    maxSlippageBps: below(2) === 0 ? undefined : [0, 1, 9, 500, 10_000][below(5)]!,
    tag: 't',
    expiresAtMs: undefined
  } satisfies CheckedPlace
}

function randomPx(big: boolean): number {
  return big ? 1 + below(2 ** 31) * 2_000_000 : 400_000 + below(below(4) === 0 ? 200_000 : 1000) - (below(50) === 0 ? 399_999 : 0)
}

function randomSize(big: boolean): number {
  return big ? 1 + below(2 ** 31) * 1000 : 1 + below([3, 5_000_000][below(2)]!)
}

/** One venue with its ledger and, beside it, the model. */
class Pair {
  readonly states = new TopStates()
  readonly ledger = new Ledger()
  readonly model = new Model()
  readonly books = new Map<string, Book>()
  readonly marks = new Map<number, readonly [number | undefined, number | undefined]>()
  readonly #venue: SimExecution
  readonly #rules: Rules
  #seq = 0
  #submitted = 0

  constructor(rules: Rules) {
    this.#rules = rules
    const markets = new MarketTable()
    IDS.slice(0, 2).forEach((id) => markets.ofText(id))
    this.#venue = new SimExecution(this.states, markets, rules, flatFee(rules.feeBps), this.ledger)
  }

  event(market: number, { bid, ask }: Book): void {
    const row = [market, bid?.px ?? NaN, bid?.size ?? NaN, ask?.px ?? NaN, ask?.size ?? NaN, NaN, 0]
    expect(row.length).toBe(ROW_LENGTH)
    this.states.apply(Float64Array.from(row), 0, ++this.#seq)
    this.books.set(IDS[market]!, { bid, ask })
    const before = this.marks.get(market)
    this.marks.set(market, [bid?.px ?? before?.[0], ask?.px ?? before?.[1]])
  }

  /** @returns what the venue did and what it had to do, in the same form */
  submit(intent: CheckedIntent): readonly [unknown, unknown] {
    const fill = this.#venue.submit(intent, 7)
    const orderId = intent.type === 'cancel' ? intent.orderId : `sim-${String(++this.#submitted).padStart(8, '0')}`
    if (intent.type === 'cancel') this.#submitted++
    const expected = expectedFill(intent, this.books.get(intent.marketId), this.#rules)
    const paid = this.model.fees
    if (expected !== undefined && intent.type === 'place')
      this.model.fill(IDS.indexOf(intent.marketId), intent.side, expected.px, expected.size, BigInt(this.#rules.feeBps))
    const told = (one: Fill): unknown => [BigInt(one.pxE6), BigInt(one.sizeE6), one.feeE6, one.orderId, one.marketId, one.side]
    const due = expected && [
      expected.px.e6(),
      expected.size.e6(),
      this.model.fees.minus(paid).e6(),
      orderId,
      intent.marketId,
      (intent as CheckedPlace).side
    ]
    return [
      [this.#venue.orderIdOf(intent), fill === undefined ? undefined : told(fill)],
      [orderId, due]
    ]
  }

  compare(): readonly [unknown, unknown] {
    const { ledger, model } = this
    const unrealized = model.unrealized(this.marks)
    const { cashE6, realizedPnlE6, unrealizedPnlE6, feesPaidE6, totalPnlE6 } = ledger.summary(this.states.markOf)
    const total = model.realized.plus(unrealized).minus(model.fees)
    return [
      [cashE6, realizedPnlE6, unrealizedPnlE6, feesPaidE6, totalPnlE6, [0, 1].map((market) => ledger.positionE6(market))],
      [
        ...[model.cash, model.realized, unrealized, model.fees, total].map((value) => value.e6()),
        [0, 1].map((market) => (model.held.get(market)?.size ?? ZERO).e6())
      ]
    ]
  }
}

function same([got, due]: readonly [unknown, unknown]): boolean {
  const text = (value: unknown): string => JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item))
  return text(got) === text(due)
}

test('100,000 random sequences of events and intents give the fills, the cash and the profit of an independent model in exact fractions', () => {
  let fills = 0
  let atLimit = 0
  for (let run = 0; run < 100_000; run++) {
    const big = below(20) === 0
    const pair = new Pair({
      takerSlippageBps: [0, 10, 7, 10_000][below(4)]!,
      maxFillSizeE6: below(3) === 0 ? 1 + below(3_000_000) : undefined,
      feeBps: [0, 100, 7, 10_000][below(4)]!
    })
    const level = (): Book['bid'] => (below(6) === 0 ? undefined : { px: randomPx(big), size: randomSize(big) })
    for (let step = below(10); step >= 0; step--) {
      if (below(3) > 0) pair.event(below(2), { bid: level(), ask: level() })
      const intent = randomIntent(big)
      const [got, due] = pair.submit(intent)
      if (!same([got, due])) expect({ run, intent, got }).toEqual({ run, intent, got: due })
      const fill = (got as [string, readonly bigint[] | undefined])[1]
      if (fill !== undefined) fills++
      if (fill !== undefined && intent.type === 'place' && intent.orderType === 'limit' && fill[0] === BigInt(intent.priceE6!)) atLimit++
    }
    const [got, due] = pair.compare()
    if (!same([got, due])) expect({ run, got }).toEqual({ run, got: due })
  }
  // The sequences do meet what they are about.
  expect(fills).toBeGreaterThan(100_000)
  expect(atLimit).toBeGreaterThan(10_000)
}, 300_000)
