import type { EventBatch } from '../events/eventBatch.ts'
import type { MarketTable } from '../events/marketTable.ts'
import { BestLevel, ScanCounts } from './bestLevel.ts'
import { holdsBookKey } from './bookKeys.ts'
import { parseBooks } from './bookParse.ts'
import { BookScan } from './bookScan.ts'
import { BookTable, type BookObject } from './bookTable.ts'

/** What a normaliser counted. Nothing of it stops a run. */
export interface NormaliserCounts {
  /** Payloads that are not JSON, or too deeply nested. */
  decodeErrors: number
  /** Sides that are no list, elements that are no object, books without a usable market id. */
  schemaErrors: number
  /** Payloads that the fast scanner left to JSON.parse. */
  fallbacks: number
  /** Messages without a full book: price changes, trades, PONG and so on. Where every change is an event: those that are no data of the venue's. */
  skipped: number
  readonly bids: ScanCounts
  readonly asks: ScanCounts
}

export function newCounts(): NormaliserCounts {
  return { decodeErrors: 0, schemaErrors: 0, fallbacks: 0, skipped: 0, bids: new ScanCounts(), asks: new ScanCounts() }
}

/**
 * Payloads to canonical events: each full book in a message becomes one event with its best bid and ask. Two steps, so that each can be timed:
 * `decode` reads the bytes, `normalise` interprets them.
 */
export class BookNormaliser {
  readonly counts = newCounts()
  readonly #markets: MarketTable
  readonly #scan = new BookScan()
  readonly #table = new BookTable()
  readonly #bid = new BestLevel()
  readonly #ask = new BestLevel()

  constructor(markets: MarketTable) {
    this.#markets = markets
  }

  /** @returns false when the payload has no full book in it */
  decode(buf: Uint8Array, from: number, to: number): boolean {
    if (!holdsBookKey(buf, from, to)) {
      this.counts.skipped++
      return false
    }
    const table = this.#table
    if (!this.#scan.scan(buf, from, to, table)) {
      if (!parseBooks(buf, from, to, table)) {
        this.counts.decodeErrors++
        return false
      }
      this.counts.fallbacks++
    }
    this.counts.schemaErrors += table.strangers
    return true
  }

  /** Appends the events of the payload that was decoded last. */
  normalise(recvRelNs: number, out: EventBatch): void {
    const { objects, objectCount } = this.#table
    for (let i = 0; i < objectCount; i++) this.#book(objects[i]!, recvRelNs, out)
  }

  #book(object: BookObject, recvRelNs: number, out: EventBatch): void {
    const { counts } = this
    const { buf, levels } = this.#table
    const market = this.#marketOf(object)
    if (market < 0) {
      counts.schemaErrors++
      return
    }
    if (object.bidsBroken) counts.schemaErrors++
    if (object.asksBroken) counts.schemaErrors++
    const bid = this.#bid
    const ask = this.#ask
    bid.find(levels, object.bidsFirst, object.bidsCount, 1, counts.bids)
    ask.find(levels, object.asksFirst, object.asksCount, -1, counts.asks)
    if (bid.pxE6 !== bid.pxE6 && ask.pxE6 !== ask.pxE6) return
    out.push(market, bid.pxE6, bid.sizeE6, ask.pxE6, ask.sizeE6, timeOf(buf, object), recvRelNs)
  }

  /** The first usable of the names under which an id may stand; -1 when there is none. */
  #marketOf({ idFrom, idTo }: BookObject): number {
    for (let i = 0; i < idFrom.length; i++) if (idFrom[i]! >= 0) return this.#markets.ofBytes(this.#table.buf, idFrom[i]!, idTo[i]!)
    return -1
  }
}

const ascii = new TextDecoder('latin1')

/** The venue's time as a whole number; NaN when it states none. */
function timeOf(buf: Uint8Array, { tsFrom, tsTo, tsIsText }: BookObject): number {
  if (tsFrom < 0) return NaN
  let value = 0
  for (let i = tsFrom; i < tsTo; i++) {
    const digit = buf[i]! - 48
    if (digit < 0 || digit > 9) return unusualTime(ascii.decode(buf.subarray(tsFrom, tsTo)), tsIsText)
    value = value * 10 + digit
  }
  return tsTo > tsFrom && value <= Number.MAX_SAFE_INTEGER ? value : NaN
}

/** A sign is a whole number still; a fraction only where it stands as a number, and then it is cut off. */
function unusualTime(text: string, isText: boolean): number {
  if (isText && !/^[+-]?\d+$/.test(text)) return NaN
  const value = Math.trunc(Number(text))
  return Number.isSafeInteger(value) ? value + 0 : NaN
}
