/**
 * What a strategy sees and what it may answer. This file imports nothing, so that a strategy of one's own can be typed by it alone:
 * `import type { StrategyApi } from '<tapedeck>/src/main/engine/runtime/strategyApi.ts'`. Prices and sizes are integers × 1e6.
 */

/** The best bid and ask of one market at one instant. An absent side is undefined. */
export interface TopOfBookEvent {
  /** 1, 2, 3 ... over all markets of the run. */
  readonly seq: number
  /** Polymarket: the token id. Binance: the symbol. */
  readonly marketId: string
  readonly bidPxE6: number | undefined
  readonly bidSizeE6: number | undefined
  readonly askPxE6: number | undefined
  readonly askSizeE6: number | undefined
  /** The venue's own time of the message, as it states it (milliseconds on Polymarket and Binance). */
  readonly exchTsMs: number | undefined
  /** When we received it, nanoseconds since the start of the run. The only clock that a strategy needs. */
  readonly recvRelNs: number
}

/** What is known of the market of the event, that event included. A view: it changes with the next event of the market. */
export interface MarketState {
  readonly marketId: string
  /** Always undefined: no feed states it. */
  readonly status: string | undefined
  readonly bestBidPxE6: number | undefined
  readonly bestBidSizeE6: number | undefined
  readonly bestAskPxE6: number | undefined
  readonly bestAskSizeE6: number | undefined
  readonly lastUpdateSeq: number
}

/** What this strategy's own fills have led to, up to the event before this one. A view: it changes with each fill. */
export interface Portfolio {
  /** Position by market, size × 1e6, negative when short; markets without a position may be missing. */
  readonly positions: ReadonlyMap<string, number>
  readonly balances: { readonly cashE6: number }
}

export type ParameterValue = number | string | boolean

export interface StrategyContext {
  readonly strategyId: string
  /** Parameters of the run for this strategy, over its own defaults. */
  readonly params: Readonly<Record<string, ParameterValue>>
}

export interface PlaceOrderIntent {
  readonly type: 'place'
  readonly marketId: string
  readonly side: 'buy' | 'sell'
  /** Above 0. With `orderType` market it bounds nothing and may be left out. */
  readonly priceE6?: number
  /** Above 0. */
  readonly sizeE6: number
  /** Default limit. */
  readonly orderType?: 'limit' | 'market'
  /** Default gtc. */
  readonly tif?: 'gtc' | 'ioc' | 'gtd'
  /** Default maker. Only takers are filled in simulation. */
  readonly urgency?: 'maker' | 'taker'
  /** 0 to 10,000; the run's own bound holds where it is lower. */
  readonly maxSlippageBps?: number
  /** For your own use; up to 200 characters without line breaks or `|`. Default: the strategy id. */
  readonly tag?: string
  /** For your own use. */
  readonly expiresAtMs?: number
}

export interface CancelIntent {
  readonly type: 'cancel'
  readonly orderId: string
  readonly marketId: string
  readonly tag?: string
  readonly reason?: string
}

export type Intent = PlaceOrderIntent | CancelIntent

/** A strategy: an object of this form, or a function that makes one from the parameters, as the default export of its file. */
export interface StrategyApi {
  /** Letters, digits, `_`, `-`, `.`; up to 64. Default: the name of the file. */
  readonly id?: string
  /** Parameters with their defaults; their types hold for what the run sets. */
  readonly params?: Readonly<Record<string, ParameterValue>>
  /** Called for each event, in order. Answers at once with what it wants done; nothing means nothing. */
  onTopOfBook(
    context: StrategyContext,
    event: TopOfBookEvent,
    market: MarketState,
    portfolio: Portfolio
  ): readonly Intent[] | undefined | void
  /** Reserved; no source calls it yet. */
  onTimer?(context: StrategyContext, tsNs: number): readonly Intent[] | undefined | void
}

export type StrategyFactory = (params: Readonly<Record<string, ParameterValue>>) => StrategyApi
