import { OUTCOME, PolymarketMapper, type LevelList, type MarketMessage, type MarketSink } from '../../src/main/engine/feeds/index.ts'
import { BookNormaliser, EventBatch, MarketTable, ROW } from '../../src/main/engine/runtime/index.ts'
import { same } from '../measure.ts'
import type { PackedMessages } from './packedMessages.ts'
import { textOf } from './packedMessages.ts'
import type { JsonLevel, JsonMessage } from './polymarketJson.ts'

const latin = new TextDecoder('latin1')
const e6 = (text: string): number => Math.round(Number(text) * 1e6)

/** Compares what the mapper tells with what JSON.parse and Number() make of the same bytes, field for field. */
class ComparingSink implements MarketSink {
  readonly #tokens = new MarketTable()
  #expected: readonly JsonMessage[] = []
  #message = 0
  #change = 0
  told = 0

  expect(messages: readonly JsonMessage[]): void {
    this.#expected = messages
    this.#message = this.#change = 0
  }

  /** Everything that was expected has been told. */
  finish(): void {
    this.#skip()
    same('messages told', this.#message, this.#expected.length)
  }

  instrumentOf(buf: Uint8Array, from: number, to: number): number {
    return this.#tokens.ofBytes(buf, from, to)
  }

  snapshot(m: MarketMessage): void {
    const expected = this.#next('book')
    this.#message++
    same('token of a book', this.#tokens.ids[m.instrumentId], expected.asset_id)
    this.#envelope(m, expected, expected.hash)
    sameLevels(m.bids, expected.bids)
    sameLevels(m.asks, expected.asks)
    this.told++
  }

  delta(m: MarketMessage): void {
    const expected = this.#next('price_change')
    const change = expected.price_changes[this.#change++]!
    if (this.#change === expected.price_changes.length) {
      this.#change = 0
      this.#message++
    }
    same('token of a change', this.#tokens.ids[m.instrumentId], change.asset_id)
    this.#envelope(m, expected, change.hash)
    sameLevels(m.bids, change.side === 'BUY' ? [change] : [])
    sameLevels(m.asks, change.side === 'BUY' ? [] : [change])
    same('best bid', m.bestBidE6, e6(change.best_bid))
    same('best ask', m.bestAskE6, e6(change.best_ask))
    this.told++
  }

  trade(): void {
    this.#next('last_trade_price')
    this.#message++
  }

  tickSize(): void {
    this.#next('tick_size_change')
    this.#message++
  }

  venueTop(): void {
    throw new Error('Polymarket has no such message')
  }

  #next(kind: string): JsonMessage {
    this.#skip()
    const message = this.#expected[this.#message]
    same('kind of message', kind, message?.event_type)
    return message!
  }

  /** Messages without a change tell nothing. */
  #skip(): void {
    while (this.#expected[this.#message]?.price_changes?.length === 0) this.#message++
  }

  #envelope(m: MarketMessage, { market, timestamp }: JsonMessage, hash: string): void {
    same('time', m.exchTsMs, Number(timestamp))
    same('market', latin.decode(m.buf.subarray(m.marketFrom, m.marketTo)), market)
    same('hash', latin.decode(m.buf.subarray(m.hashFrom, m.hashTo)), hash)
  }
}

function sameLevels(ours: LevelList, theirs: readonly JsonLevel[]): void {
  same('number of levels', ours.count, theirs.length)
  for (let i = 0; i < theirs.length; i++) {
    const { price, size } = theirs[i]!
    if (ours.values[2 * i] !== e6(price) || ours.values[2 * i + 1] !== e6(size)) throw new Error(`level ${i} is not ${price} ${size}`)
  }
}

/** Runs messages through the product and through JSON.parse and compares all that they say. */
export class FieldCheck {
  readonly mapper = new PolymarketMapper()
  readonly #markets = new MarketTable()
  readonly normaliser = new BookNormaliser(this.#markets)
  readonly #sink = new ComparingSink()
  readonly #batch = new EventBatch(16)
  messages = 0
  malformed = 0
  rejected = 0
  events = 0

  /** Level changes and books compared. */
  get told(): number {
    return this.#sink.told
  }

  /** @throws Error that names the field and the message in which the two differ */
  check(packed: PackedMessages): void {
    for (let i = 0; i < packed.count; i++) {
      try {
        this.#one(packed, i)
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)} in ${textOf(packed, i)}`, { cause: error })
      }
      this.messages++
    }
  }

  #one(packed: PackedMessages, i: number): void {
    const { bytes, from, to } = packed
    const messages = parsed(textOf(packed, i))
    const isSound = messages?.every(hasOnlyNumbers) ?? false
    this.#sink.expect(isSound ? messages! : [])
    const outcome = this.mapper.map(bytes, from[i]!, to[i]!, this.#sink)
    this.#sink.finish()
    same('outcome', outcome, messages === undefined ? OUTCOME.malformed : isSound ? OUTCOME.decoded : OUTCOME.rejected)
    if (outcome === OUTCOME.malformed) this.malformed++
    if (outcome === OUTCOME.rejected) this.rejected++
    if (isSound) this.#best(bytes, from[i]!, to[i]!, messages!)
  }

  /** Canonical events of whole books: the best level of each side. */
  #best(bytes: Buffer, from: number, to: number, messages: readonly JsonMessage[]): void {
    const batch = this.#batch
    batch.count = 0
    if (this.normaliser.decode(bytes, from, to)) this.normaliser.normalise(7, batch)
    const books = messages.filter(({ event_type, bids, asks }) => event_type === 'book' && bids.length + asks.length > 0)
    same('events', batch.count, books.length)
    books.forEach(({ asset_id, timestamp, bids, asks }, row) => {
      const at = row * 7
      const { rows } = batch
      const sameE6 = (what: string, ours: number | undefined, text: string | undefined): void =>
        same(what, String(ours), String(text === undefined ? NaN : e6(text)))
      same('market of an event', this.#markets.ids[rows[at + ROW.market]!], asset_id)
      same('time of an event', rows[at + ROW.exchTsMs], Number(timestamp))
      sameE6('best bid', rows[at + ROW.bidPxE6], bids.at(-1)?.price)
      sameE6('size of the best bid', rows[at + ROW.bidSizeE6], bids.at(-1)?.size)
      sameE6('best ask', rows[at + ROW.askPxE6], asks.at(-1)?.price)
      sameE6('size of the best ask', rows[at + ROW.askSizeE6], asks.at(-1)?.size)
      this.events++
    })
  }
}

/** @returns undefined when it is not JSON */
function parsed(text: string): readonly JsonMessage[] | undefined {
  try {
    const value = JSON.parse(text) as JsonMessage | readonly JsonMessage[]
    return Array.isArray(value) ? (value as readonly JsonMessage[]) : [value as JsonMessage]
  } catch {
    return undefined
  }
}

function hasOnlyNumbers({ price_changes = [], bids = [], asks = [] }: Partial<JsonMessage>): boolean {
  return [price_changes, bids, asks].every((list) => list.every(({ price }) => !Number.isNaN(Number(price))))
}
