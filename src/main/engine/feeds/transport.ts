/** The instruments that one connection listens to: token ids or symbols, sorted. */
export interface ShardKeys {
  readonly shard: number
  readonly keys: readonly string[]
}

/** A message to send right after opening, and the instruments that it names. */
export interface SubscribeMessage {
  readonly text: string
  readonly keys: readonly string[]
}

/** How to reach a venue: where to connect and what to say. It knows nothing of what the messages mean. */
export interface FeedTransport {
  readonly venue: 'polymarket' | 'binance'
  /** Names of the subscribe forms that are tried in turn when a subscription is not confirmed. */
  readonly variants: readonly string[]
  /** Text sent at intervals to stay connected, and the answer that is awaited; undefined where the venue pings by itself. */
  readonly keepAlive: { readonly ping: string; readonly pong: string } | undefined
  /** Age at which a connection is replaced by a new one, before the venue cuts it. */
  readonly maxConnectionSeconds: number | undefined
  socketUrl(keys: readonly string[]): string
  subscribeMessages(keys: readonly string[], variant: number): readonly SubscribeMessage[]
  /** Messages that ask again for instruments on an open connection; undefined where the venue knows none. */
  readonly resubscribeMessages?: (keys: readonly string[]) => readonly SubscribeMessage[]
  /** What a `conn_open` note says of the subscription. */
  openNote(keys: readonly string[]): { readonly tokens: readonly string[] } | { readonly streams: readonly string[] }
  /** Where the full book of an instrument is. */
  snapshot(key: string): { readonly kind: 'book' | 'depth'; readonly url: string }
}

/** An answer of a venue's HTTP service. */
export interface RestAnswer {
  readonly status: number
  readonly body: Buffer
}

/**
 * Gets and records one page of discovery. A refusal that may pass (429, 5xx, no connection) is tried again before this returns.
 * @throws StudioError VENUE_UNREACHABLE when no answer came
 */
export type RecordedGet = (kind: 'markets' | 'exchange_info', url: string) => Promise<RestAnswer>
