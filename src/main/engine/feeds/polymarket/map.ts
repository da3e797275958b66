import { JsonScan, reparse, TOO_MUCH } from '../json/jsonScan.ts'
import { MarketMessage, OUTCOME, type FeedMapper, type KeyMemo, type MarketSink, type Outcome } from '../marketSink.ts'
import { EVENT, PolymarketMessage, scanMessage, type PriceChange } from './messageScan.ts'
import { usualChanges } from './usualChanges.ts'

/** The venue's names of the events, by their numbers; a `/book` body has none. */
const KINDS = ['book', 'book', 'price_change', 'last_trade_price', 'tick_size_change'] as const

/** Meaning of the Polymarket market channel and of CLOB `/book` bodies. Source: the venue's market channel documentation, both shapes of price_change. */
export class PolymarketMapper implements FeedMapper {
  fallbacks = 0
  kind = ''
  readonly #scan = new JsonScan()
  readonly #raw = new PolymarketMessage()
  readonly #usual = usualChanges()
  /** What the sink keeps for a token, by its number; the numbers are of this generation. */
  #memos: KeyMemo[] = []
  #generation = -1
  /** Tells the levels of a book where they were read. */
  readonly #out = new MarketMessage(this.#raw.bids, this.#raw.asks)
  #accepted = false
  #rejected = false

  map(buf: Uint8Array, from: number, to: number, sink: MarketSink): Outcome {
    if (isControl(buf, from, to)) return OUTCOME.control
    const fast = this.#mapText(buf, from, to, sink, false)
    if (fast !== undefined) return fast
    const again = reparse(buf, from, to)
    if (again === undefined) return OUTCOME.malformed
    this.fallbacks++
    if (again === TOO_MUCH) return OUTCOME.rejected
    return this.#mapText(again, 0, again.length, sink, true) ?? OUTCOME.unknown
  }

  /** @returns undefined when the scanner does not take the text; nothing has been told to the sink then */
  #mapText(buf: Uint8Array, from: number, to: number, sink: MarketSink, lenient: boolean): Outcome | undefined {
    this.#out.buf = buf
    this.#accepted = this.#rejected = false
    if (!this.#usual.read(buf, from, to, this.#raw)) {
      const scan = this.#scan
      scan.start(buf, from, to, lenient)
      if (scan.peek() === 91) return this.#mapArray(sink)
      scanMessage(scan, this.#raw)
      scan.finish()
      if (scan.bad) return undefined
    }
    this.#check()
    if (!this.#rejected) this.#emit(sink)
    return this.#outcome()
  }

  /** All objects are read once before any is told, so that a frame is taken whole or not at all. */
  #mapArray(sink: MarketSink): Outcome | undefined {
    const scan = this.#scan
    const start = scan.pos
    this.#eachObject(() => this.#check())
    scan.finish()
    if (scan.bad) return undefined
    if (this.#rejected) return OUTCOME.rejected
    scan.pos = start
    this.#eachObject(() => this.#emit(sink))
    return this.#outcome()
  }

  #eachObject(visit: () => void): void {
    const scan = this.#scan
    scan.expect(91)
    if (scan.take(93)) return
    do {
      if (!scan.opens(123)) {
        this.#rejected = true
        continue
      }
      scanMessage(scan, this.#raw)
      if (scan.bad) return
      visit()
    } while (!scan.bad && scan.take(44))
    scan.expect(93)
  }

  #outcome(): Outcome {
    if (this.#rejected) return OUTCOME.rejected
    return this.#accepted ? OUTCOME.decoded : OUTCOME.unknown
  }

  /** Looks for values that cannot be: then the whole frame is rejected, since half of it would be a silent loss. */
  #check(): void {
    const raw = this.#raw
    let bad = false
    if (isBook(raw)) bad = raw.whole.assetTo === 0 || !raw.hasBids || !raw.hasAsks || raw.bidsBroken || raw.asksBroken
    else if (raw.event === EVENT.priceChange) bad = !changesAreSound(raw)
    else if (raw.event === EVENT.lastTradePrice) bad = !(raw.whole.pxE6 >= 0 && raw.whole.sizeE6 >= 0) || raw.whole.assetTo === 0
    else if (raw.event === EVENT.tickSizeChange) bad = !(raw.newTickE6 > 0) || raw.whole.assetTo === 0
    if (bad) this.#rejected = true
  }

