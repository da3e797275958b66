import type { FeedTransport } from '../transport.ts'

export interface BinanceTransportOptions {
  readonly wsUrl: string
  readonly restUrl: string
}

const STREAMS = ['trade', 'depth@100ms', 'bookTicker'] as const
const SNAPSHOT_LEVELS = 1000
/** The venue cuts a connection after 24 hours. */
const RENEW_AFTER_SECONDS = 23 * 3600 + 50 * 60

/** Binance spot market data: streams are named in the address, the server pings by itself. */
export function binanceTransport(options: BinanceTransportOptions): FeedTransport {
  return {
    venue: 'binance',
    variants: ['streams'],
    keepAlive: undefined,
    maxConnectionSeconds: RENEW_AFTER_SECONDS,
    socketUrl: (keys) => `${options.wsUrl.replace(/\/$/, '')}/stream?streams=${streamsOf(keys).map(encodeStream).join('/')}`,
    subscribeMessages: () => [],
    openNote: (keys) => ({ streams: streamsOf(keys) }),
    snapshot: (key) => ({
      kind: 'depth',
      url: `${options.restUrl.replace(/\/$/, '')}/api/v3/depth?symbol=${encodeURIComponent(key)}&limit=${SNAPSHOT_LEVELS}`
    })
  }
}

function streamsOf(symbols: readonly string[]): string[] {
  return symbols.flatMap((symbol) => STREAMS.map((stream) => `${symbol.toLowerCase()}@${stream}`))
}

/** Symbols may hold letters outside ASCII; `@` stays as it is. */
function encodeStream(stream: string): string {
  return encodeURIComponent(stream).replaceAll('%40', '@')
}
