import { OTHER_CONTENT, type Feed, type VenueFrame } from '../frame.ts'
import type { PolymarketListing } from '../polymarketMarket.ts'
import type { VenueTime } from '../venueTime.ts'
import { bookRefreshText, lastTradeText, priceChangeText, tickSizeChangeText, type PriceChangeEntry } from '../wire/polymarketText.ts'
import { ActivityPicker, intervalNs } from './activity.ts'
import { PRICE_TEXTS, sizeText } from './decimalText.ts'
import { generatedListing } from './generatedListing.ts'
import { MarketModel, type Action, type Change } from './marketModel.ts'
import { PolymarketBook, type TokenIndex } from './polymarketBook.ts'
import { Random } from './random.ts'
import { Rounds, type RoundSettings } from './rounds.ts'

type Emit = (frame: VenueFrame) => void

interface PendingTrade {
  readonly dueNs: number
  readonly book: PolymarketBook
  readonly token: TokenIndex
  readonly price: string
  readonly size: string
  readonly side: 'BUY' | 'SELL'
  readonly transactionHash: string
}

/** Makes the message stream of many binary markets, the same for a seed whoever listens and however fast it runs. */
export class PolymarketGenerator implements Feed {
  #books: readonly PolymarketBook[]
  readonly #rounds: Rounds | undefined
  #ended: readonly PolymarketBook[] = []
  readonly #random: Random
  readonly #picker: ActivityPicker
  readonly #meanNs: number
  readonly #time: VenueTime
  readonly #pending: PendingTrade[] = []
  readonly #tradeEndsNs = new Map<PolymarketBook, number>()
  #stepNs = 0
  #atNs = 0
  #emit: Emit = () => undefined
  #emitted = 0

  /** @param messagesPerSecond mean over all markets; @param rounds some of the markets last one round each */
  constructor(seed: number, markets: number, messagesPerSecond: number, time: VenueTime, rounds?: RoundSettings) {
    this.#random = new Random(seed)
    this.#time = time
    this.#meanNs = 1e9 / messagesPerSecond
    this.#picker = new ActivityPicker(markets, this.#random)
    const staying = markets - (rounds?.markets ?? 0)
    this.#books = Array.from({ length: staying }, (_, index) => newBook(generatedListing(index, this.#random), this.#random, time.msAt(0)))
    if (rounds === undefined) return
    this.#rounds = new Rounds(seed, rounds, time.hostMs)
    this.#books = [...this.#books, ...roundBooks(this.#rounds, time.msAt(0))]
  }

  /** The markets that are open, another list with each round. Those that last one round come last. */
  get books(): readonly PolymarketBook[] {
    return this.#books
  }

  /** The markets of the round before: nothing happens in them any more, and whoever still asks is answered. */
  get ended(): readonly PolymarketBook[] {
    return this.#ended
  }

  /** Ends the round that is over at this instant, and begins the one that runs. @param nowMs Unix milliseconds @returns true where one began */
  turnRounds(nowMs: number): boolean {
    const rounds = this.#rounds
    if (rounds === undefined || nowMs < rounds.endMs || !rounds.moveTo(nowMs)) return false
    const staying = this.#books.length - rounds.settings.markets
    this.#ended = this.#books.slice(staying)
    this.#books = [...this.#books.slice(0, staying), ...roundBooks(rounds, this.#time.msAt(this.#atNs))]
    return true
  }

  /** Venue time at which the next message is due, nanoseconds since the start. */
  get nextNs(): number {
    const trade = this.#pending[0]
    return trade && trade.dueNs < this.#stepNs ? trade.dueNs : this.#stepNs
  }

  peekNs(): number {
    return this.nextNs
  }

