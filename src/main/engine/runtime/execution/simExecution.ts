import type { MarketTable } from '../events/marketTable.ts'
import type { CheckedIntent } from '../host/checkedIntent.ts'
import type { TopStates } from '../state/topStates.ts'
import type { FeeModel } from './feeModel.ts'
import { fillTerms, type FillRules } from './fill.ts'
import { notionalE6 } from './fixedPoint.ts'
import type { Ledger } from './ledger.ts'

export interface Fill {
  readonly orderId: string
  readonly market: number
  readonly marketId: string
  readonly side: 'buy' | 'sell'
  readonly pxE6: number
  readonly sizeE6: number
  readonly feeE6: bigint
  /** Receive time of the event that the intent answered. */
  readonly recvRelNs: number
  readonly tag: string
}

/** The simulated venue: acknowledges every intent, fills takers at once and carefully, and books the fills. */
export class SimExecution {
  submitted = 0
  readonly #states: TopStates
  readonly #markets: MarketTable
  readonly #rules: FillRules
  readonly #fees: FeeModel
  readonly #ledger: Ledger

  constructor(states: TopStates, markets: MarketTable, rules: FillRules, fees: FeeModel, ledger: Ledger) {
    this.#states = states
    this.#markets = markets
    this.#rules = rules
    this.#fees = fees
    this.#ledger = ledger
  }

  /** Acknowledges an intent under `orderIdOf`. @returns the fill, if it comes to one */
  submit(intent: CheckedIntent, recvRelNs: number): Fill | undefined {
    this.submitted++
    if (intent.type !== 'place' || intent.urgency !== 'taker') return undefined
    const market = this.#markets.find(intent.marketId)
    const terms = market === undefined ? undefined : fillTerms(intent, this.#states.of(market), this.#rules)
    if (market === undefined || terms === undefined) return undefined
    const { side, marketId, tag } = intent
    const notional = notionalE6(side, terms.pxE6, terms.sizeE6)
    const feeE6 = this.#fees.feeE6(marketId, side, notional)
    this.#ledger.apply(market, side, terms.pxE6, terms.sizeE6, notional, feeE6)
    const orderId = this.orderIdOf(intent)
    return { orderId, market, marketId, side, pxE6: terms.pxE6, sizeE6: terms.sizeE6, feeE6, recvRelNs, tag }
  }

  /** Number of the order of the intent that was submitted last. */
  orderIdOf(intent: CheckedIntent): string {
    return intent.type === 'cancel' ? intent.orderId : `sim-${String(this.submitted).padStart(8, '0')}`
  }
}
