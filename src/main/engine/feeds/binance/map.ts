import { JsonScan, reparse } from '../json/jsonScan.ts'
import { keyHash } from '../json/keyHash.ts'
import { MarketMessage, OUTCOME, type FeedMapper, type LevelList, type MarketSink, type Outcome } from '../marketSink.ts'

const EVENT = { none: 0, depth: 1, trade: 2, other: 3 } as const

/** Meaning of Binance spot streams (depth, trade, aggTrade as unknown, bookTicker) and of `/api/v3/depth` bodies. */
export class BinanceMapper implements FeedMapper {
  fallbacks = 0
  readonly #scan = new JsonScan()
  readonly #out = new MarketMessage()
  #event: number = EVENT.none
  #symbolFrom = 0
  #symbolTo = 0
  #symbolHash = 0
  #hasLevels = false
  #rejected = false
  /** `u`, `U`, `lastUpdateId` as stated; NaN when absent. */
  #lastUpdateId = NaN
  #reply = false
  #maker = 0
  #tradeTimeMs = NaN

  map(buf: Uint8Array, from: number, to: number, sink: MarketSink, restKey: string | undefined): Outcome {
    if (from === to) return OUTCOME.control
    const fast = this.#mapText(buf, from, to, sink, restKey, false)
    if (fast !== undefined) return fast
    const again = reparse(buf, from, to)
    if (again === undefined) return OUTCOME.malformed
    this.fallbacks++
    return this.#mapText(again, 0, again.length, sink, restKey, true) ?? OUTCOME.unknown
  }

