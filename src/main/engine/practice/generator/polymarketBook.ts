import { bookHash, type HashedBook } from '../wire/bookHash.ts'
import type { PolymarketListing } from '../polymarketMarket.ts'
import { PRICE_TEXTS, sizeText } from './decimalText.ts'
import type { Ladder, Level } from './ladder.ts'
import type { MarketModel } from './marketModel.ts'

/** Index into a market's two tokens: 0 is the first outcome, whose prices the model keeps; 1 is its mirror at 1 - p. */
export type TokenIndex = 0 | 1

/**
 * The two published books of one generated market. Both come from one model: the mirror's bids are the model's asks at 1 - p.
 * Stored order (best last) is the printed order of both, so no list is ever turned round.
 */
export class PolymarketBook {
  readonly listing: PolymarketListing
  readonly model: MarketModel
  tickSize: string
  /** Three decimals; of the token that the taker traded, and shown the same on both tokens. */
  lastTradePrice: string
  /** Milliseconds since the epoch of the last change. */
  timestampMs: number
  readonly #bidTexts = [new SideText(false), new SideText(true)] as const
  readonly #askTexts = [new SideText(false), new SideText(true)] as const

  constructor(listing: PolymarketListing, model: MarketModel, lastTradePrice: string, timestampMs: number) {
    this.listing = listing
    this.model = model
    this.tickSize = listing.tickSize
    this.lastTradePrice = lastTradePrice
    this.timestampMs = timestampMs
  }

  tokenId(token: TokenIndex): string {
    return this.listing.tokenIds[token]
  }

  /** @returns best bid and ask of a token as text, "0" and "1" for an empty side as the venue prints them */
  best(token: TokenIndex): { bid: string; ask: string } {
    const bid = this.model.bids.bestPx ?? 0
    const ask = this.model.asks.bestPx ?? 1000
    return token === 0
      ? { bid: PRICE_TEXTS[bid]!, ask: PRICE_TEXTS[ask]! }
      : { bid: PRICE_TEXTS[1000 - ask]!, ask: PRICE_TEXTS[1000 - bid]! }
  }

  hash(token: TokenIndex): string {
    return bookHash(this.hashed(token))
  }

  /** The book of a token as its hash covers it, at the time of its last change. */
  hashed(token: TokenIndex): HashedBook {
    const bids = this.#bidTexts[token].of(this.model.bids)
    const asks = this.#askTexts[token].of(this.model.asks)
    return {
      market: this.listing.conditionId,
      assetId: this.tokenId(token),
      timestamp: String(this.timestampMs),
      bids: token === 0 ? bids : asks,
      asks: token === 0 ? asks : bids,
      minOrderSize: this.listing.minOrderSize,
      tickSize: this.tickSize,
      negRisk: this.listing.negRisk,
      lastTradePrice: this.lastTradePrice
    }
  }
}

/** The JSON of one side, kept until the side changes: hashing needs it after every single change of the other side too. */
class SideText {
  readonly #mirror: boolean
  #version = -1
  #text = ''

  constructor(mirror: boolean) {
    this.#mirror = mirror
  }

  of(ladder: Ladder): string {
    if (this.#version === ladder.version) return this.#text
    this.#version = ladder.version
    this.#text = ladder.levels.map(this.#mirror ? mirrorText : levelText).join(',')
    return this.#text
  }
}

function levelText(level: Level): string {
  return (level.text ??= `{"price":"${PRICE_TEXTS[level.px]}","size":"${sizeText(level.size)}"}`)
}

function mirrorText(level: Level): string {
  return (level.mirrorText ??= `{"price":"${PRICE_TEXTS[1000 - level.px]}","size":"${sizeText(level.size)}"}`)
}
