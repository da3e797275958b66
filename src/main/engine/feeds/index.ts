/** Venues: transport (connect, discovery) and meaning (mappers). */
export * from './marketSink.ts'
export { BinanceMapper } from './binance/map.ts'
export { PolymarketMapper } from './polymarket/map.ts'
export { bookHash, hashOfLevels, levelsJson, type HashFacts } from './polymarket/bookHash.ts'
