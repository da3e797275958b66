import type { Feed } from '../frame.ts'
import type { BinanceFace, PolymarketFace, VenueSource } from '../source.ts'
import type { VenueTime } from '../venueTime.ts'
import { exchangeInfoJson } from '../wire/binanceText.ts'
import { dumpBookJson, dumpFrame, restBookJson } from '../wire/bookHash.ts'
import { BinanceGenerator } from './binanceGenerator.ts'
import type { BinanceSymbol } from './binanceSymbol.ts'
import type { PolymarketBook, TokenIndex } from './polymarketBook.ts'
import { PolymarketGenerator } from './polymarketGenerator.ts'

export interface GeneratorSettings {
  readonly seed: number
  /** 1 to 2000: Polymarket markets, or Binance symbols where the venue is Binance alone. */
  readonly markets: number
  /** Mean over all markets and streams of both venues. */
  readonly messagesPerSecond: number
  readonly venue: 'polymarket' | 'binance' | 'both'
}

/** With both venues, Binance has this many symbols and this share of the messages. */
const BOTH_SYMBOLS = 3
const BOTH_SHARE = 0.2

/** A source that invents its markets: equal settings give equal messages, in content and order, whatever the pace. */
export function generatorSource(settings: GeneratorSettings, time: VenueTime): VenueSource {
  const { seed, markets, messagesPerSecond: rate, venue } = settings
  const share = venue === 'both' ? BOTH_SHARE : 1
  const polymarket =
    venue === 'binance' ? undefined : new PolymarketGenerator(seed, markets, rate * (venue === 'both' ? 1 - share : 1), time)
  const binance =
    venue === 'polymarket' ? undefined : new BinanceGenerator(seed, venue === 'both' ? BOTH_SYMBOLS : markets, rate * share, time)
  const feeds: Feed[] = [polymarket, binance].filter((feed) => feed !== undefined)
  return {
    feeds,
    ...(polymarket && { polymarket: polymarketFace(polymarket) }),
    ...(binance && { binance: binanceFace(binance, time) }),
    speed: 1,
    loop: false,
    canSlip: true,
    description: { kind: 'generator', seed, markets, messages_per_second: rate, venue }
  }
}

function polymarketFace(generator: PolymarketGenerator): PolymarketFace {
  const byToken = new Map<string, { book: PolymarketBook; token: TokenIndex }>()
  for (const book of generator.books) {
    byToken.set(book.tokenId(0), { book, token: 0 })
    byToken.set(book.tokenId(1), { book, token: 1 })
  }
  const hashed = (id: string) => {
    const found = byToken.get(id)
    return found && found.book.hashed(found.token)
  }
  return {
    markets: generator.books.map((book) => ({
      // The grid may have become finer since the market was listed.
      get listing() {
        return { ...book.listing, tickSize: book.tickSize }
      },
      top: () => ({ bestBid: book.best(0).bid, bestAsk: book.best(0).ask, lastTradePrice: book.lastTradePrice })
    })),
    hasToken: (id) => byToken.has(id),
    dump: (ids) =>
      dumpFrame(
        ids
          .map(hashed)
          .filter((book) => book !== undefined)
          .map(dumpBookJson)
      ),
    book: (id) => {
      const book = hashed(id)
      return book && restBookJson(book)
    }
  }
}

function binanceFace(generator: BinanceGenerator, time: VenueTime): BinanceFace {
  const bySymbol = new Map<string, BinanceSymbol>(generator.symbols.map((symbol) => [symbol.facts.symbol, symbol]))
  return {
    symbols: [...bySymbol.keys()],
    depth: (symbol, limit) => bySymbol.get(symbol)?.snapshotJson(limit),
    exchangeInfo: (symbols) =>
      exchangeInfoJson(
        symbols.map((name) => bySymbol.get(name)?.facts).filter((facts) => facts !== undefined),
        time.msAt(generator.nextNs)
      )
  }
}
