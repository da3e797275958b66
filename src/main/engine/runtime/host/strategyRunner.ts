import { notionalE6 } from '../execution/fixedPoint.ts'
import { fillTerms } from '../execution/fill.ts'
import type { FeeModel } from '../execution/feeModel.ts'
import { ROW, ROW_LENGTH } from '../events/eventBatch.ts'
import { TopStates, type TopState } from '../state/topStates.ts'
import type { MarketState, ParameterValue, StrategyApi, StrategyContext, TopOfBookEvent } from '../strategyApi.ts'
import { CallbackStats } from './callbackStats.ts'
import { BadIntent, checkIntents, type CheckedIntent } from './checkedIntent.ts'
import { faultText } from './faultText.ts'
import type { HostAnswer, StrategyFault } from './strategyHost.ts'
import { feeModelOf, type StrategyRules } from './strategyRules.ts'

export interface StrategyRunnerOptions {
  readonly id: string
  readonly strategy: StrategyApi
  readonly params: Readonly<Record<string, ParameterValue>>
  readonly rules: StrategyRules
  /** Ids by market number; grows while the run goes on. */
  readonly marketIds: readonly string[]
  /** Nanoseconds of a monotonic clock, for the statistics. */
  readonly nowNs: () => number
  /** File of the strategy, to find the line of an error. */
  readonly file?: string
  /** Told before each callback: who watches can see that it does not end. */
  readonly onCallback?: (seq: number) => void
  /** Called after each callback. @throws StrategyLimit when the strategy has more than it may have */
  readonly checkLimits?: () => void
}

/** A strategy that has more than it may have. The message goes on after "Strategy x". */
export class StrategyLimit extends Error {}

/**
 * Runs one strategy over batches of events, in order. What it sees of itself (its positions, its cash) is worked out here, by the same rules
 * as in the run's own books, so that no answer has to be waited for between two events.
 */
export class StrategyRunner {
  readonly stats = new CallbackStats()
  readonly #options: StrategyRunnerOptions
  readonly #context: StrategyContext
  readonly #states = new TopStates()
  readonly #views: MarketView[] = []
  readonly #marketOf = new Map<string, number>()
  readonly #fees: FeeModel
  readonly #positions = new Map<string, number>()
  readonly #balances = { cashE6: 0 }
  #cashE6 = 0n

  constructor(options: StrategyRunnerOptions) {
    this.#options = options
    this.#fees = feeModelOf(options.rules)
    this.#context = Object.freeze({ strategyId: options.id, params: Object.freeze({ ...options.params }) })
  }

  run(rows: Float64Array, count: number, firstSeq: number, room: Int32Array | undefined): HostAnswer {
    const at: number[] = []
    const intents: CheckedIntent[] = []
    let fault: StrategyFault | undefined
    for (let i = 0; i < count; i++) {
      try {
        const asked = this.#ask(rows, i, firstSeq + i)
        this.#options.checkLimits?.()
        const most = Math.min(this.#options.rules.maxIntentsPerStrategy ?? Infinity, room?.[i] ?? Infinity)
        for (let k = 0; k < asked.length && k < most; k++) {
          at.push(i)
          intents.push(asked[k]!)
          this.#fill(asked[k]!)
        }
      } catch (error) {
        fault = { at: i, message: this.#faultText(error, firstSeq + i) }
        break
      }
    }
    return { at, intents, fault }
  }

  #ask(rows: Float64Array, index: number, seq: number): readonly CheckedIntent[] {
    const { strategy, rules, id, onCallback, nowNs } = this.#options
    const row = index * ROW_LENGTH
    const market = rows[row + ROW.market]!
    const state = this.#states.apply(rows, index, seq)
    const view = (this.#views[market] ??= this.#newView(market, state))
    const event: TopOfBookEvent = {
      seq,
      marketId: view.marketId,
      bidPxE6: view.bestBidPxE6,
      bidSizeE6: view.bestBidSizeE6,
      askPxE6: view.bestAskPxE6,
      askSizeE6: view.bestAskSizeE6,
      exchTsMs: orUndefined(rows[row + ROW.exchTsMs]!),
      recvRelNs: rows[row + ROW.recvRelNs]!
    }
    onCallback?.(seq)
    this.stats.count++
    if (!rules.timed) return checkIntents(strategy.onTopOfBook(this.#context, event, view, this.#portfolio), id)
    const begun = nowNs()
    const answer = strategy.onTopOfBook(this.#context, event, view, this.#portfolio)
    this.stats.add(nowNs() - begun, (rules.maxCallbackUs ?? Infinity) * 1000)
    return checkIntents(answer, id)
  }

  get #portfolio(): { positions: ReadonlyMap<string, number>; balances: { cashE6: number } } {
    return this.#portfolioView
  }

  readonly #portfolioView = { positions: this.#positions, balances: this.#balances }

  #newView(market: number, state: TopState): MarketView {
    const marketId = this.#options.marketIds[market] ?? ''
    this.#marketOf.set(marketId, market)
    return new MarketView(marketId, state)
  }

  #fill(intent: CheckedIntent): void {
    if (intent.type !== 'place' || intent.urgency !== 'taker') return
    const market = this.#marketOf.get(intent.marketId)
    const terms = market === undefined ? undefined : fillTerms(intent, this.#states.of(market), this.#options.rules)
    if (terms === undefined) return
    const notional = notionalE6(intent.side, terms.pxE6, terms.sizeE6)
    const fee = this.#fees.feeE6(intent.marketId, intent.side, notional)
    this.#cashE6 += intent.side === 'buy' ? -(notional + fee) : notional - fee
    this.#balances.cashE6 = Number(this.#cashE6)
    const position = this.#positions.get(intent.marketId) ?? 0
    this.#positions.set(intent.marketId, position + (intent.side === 'buy' ? terms.sizeE6 : -terms.sizeE6))
  }

  #faultText(error: unknown, seq: number): string {
    const { id, file } = this.#options
    if (error instanceof StrategyLimit)
      return `Strategy ${id} ${error.message} after event ${seq} and was stopped. Does it keep every event?`
    if (error instanceof BadIntent) return `Strategy ${id} gave an answer that is refused, to event ${seq}: ${error.message}.`
    return `Strategy ${id} failed on event ${seq}: ${faultText(error, file)}.`
  }
}

/** What a strategy sees of a market's state: absent sides as undefined. */
class MarketView implements MarketState {
  readonly marketId: string
  readonly status = undefined
  readonly #state: TopState

  constructor(marketId: string, state: TopState) {
    this.marketId = marketId
    this.#state = state
  }

  get bestBidPxE6(): number | undefined {
    return orUndefined(this.#state.bidPxE6)
  }
  get bestBidSizeE6(): number | undefined {
    return orUndefined(this.#state.bidSizeE6)
  }
  get bestAskPxE6(): number | undefined {
    return orUndefined(this.#state.askPxE6)
  }
  get bestAskSizeE6(): number | undefined {
    return orUndefined(this.#state.askSizeE6)
  }
  get lastUpdateSeq(): number {
    return this.#state.lastUpdateSeq
  }
}

function orUndefined(value: number): number | undefined {
  return value === value ? value : undefined
}