  /** Runs the next event of the venue and hands its frames over in order, all due at `nextNs` as it was before the call. */
  advance(emit: Emit): void {
    this.#emit = emit
    this.#emitted = 0
    this.#atNs = this.nextNs
    this.turnRounds(this.#time.msAt(this.#atNs) - this.#time.skewMs)
    if (this.#pending[0] && this.#pending[0].dueNs <= this.#atNs) this.#reportTrade(this.#pending.shift()!)
    else this.#step()
    this.#stepNs += intervalNs(this.#meanNs, this.#stepNs) * Math.max(1, this.#emitted)
  }

  #send(keys: readonly string[], content: VenueFrame['content'], render: () => string): void {
    this.#emitted++
    this.#emit({ venue: 'polymarket', keys, content, render })
  }

  #step(): void {
    const index = this.#picker.pick()
    const book = this.books[index]!
    // One trade at a time in a market: until it is reported, the last trade price is known from the change's own first entry.
    const action = book.model.act((this.#tradeEndsNs.get(book) ?? 0) <= this.#atNs)
    if (book.model.shocked) this.#picker.heat(index)
    book.timestampMs = this.#time.msAt(this.#atNs)
    const first: TokenIndex = this.#random.chance(0.5) ? 0 : 1
    for (const change of action.changes) {
      if (action.taker) book.lastTradePrice = threeDecimals(first === 0 ? change.px : 1000 - change.px)
      const before = book.model.ladder(change.side).sizeAt(change.px)
      book.model.apply(change)
      this.#sendChange(book, change, before, first)
    }
    if (action.taker) this.#afterTrade(book, action, first)
    this.#tuneTick(book)
  }

  #sendChange(book: PolymarketBook, change: Change, before: number, first: TokenIndex): void {
    const levels = [{ key: `${change.side}${change.px}`, before, after: change.size }]
    const content = { kind: 'change', book: book.listing.conditionId, levels } as const
    this.#send(book.listing.tokenIds, content, () => {
      const second: TokenIndex = first === 0 ? 1 : 0
      const entries = [entryOf(book, change, first), entryOf(book, change, second)]
      return priceChangeText(book.listing.conditionId, entries, String(book.timestampMs))
    })
  }

  #afterTrade(book: PolymarketBook, action: Action, token: TokenIndex): void {
    this.#sendRefreshes(book, token)
    const buysFirst = action.taker === 'buy'
    const dueNs = this.#atNs + (34 + this.#random.below(5)) * 1e6
    const transactionHash = `0x${this.#random.hex(64)}`
    for (const change of action.changes) {
      const price = PRICE_TEXTS[token === 0 ? change.px : 1000 - change.px]!
      const side = buysFirst === (token === 0) ? 'BUY' : 'SELL'
      this.#pending.push({ dueNs, book, token, price, size: sizeText(change.filled), side, transactionHash })
    }
    this.#pending.sort((a, b) => a.dueNs - b.dueNs)
    this.#tradeEndsNs.set(book, Number.POSITIVE_INFINITY)
  }

  #reportTrade(trade: PendingTrade): void {
    const { book, token } = trade
    const timestamp = String(this.#time.msAt(this.#atNs))
    if (!this.#pending.some((other) => other.book === book)) this.#tradeEndsNs.delete(book)
    this.#send([book.tokenId(token)], OTHER_CONTENT, () =>
      lastTradeText({ ...trade, market: book.listing.conditionId, assetId: book.tokenId(token), timestamp })
    )
  }

  #sendRefreshes(book: PolymarketBook, first: TokenIndex): void {
    for (const token of first === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const content = { kind: 'refresh', book: book.listing.conditionId } as const
      this.#send([book.tokenId(token)], content, () => {
        const hashed = book.hashed(token)
        return bookRefreshText({ ...hashed, hash: book.hash(token) })
      })
    }
  }

  /** Near either end of the price range the venue moves a market to the fine grid, for good. */
  #tuneTick(book: PolymarketBook): void {
    if (book.tickSize !== '0.01') return
    const { bids, asks } = book.model
    const mid = ((bids.bestPx ?? 0) + (asks.bestPx ?? 1000)) / 2
    if (mid >= 40 && mid <= 960) return
    book.tickSize = '0.001'
    book.model.step = 1
    book.model.shape = fineShape
    const timestamp = String(book.timestampMs)
    for (const token of [0, 1] as const) {
      const id = book.tokenId(token)
      this.#send([id], OTHER_CONTENT, () => tickSizeChangeText(book.listing.conditionId, id, '0.01', '0.001', timestamp))
    }
    this.#sendRefreshes(book, 0)
  }
}

const habits = { minLevels: 20, maxLevels: 40, drawSize: drawSizeE6 }
const fineShape = { ...habits, minPx: 1, maxPx: 999, spacing: 3 }
const coarseShape = { ...habits, minPx: 10, maxPx: 990, spacing: 10 }

function roundBooks(rounds: Rounds, timestampMs: number): PolymarketBook[] {
  const random = rounds.random()
  return Array.from({ length: rounds.settings.markets }, (_, slot) => newBook(rounds.listing(slot, random), random, timestampMs))
}

function newBook(listing: PolymarketListing, random: Random, timestampMs: number): PolymarketBook {
  const fine = listing.tickSize === '0.001'
  const fair = 60 + random.unit() * 880
  const model = new MarketModel(fine ? fineShape : coarseShape, fine ? 1 : 10, fair, random)
  const traded = random.chance(0.9)
  return new PolymarketBook(listing, model, traded ? threeDecimals(Math.round(fair / 10) * 10) : '', timestampMs)
}

function entryOf(book: PolymarketBook, change: Change, token: TokenIndex): PriceChangeEntry {
  const best = book.best(token)
  return {
    assetId: book.tokenId(token),
    price: PRICE_TEXTS[token === 0 ? change.px : 1000 - change.px]!,
    size: sizeText(change.size),
    side: (change.side === 'bid') === (token === 0) ? 'BUY' : 'SELL',
    hash: book.hash(token),
    bestBid: best.bid,
    bestAsk: best.ask
  }
}

function threeDecimals(thousandths: number): string {
  return (thousandths / 1000).toFixed(3)
}

/** Sizes in millionths of a share: mostly small and whole, a few huge, some with cents, rarely all six decimals. */
function drawSizeE6(random: Random): number {
  const shares = 5 + Math.exp(random.unit() * random.unit() * 11)
  const roll = random.unit()
  if (roll < 0.03) return Math.round(shares * 1e6)
  return roll < 0.5 ? Math.round(shares * 100) * 10_000 : Math.round(shares) * 1_000_000
}
