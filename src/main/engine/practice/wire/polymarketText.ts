/**
 * Texts of the market channel after the initial array: a space after every comma and none after a colon, fields in the order in which
 * the real venue sends them. Values are decimal texts; none of them needs escaping.
 */

export interface PriceChangeEntry {
  readonly assetId: string
  readonly price: string
  readonly size: string
  readonly side: 'BUY' | 'SELL'
  readonly hash: string
  readonly bestBid: string
  readonly bestAsk: string
}

export function priceChangeText(market: string, entries: readonly PriceChangeEntry[], timestamp: string): string {
  const parts = entries.map(
    (e) =>
      `{"asset_id":"${e.assetId}", "price":"${e.price}", "size":"${e.size}", "side":"${e.side}", "hash":"${e.hash}", "best_bid":"${e.bestBid}", "best_ask":"${e.bestAsk}"}`
  )
  return `{"market":"${market}", "price_changes":[${parts.join(', ')}], "timestamp":"${timestamp}", "event_type":"price_change"}`
}

export interface BookRefresh {
  readonly market: string
  readonly assetId: string
  /** Compact JSON level lists without brackets. */
  readonly bids: string
  readonly asks: string
  readonly hash: string
  readonly timestamp: string
}

/** A whole book as sent after a trade: without tick size and last trade price. */
export function bookRefreshText(book: BookRefresh): string {
  return (
    `{"market":"${book.market}", "asset_id":"${book.assetId}", "bids":[${spaced(book.bids)}], "asks":[${spaced(book.asks)}], ` +
    `"hash":"${book.hash}", "timestamp":"${book.timestamp}", "event_type":"book"}`
  )
}

export interface LastTrade {
  readonly market: string
  readonly assetId: string
  readonly price: string
  readonly size: string
  /** Side of the taker. */
  readonly side: 'BUY' | 'SELL'
  readonly timestamp: string
  readonly transactionHash: string
}

export function lastTradeText(trade: LastTrade): string {
  return (
    `{"market":"${trade.market}", "asset_id":"${trade.assetId}", "price":"${trade.price}", "size":"${trade.size}", "fee_rate_bps":"0", ` +
    `"side":"${trade.side}", "timestamp":"${trade.timestamp}", "event_type":"last_trade_price", "transaction_hash":"${trade.transactionHash}"}`
  )
}

export function tickSizeChangeText(market: string, assetId: string, oldTick: string, newTick: string, timestamp: string): string {
  return (
    `{"market":"${market}", "asset_id":"${assetId}", "old_tick_size":"${oldTick}", "new_tick_size":"${newTick}", ` +
    `"timestamp":"${timestamp}", "event_type":"tick_size_change"}`
  )
}

/** Every comma of a level list stands between fields or levels, never inside a text. */
function spaced(compact: string): string {
  return compact.replaceAll(',', ', ')
}
