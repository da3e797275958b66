/** What scanning needs of the feeds and nothing else, so that a thread that only scans starts at once. */
export * from '../marketSink.ts'
export { KeyTable } from '../json/keyTable.ts'
export { BinanceMapper } from '../binance/map.ts'
export { PolymarketMapper } from '../polymarket/map.ts'
export { CHANGE_ROWS, usualChanges } from '../polymarket/usualChanges.ts'
