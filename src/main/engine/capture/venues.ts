import {
  binanceTransport,
  checkBinanceSymbols,
  discoverPolymarket,
  polymarketTransport,
  type FeedTransport,
  type PolymarketUniverse,
  type RecordedGet
} from '../feeds/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import type { CaptureConfig } from './config.ts'
import type { UniverseFacts } from './runFiles.ts'
import { assignShards, shardCount } from './tokenShard.ts'

/** How to reach the venue of a run. */
export function transportOf(config: CaptureConfig): FeedTransport {
  if (config.venue === 'binance') {
    const { binanceWsUrl: wsUrl, binanceRestUrl: restUrl, binanceStreams: streams, binanceRenewSeconds: renewAfterSeconds } = config
    return binanceTransport({ wsUrl, restUrl, streams, renewAfterSeconds })
  }
  const { clobWsUrl, clobBaseUrl, wsSubscribeMaxTokens, wsSubscribeMaxBytes } = config
  return polymarketTransport({ wsUrl: clobWsUrl, clobBaseUrl, maxTokens: wsSubscribeMaxTokens, maxBytes: wsSubscribeMaxBytes })
}

/**
 * Finds out what to listen to and spreads it over shards.
 * @throws StudioError VENUE_UNREACHABLE, VENUE_REFUSED, CONFIG_INVALID
 */
export async function discoverUniverse(config: CaptureConfig, get: RecordedGet): Promise<UniverseFacts> {
  const planned = (keys: readonly string[]): UniverseFacts['shards'] =>
    assignShards(keys, shardCount(config.wsShards, config.venue, keys.length))
  if (config.venue === 'binance') {
    if (config.symbols.length === 0) throw new StudioError('CONFIG_INVALID', 'No symbol was given. Name at least one, for example BTCUSDT.')
    await checkBinanceSymbols(get, config.binanceRestUrl, config.symbols)
    return { shards: planned(config.symbols), polymarket: undefined }
  }
  if (config.tokenIds.length > 0) return { shards: planned(config.tokenIds), polymarket: undefined }
  const polymarket = await discoverMarkets(config, get)
  if (polymarket.markets.length === 0)
    throw new StudioError(
      'VENUE_REFUSED',
      `The venue listed ${polymarket.marketsSeen} markets, but none that is open with an order book and two outcomes.`
    )
  return { shards: planned(polymarket.markets.flatMap((market) => market.tokenIds)), polymarket }
}

/** Walks Polymarket's list of markets. @throws StudioError VENUE_UNREACHABLE, VENUE_REFUSED */
export async function discoverMarkets(config: CaptureConfig, get: RecordedGet): Promise<PolymarketUniverse> {
  return await discoverPolymarket(get, {
    gammaBaseUrl: config.gammaBaseUrl,
    pageLimit: config.gammaLimit,
    maxMarkets: config.captureMaxMarkets ?? undefined
  })
}
