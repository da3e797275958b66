import { JsonScan, reparse, TOO_MUCH } from '../json/jsonScan.ts'
import { keyHash } from '../json/keyHash.ts'
import { MarketMessage, OUTCOME, type FeedMapper, type LevelList, type MarketSink, type Outcome } from '../marketSink.ts'
import { scanUsualLevels } from './usualLevels.ts'

const EVENT = { none: 0, depth: 1, trade: 2, other: 3, aggTrade: 4 } as const
/** What became of a list of levels; `broken` holds something that cannot be. */
const LIST = { absent: 0, sound: 1, broken: 2 } as const

/** Meaning of Binance spot streams (depth, trade, bookTicker; aggTrade repeats trades and makes no event) and of `/api/v3/depth` bodies. */
export class BinanceMapper implements FeedMapper {
  fallbacks = 0
  kind = ''
  readonly #scan = new JsonScan()
  readonly #out = new MarketMessage()
  #event: number = EVENT.none
  #symbolFrom = 0
  #symbolTo = 0
  #symbolHash = 0
  /** `b` and `a` of a depth event, `bids` and `asks` of a snapshot. */
  #b: number = LIST.absent
  #a: number = LIST.absent
  #bids: number = LIST.absent
  #asks: number = LIST.absent
  #hasTop = false
  #wrapped = false
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
    if (again === TOO_MUCH) return OUTCOME.rejected
    return this.#mapText(again, 0, again.length, sink, restKey, true) ?? OUTCOME.unknown
  }

  #mapText(
    buf: Uint8Array,
    from: number,
    to: number,
    sink: MarketSink,
    restKey: string | undefined,
    lenient: boolean
  ): Outcome | undefined {
    const scan = this.#scan
    this.#reset(buf)
    this.#wrapped = false
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
    this.#b = this.#a = this.#bids = this.#asks = LIST.absent
    this.#hasTop = this.#reply = false
  }

  #scanObject(scan: JsonScan, outer: boolean): void {
    scan.expect(123)
    if (scan.take(125)) return
    do {
      scan.key()
      if (scan.bad) return
      if (outer && this.#wrapped) this.#scanAfterData(scan)
      else if (scan.to - scan.from === 1) this.#scanLetter(scan, scan.buf[scan.from]!)
      else this.#scanWord(scan, outer)
    } while (!scan.bad && scan.take(44))
    scan.expect(125)
  }

  #scanWord(scan: JsonScan, outer: boolean): void {
    if (outer && scan.is('data')) return this.#scanData(scan)
    if (scan.is('bids')) this.#bids = this.#levels(scan, this.#out.bids)
    else if (scan.is('asks')) this.#asks = this.#levels(scan, this.#out.asks)
    else if (scan.is('lastUpdateId')) {
      scan.scalar()
      this.#lastUpdateId = scan.integer()
    } else {
      if (scan.is('result') || scan.is('id')) this.#reply = true
      scan.skip()
    }
  }

  /** The combined form: only what lies under `data` is the message, whatever stands around it. */
  #scanData(scan: JsonScan): void {
    if (scan.peek() !== 123) return scan.skip()
    this.#reset(scan.buf)
    this.#wrapped = true
    this.#scanObject(scan, false)
  }

  #scanAfterData(scan: JsonScan): void {
    // A second `data` would count instead of the first: JSON.parse decides such things.
    if (scan.is('data')) scan.bad = true
    else scan.skip()
  }

  /** One-letter fields; b and a are level lists in depth events and prices in bookTicker. */
  #scanLetter(scan: JsonScan, letter: number): void {
    const out = this.#out
    const isSide = letter === 98 || letter === 97
    if (isSide && scan.peek() === 91) {
      if (letter === 98) this.#b = this.#levels(scan, out.bids)
      else this.#a = this.#levels(scan, out.asks)
      return
    }
    scan.scalar()
    if (scan.bad) return
    if (isSide) this.#hasTop = true
    switch (letter) {
      case 101:
        this.#event = eventOf(scan)
        return
      case 69:
        out.exchTsMs = scan.integer()
        return
      case 85:
        out.firstSeq = scan.integer()
        return
      case 117:
        out.lastSeq = scan.integer()
        return
      case 112:
        out.pxE6 = scan.e6()
        return
      case 113:
        out.sizeE6 = scan.e6()
        return
      case 98:
        this.#b = LIST.absent
        out.bestBidE6 = scan.e6()
        return
      case 66:
        out.bestBidSizeE6 = scan.e6()
        return
      case 97:
        this.#a = LIST.absent
        out.bestAskE6 = scan.e6()
        return
      case 65:
        out.bestAskSizeE6 = scan.e6()
        return
      case 109:
        this.#maker = scan.is('true') ? 2 : scan.is('false') ? 1 : 0
        return
      case 84:
        this.#tradeTimeMs = scan.integer()
        return
      case 116:
        out.tradeIdFrom = scan.from
        out.tradeIdTo = scan.isText ? scan.to : scan.from
        return
      case 115:
        this.#symbolFrom = scan.from
        this.#symbolTo = scan.isString ? scan.to : scan.from
        this.#symbolHash = scan.hash
    }
  }

  /** `[["61602.01","0.5"], ...]`; what else stands in a level means nothing here. */
  #levels(scan: JsonScan, out: LevelList): number {
    out.clear()
    if (!scan.opens(91)) return LIST.broken
    scan.pos++
    if (scan.take(93)) return LIST.sound
    let result: number = LIST.sound
    do {
      if (scanUsualLevels(scan, out) && (!scan.opens(91) || !this.#level(scan, out))) result = LIST.broken
    } while (!scan.bad && scan.take(44))
    scan.expect(93)
    return result
  }

  #level(scan: JsonScan, out: LevelList): boolean {
    scan.pos++
    if (scan.take(93)) return false
    scan.scalar()
    const px = scan.e6()
    if (scan.take(93)) return false
    scan.expect(44)
    scan.scalar()
    const size = scan.e6()
    while (!scan.bad && scan.take(44)) scan.skip()
    scan.expect(93)
    if (!(px > 0 && size >= 0)) return false
    out.push(px, size)
    return true
  }

  #emit(sink: MarketSink, restKey: string | undefined): Outcome {
    if (this.#event === EVENT.depth) return this.#emitDepth(sink)
    if (this.#event === EVENT.trade) return this.#emitTrade(sink)
    if (this.#event === EVENT.aggTrade) return this.#decoded('aggTrade')
    if (this.#event === EVENT.other) return OUTCOME.unknown
    if ((this.#bids | this.#asks | this.#b | this.#a) !== LIST.absent) return this.#emitSnapshot(sink, restKey)
    if (this.#hasTop && this.#symbolTo > this.#symbolFrom) return this.#emitTop(sink)
    return this.#reply ? OUTCOME.control : OUTCOME.unknown
  }

  #emitSnapshot(sink: MarketSink, restKey: string | undefined): Outcome {
    const sound = this.#bids === LIST.sound && this.#asks === LIST.sound && this.#b === LIST.absent && this.#a === LIST.absent
    if (restKey === undefined || !sound || !(this.#lastUpdateId >= 0)) return OUTCOME.rejected
    const key = new TextEncoder().encode(restKey)
    this.#out.instrumentId = sink.instrumentOf(key, 0, key.length, keyHash(key, 0, key.length))
    this.#out.lastSeq = this.#lastUpdateId
    sink.snapshot(this.#out)
    return this.#decoded('depth')
  }

  #emitDepth(sink: MarketSink): Outcome {
    const out = this.#out
    const sound = this.#b === LIST.sound && this.#a === LIST.sound && this.#bids === LIST.absent && this.#asks === LIST.absent
    if (!sound || !(out.firstSeq >= 0 && out.lastSeq >= out.firstSeq) || !this.#identify(sink)) return OUTCOME.rejected
    sink.delta(out)
    return this.#decoded('depthUpdate')
  }

  #emitTrade(sink: MarketSink): Outcome {
    const out = this.#out
    if (!(out.pxE6 > 0 && out.sizeE6 >= 0) || !this.#identify(sink)) return OUTCOME.rejected
    // m: the buyer is the maker, so the seller took liquidity.
    out.side = this.#maker
    if (this.#tradeTimeMs >= 0) out.exchTsMs = this.#tradeTimeMs
    sink.trade(out)
    return this.#decoded('trade')
  }

  #emitTop(sink: MarketSink): Outcome {
    const out = this.#out
    if (!(out.bestBidE6 >= 0 && out.bestAskE6 >= 0 && out.bestBidSizeE6 >= 0 && out.bestAskSizeE6 >= 0) || !this.#identify(sink))
      return OUTCOME.rejected
    sink.venueTop(out)
    return this.#decoded('bookTicker')
  }

  #decoded(kind: string): Outcome {
    this.kind = kind
    return OUTCOME.decoded
  }

  /** Comes after all checks: a message that is not taken must not announce an instrument. */
  #identify(sink: MarketSink): boolean {
    if (this.#symbolTo === this.#symbolFrom) return false
    this.#out.instrumentId = sink.instrumentOf(this.#out.buf, this.#symbolFrom, this.#symbolTo, this.#symbolHash)
    return true
  }
}

function eventOf(scan: JsonScan): number {
  if (!scan.isString) return EVENT.other
  if (scan.is('depthUpdate')) return EVENT.depth
  if (scan.is('trade')) return EVENT.trade
  return scan.is('aggTrade') ? EVENT.aggTrade : EVENT.other
}
