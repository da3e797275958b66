/** What Gamma and CLOB say about one binary market of the practice venue. */
export interface PolymarketListing {
  readonly id: string
  readonly conditionId: string
  /** Token ids in the order of the outcomes. */
  readonly tokenIds: readonly [string, string]
  readonly outcomes: readonly [string, string]
  readonly question: string
  readonly slug: string
  readonly negRisk: boolean
  /** Decimal text, as the order book endpoint prints it. */
  readonly minOrderSize: string
  readonly tickSize: string
  /** Instants in ISO 8601. */
  readonly startDate: string
  readonly endDate: string
  /** Whole dollars; orders the universe. */
  readonly volume: number
  readonly liquidity: number
}

/** Current top of the first token, decimal texts, absent when a side is empty. */
export interface PolymarketTop {
  readonly bestBid: string | undefined
  readonly bestAsk: string | undefined
  readonly lastTradePrice: string
}

/** One object of a Gamma `/markets` answer: list fields are JSON inside strings, numbers are numbers, as the real service sends them. */
export function gammaMarket(listing: PolymarketListing, top: PolymarketTop): Record<string, unknown> {
  const bid = Number(top.bestBid ?? 0)
  const ask = Number(top.bestAsk ?? 1)
  const mid = Math.round(((bid + ask) / 2) * 1e6) / 1e6
  return {
    id: listing.id,
    question: listing.question,
    conditionId: listing.conditionId,
    slug: listing.slug,
    startDate: listing.startDate,
    endDate: listing.endDate,
    liquidity: String(listing.liquidity),
    outcomes: pairText(listing.outcomes),
    outcomePrices: pairText([String(mid), String(Math.round((1 - mid) * 1e6) / 1e6)]),
    volume: String(listing.volume),
    active: true,
    closed: false,
    archived: false,
    restricted: true,
    enableOrderBook: true,
    acceptingOrders: true,
    orderPriceMinTickSize: Number(listing.tickSize),
    orderMinSize: Number(listing.minOrderSize),
    negRisk: listing.negRisk,
    liquidityNum: listing.liquidity,
    volumeNum: listing.volume,
    volume24hr: Math.round(listing.volume / 7),
    clobTokenIds: pairText(listing.tokenIds),
    bestBid: bid,
    bestAsk: ask,
    spread: Math.round((ask - bid) * 1e6) / 1e6,
    lastTradePrice: Number(top.lastTradePrice === '' ? 0 : top.lastTradePrice),
    umaResolutionStatuses: '[]'
  }
}

function pairText(pair: readonly [string, string]): string {
  return `["${pair[0]}", "${pair[1]}"]`
}
