import { ceilDiv, floorDiv, ONE_E6 } from './fixedPoint.ts'

/** One market's holding: size × 1e6 (negative when short) and what it cost × 1e6, with the same sign. */
interface Holding {
  positionE6: bigint
  costE6: bigint
}

/** The state of a ledger; amounts of money and sizes × 1e6. */
export interface LedgerSummary {
  readonly cashE6: bigint
  readonly realizedPnlE6: bigint
  readonly unrealizedPnlE6: bigint
  readonly feesPaidE6: bigint
  /** Realised and unrealised, less fees. */
  readonly totalPnlE6: bigint
}

/** What a market is worth now: for longs the bid, for shorts the ask. @returns undefined when that side was never seen */
export type MarkOf = (market: number, side: 'bid' | 'ask') => number | undefined

/**
 * Cash, positions and profit in whole millionths: exact at any size, rounded against the holder at each division.
 * Average cost; fees are kept apart. What rounding leaves of the cost of a closed position stays with the market.
 */
export class Ledger {
  cashE6 = 0n
  realizedPnlE6 = 0n
  feesPaidE6 = 0n
  readonly #holdings = new Map<number, Holding>()

  /** @param notionalE6 of the whole fill: rounded up for a buyer, down for a seller */
  apply(market: number, side: 'buy' | 'sell', pxE6: number, sizeE6: number, notionalE6: bigint, feeE6: bigint): void {
    const holding = this.#holdingOf(market)
    const px = BigInt(pxE6)
    const size = BigInt(sizeE6)
    this.feesPaidE6 += feeE6
    if (side === 'buy') {
      this.cashE6 -= notionalE6 + feeE6
      this.#buy(holding, px, size)
    } else {
      this.cashE6 += notionalE6 - feeE6
      this.#sell(holding, px, size)
    }
  }

  positionE6(market: number): bigint {
    return this.#holdings.get(market)?.positionE6 ?? 0n
  }

  /** Markets with a position, in the order in which they were first traded. */
  positions(): { readonly market: number; readonly positionE6: bigint }[] {
    return [...this.#holdings].filter(([, { positionE6 }]) => positionE6 !== 0n).map(([market, { positionE6 }]) => ({ market, positionE6 }))
  }

  /** Markets that were traded, in the order in which they first were. */
  markets(): number[] {
    return [...this.#holdings.keys()]
  }

  summary(markOf: MarkOf): LedgerSummary {
    const { cashE6, realizedPnlE6, feesPaidE6 } = this
    const unrealizedPnlE6 = this.#unrealized(markOf)
    return { cashE6, realizedPnlE6, unrealizedPnlE6, feesPaidE6, totalPnlE6: realizedPnlE6 + unrealizedPnlE6 - feesPaidE6 }
  }

  #unrealized(markOf: MarkOf): bigint {
    let sum = 0n
    for (const [market, { positionE6, costE6 }] of this.#holdings) {
      if (positionE6 === 0n) continue
      const mark = markOf(market, positionE6 > 0n ? 'bid' : 'ask')
      if (mark !== undefined) sum += floorDiv(BigInt(mark) * positionE6, ONE_E6) - costE6
    }
    return sum
  }

  #holdingOf(market: number): Holding {
    let holding = this.#holdings.get(market)
    if (holding === undefined) this.#holdings.set(market, (holding = { positionE6: 0n, costE6: 0n }))
    return holding
  }

  #buy(holding: Holding, px: bigint, size: bigint): void {
    let rest = size
    if (holding.positionE6 < 0n) {
      const short = -holding.positionE6
      const covered = size < short ? size : short
      const average = floorDiv(magnitude(holding.costE6) * ONE_E6, short)
      this.realizedPnlE6 += floorDiv((average - px) * covered, ONE_E6)
      holding.costE6 += floorDiv(average * covered, ONE_E6)
      holding.positionE6 += covered
      rest -= covered
    }
    if (rest === 0n) return
    holding.positionE6 += rest
    holding.costE6 += ceilDiv(px * rest, ONE_E6)
  }

  #sell(holding: Holding, px: bigint, size: bigint): void {
    let rest = size
    if (holding.positionE6 > 0n) {
      const closed = size < holding.positionE6 ? size : holding.positionE6
      const average = ceilDiv(holding.costE6 * ONE_E6, holding.positionE6)
      this.realizedPnlE6 += floorDiv((px - average) * closed, ONE_E6)
      holding.costE6 -= ceilDiv(average * closed, ONE_E6)
      holding.positionE6 -= closed
      rest -= closed
    }
    if (rest === 0n) return
    holding.positionE6 -= rest
    holding.costE6 -= floorDiv(px * rest, ONE_E6)
  }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