  #emit(sink: MarketSink): void {
    const raw = this.#raw
    if (raw.event === EVENT.priceChange) this.#emitChanges(sink)
    else if (isBook(raw)) this.#emitBook(sink)
    else if (raw.event === EVENT.lastTradePrice) this.#emitTrade(sink)
    else if (raw.event === EVENT.tickSizeChange) this.#emitTick(sink)
    else return
    this.kind = KINDS[raw.event]!
    this.#accepted = true
  }

  #begin(sink: MarketSink, asset: PriceChange): MarketMessage {
    const out = this.#out
    const memo = asset.token === 0 ? undefined : this.#memoOf(asset.token)
    out.instrumentId = sink.instrumentOf(out.buf, asset.assetFrom, asset.assetTo, asset.assetHash, memo)
    out.marketFrom = this.#raw.whole.marketFrom
    out.marketTo = this.#raw.whole.marketTo
    out.exchTsMs = this.#raw.timestampMs
    out.hashFrom = asset.hashFrom
    out.hashTo = asset.hashTo
    return out
  }

  #memoOf(token: number): KeyMemo {
    if (this.#generation !== this.#usual.generation) {
      this.#generation = this.#usual.generation
      this.#memos = []
    }
    return (this.#memos[token] ??= { id: 0, generation: -1 })
  }

  #emitBook(sink: MarketSink): void {
    const raw = this.#raw
    const out = this.#begin(sink, raw.whole)
    out.tickE6 = raw.tickE6
    out.lastTradeFrom = raw.lastTradeFrom
    out.lastTradeTo = raw.lastTradeTo
    sink.snapshot(out)
  }

  #emitChanges(sink: MarketSink): void {
    const raw = this.#raw
    // The oldest shape has its one level on the envelope.
    if (raw.changeCount === 0 && raw.changesKey === 0) return this.#emitChange(sink, raw.whole, raw.whole)
    const envelope = raw.whole
    for (let i = 0; i < raw.changeCount; i++) {
      const change = raw.changes[i]!
      // The older shape names the token and the hash once, on the envelope.
      this.#emitChange(sink, change, change.assetTo === 0 ? envelope : change)
    }
  }

  #emitChange(sink: MarketSink, change: PriceChange, asset: PriceChange): void {
    const out = this.#begin(sink, asset)
    out.bids.clear()
    out.asks.clear()
    ;(change.side === 1 ? out.bids : out.asks).push(change.pxE6, change.sizeE6)
    out.bestBidE6 = change.bestBidE6
    out.bestAskE6 = change.bestAskE6
    out.pxE6 = change.pxE6
    sink.delta(out)
  }

  #emitTrade(sink: MarketSink): void {
    const raw = this.#raw
    const out = this.#begin(sink, raw.whole)
    out.pxE6 = raw.whole.pxE6
    out.sizeE6 = raw.whole.sizeE6
    out.side = raw.whole.side
    out.tradeIdFrom = raw.txFrom
    out.tradeIdTo = raw.txTo
    sink.trade(out)
  }

  #emitTick(sink: MarketSink): void {
    const out = this.#begin(sink, this.#raw.whole)
    out.tickE6 = this.#raw.newTickE6
    out.oldTickE6 = this.#raw.oldTickE6
    sink.tickSize(out)
  }
}

/** A `/book` body has no event_type. */
function isBook(raw: PolymarketMessage): boolean {
  return raw.event === EVENT.book || (raw.event === EVENT.none && raw.hasBids && raw.hasAsks)
}

function changesAreSound(raw: PolymarketMessage): boolean {
  if (raw.changesBroken) return false
  if (raw.changeCount === 0 && raw.changesKey === 0) return raw.whole.assetTo > 0 && isSound(raw.whole)
  for (let i = 0; i < raw.changeCount; i++) {
    const change = raw.changes[i]!
    if (!isSound(change) || (change.assetTo === 0 && raw.whole.assetTo === 0)) return false
  }
  return true
}

function isSound(change: PriceChange): boolean {
  return change.pxE6 > 0 && change.sizeE6 >= 0 && change.side !== 0
}

/** PONG, PING (some servers add a space), `[]` and the empty message carry no market data. */
export function isControl(buf: Uint8Array, from: number, to: number): boolean {
  let end = to
  while (end > from && (buf[end - 1] === 32 || buf[end - 1] === 10)) end--
  const length = end - from
  if (length === 0) return true
  if (length === 2) return buf[from] === 91 && buf[from + 1] === 93
  if (length !== 4) return false
  const second = buf[from + 1]
  return buf[from] === 80 && (second === 79 || second === 73) && buf[from + 2] === 78 && buf[from + 3] === 71
}
