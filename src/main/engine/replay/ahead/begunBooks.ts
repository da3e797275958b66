import { OrderBook } from '../../../../shared/market/index.ts'
import type { MarketMessage } from '../../feeds/index.ts'
import { BookText, replaceBook, type BegunText } from '../../tape/text/index.ts'
import type { MessageKey } from './messageWords.ts'

const HASH_LENGTH = 40
/** A longer name of a market is none. */
const MAX_MARKET_BYTES = 1024
/** Texts of other bytes are written otherwise by those who know them by name. */
const PRINTABLE = /^[ -~]+$/
const ascii = new TextDecoder('latin1')

/**
 * Begins the text that a full book's own hash covers and hashes it up to its levels, which is nearly all of it: how it ends depends on
 * facts that only the thread knows that keeps the books.
 */
export class BegunBooks {
  readonly #book = new OrderBook()
  readonly #text = new BookText()

  /** @returns undefined for a message that has no hash to compare with, or whose text may be another one; valid until the next call */
  begin(message: MarketMessage, key: MessageKey): BegunText | undefined {
    const { marketFrom, marketTo, hashFrom, hashTo, exchTsMs } = message
    if (hashTo - hashFrom !== HASH_LENGTH || !(exchTsMs >= 0) || marketTo - marketFrom > MAX_MARKET_BYTES) return undefined
    const market = ascii.decode(message.buf.subarray(marketFrom, marketTo))
    const assetId = ascii.decode(message.buf.subarray(key.from, key.to))
    if (!PRINTABLE.test(market) || !PRINTABLE.test(assetId)) return undefined
    replaceBook(this.#book, message.bids, message.asks)
    this.#text.begin(this.#book, { market, assetId }, String(exchTsMs))
    return this.#text.begun
  }
}
