import { FLAG_NOTE, FLAG_REST } from '../../src/main/engine/bundle/index.ts'
import { MergedFrames, type RunFacts } from '../../src/main/engine/replay/index.ts'
import { e6, type ReplayOutput } from './replayOutput.ts'

interface Level {
  readonly price: string
  readonly size: string
}

interface Change extends Level {
  readonly asset_id: string
  readonly side: 'BUY' | 'SELL'
}

interface Message {
  readonly event_type: string
  readonly asset_id: string
  readonly price_changes: readonly Change[]
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** One side of a book: price to size. The best price is known until its level goes. */
class MapSide {
  readonly levels = new Map<number, number>()
  readonly #better: (a: number, b: number) => boolean
  #best: number | undefined

  constructor(better: (a: number, b: number) => boolean) {
    this.#better = better
  }

  set(price: number, size: number): void {
    if (size === 0) {
      this.levels.delete(price)
      if (price === this.#best) this.#best = undefined
      return
    }
    this.levels.set(price, size)
    if (this.#best !== undefined && this.#better(price, this.#best)) this.#best = price
  }

  replace(levels: readonly Level[]): void {
    this.levels.clear()
    this.#best = undefined
    for (const { price, size } of levels) this.set(Number(price), Number(size))
  }

  get best(): number | undefined {
    if (this.#best === undefined)
      for (const price of this.levels.keys()) if (this.#best === undefined || this.#better(price, this.#best)) this.#best = price
    return this.#best
  }
}

/** A book of Maps with the top that was seen last. */
export class MapBook {
  readonly bids = new MapSide((a, b) => a > b)
  readonly asks = new MapSide((a, b) => a < b)
  bid: number | undefined
  ask: number | undefined
  #bidSize: number | undefined
  #askSize: number | undefined

  /** @returns true when best price or size of a side is another one than at the last call */
  topMoved(): boolean {
    const bid = this.bids.best
    const ask = this.asks.best
    const bidSize = bid === undefined ? undefined : this.bids.levels.get(bid)
    const askSize = ask === undefined ? undefined : this.asks.levels.get(ask)
    if (bid === this.bid && bidSize === this.#bidSize && ask === this.ask && askSize === this.#askSize) return false
    this.bid = bid
    this.#bidSize = bidSize
    this.ask = ask
    this.#askSize = askSize
    return true
  }
}

/**
 * The peer: the obvious pipeline of verified frames, JSON.parse, Number() and books of Maps. It keeps books and counts, and makes no records.
 * @param onTop called when the best price or size of a side of a token's book is another one
 */
export function playJson(run: RunFacts, onTop?: (token: string, book: MapBook) => void): ReplayOutput {
  const frames = new MergedFrames(run.shards, run.open)
  const books = new Map<string, MapBook>()
  const counts = { frames: 0, levelChanges: 0, trades: 0, snapshots: 0, topMoves: 0 }
  const bookOf = (token: string): MapBook => {
    let book = books.get(token)
    if (book === undefined) books.set(token, (book = new MapBook()))
    return book
  }
  const topOf = (token: string, book: MapBook): void => {
    if (!book.topMoved()) return
    counts.topMoves++
    onTop?.(token, book)
  }
  const take = (message: Message): void => {
    if (message.event_type === 'price_change') {
      for (const change of message.price_changes) {
        const book = bookOf(change.asset_id)
        ;(change.side === 'BUY' ? book.bids : book.asks).set(Number(change.price), Number(change.size))
        counts.levelChanges++
        topOf(change.asset_id, book)
      }
    } else if (message.event_type === 'book') {
      const book = bookOf(message.asset_id)
      book.bids.replace(message.bids)
      book.asks.replace(message.asks)
      counts.snapshots++
      topOf(message.asset_id, book)
    } else if (message.event_type === 'last_trade_price') counts.trades++
  }
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
    counts.frames++
    if ((frame.flags & (FLAG_NOTE | FLAG_REST)) !== 0) continue
    const value = JSON.parse(frame.payloadBuffer.toString('latin1', frame.payloadStart, frame.payloadEnd)) as Message | Message[]
    if (Array.isArray(value)) value.forEach(take)
    else take(value)
  }
  frames.close()
  return { counts, levels: () => levelLines(books) }
}

function levelLines(books: ReadonlyMap<string, MapBook>): string[] {
  const sideLine = (side: MapSide): string =>
    [...side.levels]
      .map(([price, size]) => `${e6(price)}:${e6(size)}`)
      .toSorted()
      .join(' ')
  return [...books].map(([token, book]) => `${token} ${sideLine(book.bids)} / ${sideLine(book.asks)}`)
}
