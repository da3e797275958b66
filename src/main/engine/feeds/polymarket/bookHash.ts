import { createHash } from 'node:crypto'
import { formatE6, type BookSide, type OrderBook } from '../../../../shared/market/index.ts'

/** What a book's hash covers besides its levels. Texts exactly as the venue writes them. */
export interface HashFacts {
  readonly market: string
  readonly assetId: string
  /** "5" */
  readonly minOrderSize: string
  readonly tickE6: number
  readonly negRisk: boolean
}

/**
 * SHA-1 of a Polymarket book: compact JSON with a fixed key order and an empty hash, bids ascending, asks descending (best last in both).
 * Levels are written without needless zeros, as the venue does. Source: the venue's own client; verified on real captures.
 * @param timestamp the frame's timestamp text, ms
 * @param lastTradePrice three decimals ("0.490"), or "" when the market never traded
 */
export function bookHash(book: OrderBook, facts: HashFacts, timestamp: string, lastTradePrice: string): string {
  return hashOfLevels(levelsJson(book), facts, timestamp, lastTradePrice)
}

/** The part of the text that is costly to build, to try several last trade prices on. */
export function levelsJson(book: OrderBook): string {
  return `"bids":[${sideJson(book.bids)}],"asks":[${sideJson(book.asks)}]`
}

export function hashOfLevels(levels: string, facts: HashFacts, timestamp: string, lastTradePrice: string): string {
  const head = `{"market":"${facts.market}","asset_id":"${facts.assetId}","timestamp":"${timestamp}","hash":"",`
  const tail = `,"min_order_size":"${facts.minOrderSize}","tick_size":"${formatE6(facts.tickE6)}","neg_risk":${facts.negRisk},"last_trade_price":"${lastTradePrice}"}`
  return createHash('sha1')
    .update(head + levels + tail)
    .digest('hex')
}

function sideJson(side: BookSide): string {
  const parts = new Array<string>(side.count)
  for (let i = 0; i < side.count; i++)
    parts[i] = `{"price":"${formatE6(side.levels[2 * i]! * side.sign)}","size":"${formatE6(side.levels[2 * i + 1]!)}"}`
  return parts.join(',')
}