  #mapText(buf: Uint8Array, from: number, to: number, sink: MarketSink, restKey: string | undefined, lenient: boolean): Outcome | undefined {
    const scan = this.#scan
    this.#reset(buf)
    scan.start(buf, from, to, lenient)
    this.#scanObject(scan, true)
    scan.finish()
    if (scan.bad) return undefined
    return this.#emit(sink, restKey)
  }

  #reset(buf: Uint8Array): void {
    const out = this.#out
    out.buf = buf
    out.bids.clear()
    out.asks.clear()
    out.firstSeq = out.lastSeq = out.exchTsMs = out.pxE6 = out.sizeE6 = NaN
    out.bestBidE6 = out.bestAskE6 = out.bestBidSizeE6 = out.bestAskSizeE6 = NaN
    out.tradeIdFrom = out.tradeIdTo = 0
    this.#event = EVENT.none
    this.#symbolFrom = this.#symbolTo = this.#maker = 0
    this.#lastUpdateId = this.#tradeTimeMs = NaN
    this.#hasLevels = this.#rejected = this.#reply = false
  }

  #scanObject(scan: JsonScan, outer: boolean): void {
    scan.expect(123)
    if (scan.take(125)) return
    do {
      scan.key()
      if (scan.bad) return
      if (scan.to - scan.from === 1) this.#scanLetter(scan, scan.buf[scan.from]!)
      else this.#scanWord(scan, outer)
    } while (!scan.bad && scan.take(44))
    scan.expect(125)
  }

  #scanWord(scan: JsonScan, outer: boolean): void {
    if (outer && scan.is('data')) return scan.peek() === 123 ? this.#scanObject(scan, false) : scan.skip()
    if (scan.is('bids')) return this.#levels(scan, this.#out.bids)
    if (scan.is('asks')) return this.#levels(scan, this.#out.asks)
    if (scan.is('lastUpdateId')) {
      scan.scalar()
      this.#lastUpdateId = scan.integer()
      return
    }
    if (scan.is('result') || scan.is('id')) this.#reply = true
    scan.skip()
  }

  /** One-letter fields; b and a are level lists in depth events and prices in bookTicker. */
  #scanLetter(scan: JsonScan, letter: number): void {
    const out = this.#out
    const nested = (letter === 98 || letter === 97) && scan.peek() === 91
    if (nested) return this.#levels(scan, letter === 98 ? out.bids : out.asks)
    scan.scalar()
    if (scan.bad) return
    switch (letter) {
      case 101: this.#event = scan.is('depthUpdate') ? EVENT.depth : scan.is('trade') ? EVENT.trade : EVENT.other; return
      case 69: out.exchTsMs = scan.integer(); return
      case 85: out.firstSeq = scan.integer(); return
      case 117: out.lastSeq = scan.integer(); return
      case 112: out.pxE6 = scan.e6(); return
      case 113: out.sizeE6 = scan.e6(); return
      case 98: out.bestBidE6 = scan.e6(); return
      case 66: out.bestBidSizeE6 = scan.e6(); return
      case 97: out.bestAskE6 = scan.e6(); return
      case 65: out.bestAskSizeE6 = scan.e6(); return
      case 109: this.#maker = scan.is('true') ? 2 : scan.is('false') ? 1 : 0; return
      case 84: this.#tradeTimeMs = scan.integer(); return
      case 116: out.tradeIdFrom = scan.from; out.tradeIdTo = scan.to; return
      case 115:
        this.#symbolFrom = scan.from
        this.#symbolTo = scan.to
        this.#symbolHash = scan.hash
    }
  }

  /** `[["61602.01","0.5"], ...]` */
  #levels(scan: JsonScan, out: LevelList): void {
    this.#hasLevels = true
    out.clear()
    scan.expect(91)
    if (scan.take(93)) return
    do {
      scan.expect(91)
      scan.scalar()
      const px = scan.e6()
      scan.expect(44)
      scan.scalar()
      const size = scan.e6()
      scan.expect(93)
      if (px > 0 && size >= 0) out.push(px, size)
      else this.#rejected = true
    } while (!scan.bad && scan.take(44))
    scan.expect(93)
  }

  #emit(sink: MarketSink, restKey: string | undefined): Outcome {
    if (this.#rejected) return OUTCOME.rejected
    if (this.#hasLevels && this.#event === EVENT.none) return this.#emitSnapshot(sink, restKey)
    if (this.#event === EVENT.depth) return this.#emitDepth(sink)
    if (this.#event === EVENT.trade) return this.#emitTrade(sink)
    if (this.#event === EVENT.none && this.#out.bestBidE6 >= 0 && this.#symbolTo > 0) return this.#emitTop(sink)
    if (this.#reply && this.#event === EVENT.none) return OUTCOME.control
    return OUTCOME.unknown
  }

  #emitSnapshot(sink: MarketSink, restKey: string | undefined): Outcome {
    if (restKey === undefined || !(this.#lastUpdateId >= 0)) return OUTCOME.rejected
    const key = new TextEncoder().encode(restKey)
    this.#out.instrumentId = sink.instrumentOf(key, 0, key.length, keyHash(key, 0, key.length))
    this.#out.lastSeq = this.#lastUpdateId
    sink.snapshot(this.#out)
    return OUTCOME.decoded
  }

  #emitDepth(sink: MarketSink): Outcome {
    const out = this.#out
    if (!this.#identify(sink) || !(out.firstSeq >= 0 && out.lastSeq >= out.firstSeq)) return OUTCOME.rejected
    sink.delta(out)
    return OUTCOME.decoded
  }

  #emitTrade(sink: MarketSink): Outcome {
    const out = this.#out
    if (!(out.pxE6 > 0 && out.sizeE6 >= 0) || !this.#identify(sink)) return OUTCOME.rejected
    // m: the buyer is the maker, so the seller took liquidity.
    out.side = this.#maker
    if (this.#tradeTimeMs >= 0) out.exchTsMs = this.#tradeTimeMs
    sink.trade(out)
    return OUTCOME.decoded
  }

  #emitTop(sink: MarketSink): Outcome {
    const out = this.#out
    if (!(out.bestAskE6 >= 0 && out.bestBidSizeE6 >= 0 && out.bestAskSizeE6 >= 0) || !this.#identify(sink)) return OUTCOME.rejected
    sink.venueTop(out)
    return OUTCOME.decoded
  }

  #identify(sink: MarketSink): boolean {
    if (this.#symbolTo === 0) return false
    this.#out.instrumentId = sink.instrumentOf(this.#out.buf, this.#symbolFrom, this.#symbolTo, this.#symbolHash)
    return true
  }
}
