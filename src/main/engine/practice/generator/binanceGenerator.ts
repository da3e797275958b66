import { NO_LEVELS, OTHER_CONTENT, type Feed, type VenueFrame } from '../frame.ts'
import type { VenueTime } from '../venueTime.ts'
import { aggTradeData, bookTickerData, combined, depthData, tradeData } from '../wire/binanceText.ts'
import { ActivityPicker, intervalNs } from './activity.ts'
import { BinanceSymbol } from './binanceSymbol.ts'
import type { Action } from './marketModel.ts'
import { Random } from './random.ts'

type Emit = (frame: VenueFrame) => void

const DEPTH_PERIOD_NS = 100e6

/** Makes the streams of many spot symbols, the same for a seed whoever listens and however fast it runs. */
export class BinanceGenerator implements Feed {
  readonly symbols: readonly BinanceSymbol[]
  readonly #random: Random
  readonly #picker: ActivityPicker
  readonly #meanNs: number
  readonly #time: VenueTime
  readonly #dirty: BinanceSymbol[] = []
  #stepNs = 0
  #depthNs = DEPTH_PERIOD_NS
  #emit: Emit = () => undefined
  #emitted = 0

  /** @param messagesPerSecond mean over all symbols and streams */
  constructor(seed: number, symbols: number, messagesPerSecond: number, time: VenueTime) {
    // Another sequence than the Polymarket side of the same seed.
    this.#random = new Random(seed ^ 0x5bd1e995)
    this.#time = time
    this.#meanNs = 1e9 / messagesPerSecond
    this.#picker = new ActivityPicker(symbols, this.#random)
    this.symbols = Array.from({ length: symbols }, (_, index) => new BinanceSymbol(index, this.#random))
  }

  /** Venue time at which the next message is due, nanoseconds since the start. */
  get nextNs(): number {
    return this.#dirty.length > 0 ? Math.min(this.#stepNs, this.#depthNs) : this.#stepNs
  }

  peekNs(): number {
    return this.nextNs
  }

  /** Runs the next event of the venue and hands its frames over in order, all due at `nextNs` as it was before the call. */
  advance(emit: Emit): void {
    this.#emit = emit
    this.#emitted = 0
    const atNs = this.nextNs
    if (this.#depthNs <= atNs) this.#flushDepth(atNs)
    else this.#step(atNs)
    this.#stepNs += intervalNs(this.#meanNs, atNs) * this.#emitted
  }

  #send(stream: string, render: () => string, content: VenueFrame['content'] = OTHER_CONTENT): void {
    this.#emitted++
    this.#emit({ venue: 'binance', keys: [stream], content, render: () => combined(stream, render()) })
  }

  #step(atNs: number): void {
    const index = this.#picker.pick()
    const symbol = this.symbols[index]!
    if (!symbol.pending) this.#dirty.push(symbol)
    // Deep changes pass unseen until the next depth message, as on the real venue; only a new top or a trade shows at once.
    for (let tries = 0; tries < 50 && this.#emitted === 0; tries++) {
      const bid = symbol.model.bids.at(0)
      const ask = symbol.model.asks.at(0)
      for (const change of symbol.model.actDeep().changes) symbol.apply(change)
      const action = symbol.model.act(true)
      if (symbol.model.shocked) this.#picker.heat(index)
      for (const change of action.changes) symbol.apply(change)
      if (action.taker) this.#sendTrades(symbol, action, this.#time.msAt(atNs))
      if (symbol.model.bids.at(0) !== bid || symbol.model.asks.at(0) !== ask) this.#sendTop(symbol)
    }
    this.#emitted = Math.max(1, this.#emitted)
  }

  #sendTop(symbol: BinanceSymbol): void {
    const { symbol: name } = symbol.facts
    this.#send(`${symbol.streamBase}@bookTicker`, () => bookTickerData(name, symbol.updateId, symbol.top('bid'), symbol.top('ask')))
  }

  #sendTrades(symbol: BinanceSymbol, action: Action, eventMs: number): void {
    for (const change of action.changes) {
      const id = ++symbol.tradeId
      const aggId = ++symbol.aggId
      const trade = {
        symbol: symbol.facts.symbol,
        eventMs,
        price: symbol.price(change.px),
        quantity: symbol.quantity(change.filled),
        buyerIsMaker: action.taker === 'sell'
      }
      this.#send(`${symbol.streamBase}@trade`, () => tradeData(trade, id))
      this.#send(`${symbol.streamBase}@aggTrade`, () => aggTradeData(trade, aggId, id, id))
    }
  }

  #flushDepth(atNs: number): void {
    const eventMs = this.#time.msAt(atNs)
    for (const symbol of this.#dirty) {
      const { pending } = symbol
      if (!pending) continue
      this.#send(
        `${symbol.streamBase}@depth@100ms`,
        () =>
          depthData(symbol.facts.symbol, eventMs, pending.firstId, symbol.updateId, symbol.pendingPairs('bid'), symbol.pendingPairs('ask')),
        { kind: 'change', book: symbol.facts.symbol, levels: NO_LEVELS }
      )
      symbol.pending = undefined
    }
    this.#dirty.length = 0
    this.#depthNs = (Math.floor(Math.max(atNs, this.#stepNs) / DEPTH_PERIOD_NS) + 1) * DEPTH_PERIOD_NS
  }
}
