import type { MarketMessage, MarketSink } from '../../src/main/engine/feeds/index.ts'
import { MarketTable } from '../../src/main/engine/runtime/index.ts'
import { ChangeRows } from './polymarketJson.ts'

/** Takes what the mapper tells as rows of numbers: the same that the peer makes. */
export class RowSink implements MarketSink {
  readonly changes = new ChangeRows()
  books = 0
  levelCount = 0
  readonly #tokens = new MarketTable()
  readonly #numbered: boolean

  /** @param numbered look the token up by its bytes and note its number; otherwise note how long it is */
  constructor(numbered: boolean) {
    this.#numbered = numbered
  }

  instrumentOf(buf: Uint8Array, from: number, to: number): number {
    return this.#numbered ? this.#tokens.ofBytes(buf, from, to) : to - from
  }

  snapshot(message: MarketMessage): void {
    if (message.instrumentId >= 0 && message.exchTsMs > 0) this.books++
    this.levelCount += message.bids.count + message.asks.count
  }

  delta(message: MarketMessage): void {
    const isBid = message.bids.count === 1
    const { values } = isBid ? message.bids : message.asks
    this.changes.push(message.instrumentId, isBid ? 1 : 2, values[0]!, values[1]!, message.bestBidE6, message.bestAskE6, message.exchTsMs)
  }

  trade(): void {
    throw new Error('a trade among changes and books')
  }

  tickSize(): void {
    throw new Error('a tick size among changes and books')
  }

  venueTop(): void {
    throw new Error('a best bid among changes and books')
  }
}
