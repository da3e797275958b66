import type { Feed } from './frame.ts'
import type { PolymarketListing, PolymarketTop } from './polymarketMarket.ts'

/** What the Polymarket endpoints ask of a source. Every answer is about this very instant of the feed. */
export interface PolymarketFace {
  readonly markets: readonly { readonly listing: PolymarketListing; top(): PolymarketTop }[]
  hasToken(tokenId: string): boolean
  /** @returns the initial frame for these tokens; unknown ones are left out */
  dump(tokenIds: readonly string[]): string
  /** @returns the body of `GET /book`, undefined for an unknown token */
  book(tokenId: string): string | undefined
}

/** What the Binance endpoints ask of a source. Every answer is about this very instant of the feed. */
export interface BinanceFace {
  readonly symbols: readonly string[]
  /** @param limit levels a side @returns the body of a depth snapshot, undefined for an unknown symbol */
  depth(symbol: string, limit: number): string | undefined
  /** @returns the body of `exchangeInfo` for these symbols */
  exchangeInfo(symbols: readonly string[]): string
}

/** Where the practice venue takes its data from. */
export interface VenueSource {
  readonly feeds: readonly Feed[]
  readonly polymarket?: PolymarketFace
  readonly binance?: BinanceFace
  /** Feed time is divided by this; 1 for a generator. */
  readonly speed: number
  readonly loop: boolean
  /** A generator that cannot keep its rate moves its clock; a recording never does. */
  readonly canSlip: boolean
  /** What `GET /practice/state` says about the source. */
  readonly description: Readonly<Record<string, unknown>>
}
