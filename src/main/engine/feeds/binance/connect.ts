import type { FeedTransport } from '../transport.ts'

export interface BinanceTransportOptions {
  readonly wsUrl: string
  readonly restUrl: string
  /** Streams of each symbol, such as `trade` and `depth@100ms`. */
  readonly streams: readonly string[]
  readonly renewAfterSeconds: number
}

const SNAPSHOT_LEVELS = 1000

/** Binance spot market data: streams are named in the address, the server pings by itself. */
export function binanceTransport(options: BinanceTransportOptions): FeedTransport {
  return {
    venue: 'binance',
    variants: ['streams'],
    keepAlive: undefined,
    maxConnectionSeconds: options.renewAfterSeconds,
    socketUrl: (keys) =>
      `${options.wsUrl.replace(/\/$/, '')}/stream?streams=${streamsOf(keys, options.streams).map(encodeStream).join('/')}`,
    subscribeMessages: () => [],
    openNote: (keys) => ({ streams: streamsOf(keys, options.streams) }),
    snapshot: (key) => ({
      kind: 'depth',
      url: `${options.restUrl.replace(/\/$/, '')}/api/v3/depth?symbol=${encodeURIComponent(key)}&limit=${SNAPSHOT_LEVELS}`
    })
  }
}

function streamsOf(symbols: readonly string[], streams: readonly string[]): string[] {
  return symbols.flatMap((symbol) => streams.map((stream) => `${symbol.toLowerCase()}@${stream}`))
}

/** Symbols may hold letters outside ASCII; `@` stays as it is. */
function encodeStream(stream: string): string {
  return encodeURIComponent(stream).replaceAll('%40', '@')
}
