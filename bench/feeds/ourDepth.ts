import { BinanceMapper, type LevelList, type MarketMessage, type MarketSink, OUTCOME } from '../../src/main/engine/feeds/index.ts'
import { OrderBook } from '../../src/shared/market/index.ts'
import type { DepthSession } from './depthMessages.ts'

/** Takes what the mapper tells; keeps the last message in reach. */
class DepthSink implements MarketSink {
  readonly book: OrderBook | undefined
  levels = 0
  last: MarketMessage | undefined

  constructor(book: OrderBook | undefined) {
    this.book = book
  }

  instrumentOf(): number {
    return 1
  }

  snapshot(message: MarketMessage): void {
    this.book?.clear()
    this.#take(message)
    this.levels = 0
  }

  delta(message: MarketMessage): void {
    this.#take(message)
  }

  trade(): void {
    throw new Error('a trade among depth updates')
  }

  tickSize(): void {
    throw new Error('a tick size among depth updates')
  }

  venueTop(): void {
    throw new Error('a book ticker among depth updates')
  }

  #take(message: MarketMessage): void {
    const { bids, asks } = message
    this.levels += bids.count + asks.count
    this.last = message
    if (this.book === undefined) return
    apply(this.book.bids, bids)
    apply(this.book.asks, asks)
  }
}

function apply(side: OrderBook['bids'], list: LevelList): void {
  const { values, count } = list
  for (let i = 0; i < count; i++) side.set(values[2 * i]!, values[2 * i + 1]!)
}

/** Runs a session through the product's mapper, step by step. */
export class OurDepth {
  readonly sink: DepthSink
  readonly mapper = new BinanceMapper()
  readonly #session: DepthSession

  constructor(session: DepthSession, withBook: boolean) {
    this.#session = session
    this.sink = new DepthSink(withBook ? new OrderBook() : undefined)
    const body = Buffer.from(session.snapshot)
    if (this.mapper.map(body, 0, body.length, this.sink, session.symbol) !== OUTCOME.decoded)
      throw new Error('our mapper does not take the snapshot')
  }

  take(i: number): void {
    const { bytes, from, to } = this.#session.updates
    if (this.mapper.map(bytes, from[i]!, to[i]!, this.sink, undefined) !== OUTCOME.decoded)
      throw new Error(`our mapper does not take update ${i}`)
  }
}
