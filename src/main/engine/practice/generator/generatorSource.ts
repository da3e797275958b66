import type { Feed } from '../frame.ts'
import type { BinanceFace, PolymarketFace, VenueSource } from '../source.ts'
import type { VenueTime } from '../venueTime.ts'
import { exchangeInfoJson } from '../wire/binanceText.ts'
import { dumpBookJson, dumpFrame, restBookJson } from '../wire/bookHash.ts'
import { BinanceGenerator } from './binanceGenerator.ts'
import type { BinanceSymbol } from './binanceSymbol.ts'
import type { PolymarketBook, TokenIndex } from './polymarketBook.ts'
import { PolymarketGenerator } from './polymarketGenerator.ts'
import type { RoundSettings } from './rounds.ts'

export interface GeneratorSettings {
  readonly seed: number
  /** 1 to 2000: Polymarket markets, or Binance symbols where the venue is Binance alone. */
  readonly markets: number
  /** Mean over all markets and streams of both venues. */
  readonly messagesPerSecond: number
  readonly venue: 'polymarket' | 'binance' | 'both'
  /** Some of the Polymarket markets last one round each. */
  readonly rounds?: RoundSettings | undefined
}

/** With both venues, Binance has this many symbols and this share of the messages. */
const BOTH_SYMBOLS = 3
const BOTH_SHARE = 0.2

/** A source that invents its markets: equal settings give equal messages, in content and order, whatever the pace. */
export function generatorSource(settings: GeneratorSettings, time: VenueTime): VenueSource {
  const { seed, markets, messagesPerSecond: rate, venue, rounds } = settings
  const share = venue === 'both' ? BOTH_SHARE : 1
  const polymarket =
    venue === 'binance' ? undefined : new PolymarketGenerator(seed, markets, rate * (venue === 'both' ? 1 - share : 1), time, rounds)
  const binance =
    venue === 'polymarket' ? undefined : new BinanceGenerator(seed, venue === 'both' ? BOTH_SYMBOLS : markets, rate * share, time)
  const feeds: Feed[] = [polymarket, binance].filter((feed) => feed !== undefined)
  return {
    feeds,
    ...(polymarket && { polymarket: polymarketFace(polymarket, time) }),
    ...(binance && { binance: binanceFace(binance, time) }),
    speed: 1,
    loop: false,
    canSlip: true,
    description: { kind: 'generator', seed, markets, messages_per_second: rate, venue, ...(rounds && { rounds }) }
  }
}

type MarketEntry = PolymarketFace['markets'][number]
interface Shelf {
  readonly markets: readonly MarketEntry[]
  /** Tokens of the open markets and of those that ended with the last round. */
  readonly byToken: ReadonlyMap<string, { readonly book: PolymarketBook; readonly token: TokenIndex }>
}

function polymarketFace(generator: PolymarketGenerator, time: VenueTime): PolymarketFace {
  const entries = new WeakMap<PolymarketBook, MarketEntry>()
  let shelf: Shelf | undefined
  let books: readonly PolymarketBook[] = []
  // Whoever asks after the end of a round, and before the feed got there, must not be told of the round that is over.
  const current = (): Shelf => {
    generator.turnRounds(time.hostMs)
    if (shelf !== undefined && books === generator.books) return shelf
    books = generator.books
    return (shelf = shelfOf(generator, entries))
  }
  const hashed = (id: string) => {
    const found = current().byToken.get(id)
    return found && found.book.hashed(found.token)
  }
  return {
    get markets() {
      return current().markets
    },
    hasToken: (id) => current().byToken.has(id),
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

function shelfOf(generator: PolymarketGenerator, entries: WeakMap<PolymarketBook, MarketEntry>): Shelf {
  const byToken = new Map<string, { book: PolymarketBook; token: TokenIndex }>()
  for (const book of [...generator.books, ...generator.ended])
    for (const token of [0, 1] as const) byToken.set(book.tokenId(token), { book, token })
  const markets = generator.books.map((book) => {
    const entry = entries.get(book) ?? entryOf(book)
    entries.set(book, entry)
    return entry
  })
  return { markets, byToken }
}

function entryOf(book: PolymarketBook): MarketEntry {
  return {
    // The grid may have become finer since the market was listed.
    get listing() {
      return { ...book.listing, tickSize: book.tickSize }
    },
    top: () => ({ bestBid: book.best(0).bid, bestAsk: book.best(0).ask, lastTradePrice: book.lastTradePrice })
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
