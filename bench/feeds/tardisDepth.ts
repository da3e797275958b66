import { normalizeBookChanges, OrderBook, type BookChange } from 'tardis-dev'
import { textOf } from './packedMessages.ts'
import type { DepthSession } from './depthMessages.ts'

/** Runs a session through tardis-dev: JSON.parse, canHandle, map, and its order book if asked for. */
export class TardisDepth {
  readonly book: OrderBook | undefined
  levels = 0
  last: BookChange | undefined
  readonly #mapper: ReturnType<typeof normalizeBookChanges<'binance'>>
  readonly #session: DepthSession
  readonly #now = new Date(0)

  constructor(session: DepthSession, withBook: boolean) {
    this.#session = session
    this.book = withBook ? new OrderBook() : undefined
    this.#mapper = normalizeBookChanges('binance', this.#now)
    const stream = `${session.symbol.toLowerCase()}@depthSnapshot`
    this.#map({ stream, data: JSON.parse(session.snapshot) as unknown })
    this.levels = 0
  }

  take(i: number): void {
    this.#map(JSON.parse(textOf(this.#session.updates, i)))
  }

  #map(message: unknown): void {
    if (!this.#mapper.canHandle(message)) throw new Error('tardis-dev does not take a message')
    for (const change of this.#mapper.map(message, this.#now) ?? []) {
      this.levels += change.bids.length + change.asks.length
      this.last = change
      this.book?.update(change)
    }
  }
}
