/** Texts of Binance spot in the combined form: compact, numbers for ids and times, eight decimals for prices and quantities. */

export function combined(stream: string, data: string): string {
  return `{"stream":"${stream}","data":${data}}`
}

export interface BinanceTrade {
  readonly symbol: string
  readonly eventMs: number
  readonly price: string
  readonly quantity: string
  readonly buyerIsMaker: boolean
}

export function tradeData(trade: BinanceTrade, tradeId: number): string {
  return `{"e":"trade",${tradeHead(trade)},"t":${tradeId},"p":"${trade.price}","q":"${trade.quantity}",${tradeTail(trade)}}`
}

export function aggTradeData(trade: BinanceTrade, aggId: number, firstId: number, lastId: number): string {
  return `{"e":"aggTrade",${tradeHead(trade)},"a":${aggId},"p":"${trade.price}","q":"${trade.quantity}","f":${firstId},"l":${lastId},${tradeTail(trade)}}`
}

export function bookTickerData(symbol: string, updateId: number, bid: readonly [string, string], ask: readonly [string, string]): string {
  return `{"u":${updateId},"s":"${symbol}","b":"${bid[0]}","B":"${bid[1]}","a":"${ask[0]}","A":"${ask[1]}"}`
}

/** @param bids and asks: JSON pairs `["price","quantity"]`, already made into text */
export function depthData(
  symbol: string,
  eventMs: number,
  firstId: number,
  lastId: number,
  bids: readonly string[],
  asks: readonly string[]
): string {
  return `{"e":"depthUpdate","E":${eventMs},"s":"${symbol}","U":${firstId},"u":${lastId},"b":[${bids.join(',')}],"a":[${asks.join(',')}]}`
}

/** Body of `GET /api/v3/depth`; both sides best first. */
export function depthSnapshotJson(lastUpdateId: number, bids: readonly string[], asks: readonly string[]): string {
  return `{"lastUpdateId":${lastUpdateId},"bids":[${bids.join(',')}],"asks":[${asks.join(',')}]}`
}

export interface BinanceSymbolFacts {
  readonly symbol: string
  readonly base: string
  readonly quote: string
  /** Eight-decimal texts. */
  readonly tickSize: string
  readonly stepSize: string
}

/** Body of `GET /api/v3/exchangeInfo` with the fields that discovery and precision need. */
export function exchangeInfoJson(symbols: readonly BinanceSymbolFacts[], serverMs: number): string {
  return JSON.stringify({
    timezone: 'UTC',
    serverTime: serverMs,
    rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 }],
    exchangeFilters: [],
    symbols: symbols.map((facts) => ({
      symbol: facts.symbol,
      status: 'TRADING',
      baseAsset: facts.base,
      baseAssetPrecision: 8,
      quoteAsset: facts.quote,
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: false,
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: facts.tickSize, maxPrice: '1000000.00000000', tickSize: facts.tickSize },
        { filterType: 'LOT_SIZE', minQty: facts.stepSize, maxQty: '9000.00000000', stepSize: facts.stepSize }
      ],
      permissions: [],
      permissionSets: [['SPOT']]
    }))
  })
}

function tradeHead(trade: BinanceTrade): string {
  return `"E":${trade.eventMs},"s":"${trade.symbol}"`
}

function tradeTail(trade: BinanceTrade): string {
  return `"T":${trade.eventMs},"m":${trade.buyerIsMaker},"M":true`
}
