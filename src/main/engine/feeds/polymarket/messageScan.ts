import type { JsonScan } from '../json/jsonScan.ts'
import { levelKernel } from '../json/levelKernel.ts'
import { LevelList } from '../marketSink.ts'

export const EVENT = { none: 0, book: 1, priceChange: 2, lastTradePrice: 3, tickSizeChange: 4, other: 5 } as const

/** One entry of `price_changes`. Byte ranges point into the payload. */
export class PriceChange {
  assetFrom = 0
  assetTo = 0
  assetHash = 0
  /** Number of these asset bytes among those that are known; 0 when they were read one by one. */
  token = 0
  marketFrom = 0
  marketTo = 0
  pxE6 = NaN
  sizeE6 = NaN
  /** 0 unknown, 1 buy (bids), 2 sell (asks). */
  side = 0
  hashFrom = 0
  hashTo = 0
  bestBidE6 = NaN
  bestAskE6 = NaN

  reset(): void {
    this.assetFrom = this.assetTo = this.assetHash = this.marketFrom = this.marketTo = this.side = this.hashFrom = this.hashTo = 0
    this.pxE6 = this.sizeE6 = this.bestBidE6 = this.bestAskE6 = NaN
    this.token = 0
  }
}

/** The fields of one market channel message, whatever their order. Lists that hold something that cannot be are marked as broken. */
export class PolymarketMessage {
  event: number = EVENT.none
  bidsBroken = false
  asksBroken = false
  changesBroken = false
  readonly whole = new PriceChange()
  readonly bids = new LevelList()
  readonly asks = new LevelList()
  hasBids = false
  hasAsks = false
  timestampMs = NaN
  tsFrom = 0
  tsTo = 0
  tickE6 = NaN
  oldTickE6 = NaN
  newTickE6 = NaN
  lastTradeFrom = 0
  lastTradeTo = 0
  txFrom = 0
  txTo = 0
  readonly changes: PriceChange[] = []
  changeCount = 0
  /** Length of the key under which the list of changes stood; 0 = there was none. */
  changesKey = 0

  reset(): void {
    this.event = EVENT.none
    this.hasBids = this.hasAsks = this.bidsBroken = this.asksBroken = this.changesBroken = false
    this.whole.reset()
    this.bids.clear()
    this.asks.clear()
    this.timestampMs = this.tickE6 = this.oldTickE6 = this.newTickE6 = NaN
    this.lastTradeFrom = this.lastTradeTo = this.txFrom = this.txTo = this.changeCount = this.changesKey = this.tsFrom = this.tsTo = 0
  }

  nextChange(): PriceChange {
    const change = this.changes[this.changeCount] ?? new PriceChange()
    this.changes[this.changeCount++] = change
    change.reset()
    return change
  }
}

/** Reads one object of the market channel. Sets `scan.bad` on anything the scanner does not take. */
export function scanMessage(scan: JsonScan, out: PolymarketMessage): void {
  out.reset()
  scan.expect(123)
  if (scan.take(125)) return
  do {
    scan.key()
    if (scan.bad) return
    scanField(scan, out)
  } while (!scan.bad && scan.take(44))
  scan.expect(125)
}

/** Fields are told apart by length and, where lengths meet, by their text: no allocation per key. */
function scanField(scan: JsonScan, out: PolymarketMessage): void {
  switch (scan.to - scan.from) {
    case 4:
      if (scan.is('bids')) {
        out.hasBids = true
        out.bidsBroken = !scanLevels(scan, out.bids)
        return
      }
      if (scan.is('asks')) {
        out.hasAsks = true
        out.asksBroken = !scanLevels(scan, out.asks)
        return
      }
      return scanCommon(scan, out.whole)
    case 7:
      return scan.is('changes') ? scanChanges(scan, out) : scan.skip()
    case 9:
      if (scan.is('timestamp')) {
        scan.scalar()
        out.timestampMs = scan.integer()
        out.tsFrom = scan.from
        out.tsTo = scan.to
        return
      }
      if (!scan.is('tick_size')) return scan.skip()
      out.tickE6 = scalarE6(scan)
      return
    case 10:
      if (!scan.is('event_type')) return scan.skip()
      scan.scalar()
      out.event = eventOf(scan)
      return
    case 13:
      if (scan.is('price_changes')) return scanChanges(scan, out)
      return scanTickChange(scan, out)
    case 16:
      return scanLongField(scan, out)
    default:
      return scanCommon(scan, out.whole)
  }
}

function scanTickChange(scan: JsonScan, out: PolymarketMessage): void {
  if (scan.is('old_tick_size')) out.oldTickE6 = scalarE6(scan)
  else if (scan.is('new_tick_size')) out.newTickE6 = scalarE6(scan)
  else scan.skip()
}

function scanLongField(scan: JsonScan, out: PolymarketMessage): void {
  if (scan.is('last_trade_price')) {
    scan.scalar()
    out.lastTradeFrom = scan.from
    out.lastTradeTo = scan.isText ? scan.to : scan.from
  } else if (scan.is('transaction_hash')) {
    scan.scalar()
    out.txFrom = scan.from
    out.txTo = scan.isText ? scan.to : scan.from
  } else scan.skip()
}

function eventOf(scan: JsonScan): number {
  if (!scan.isString) return EVENT.other
  if (scan.is('price_change')) return EVENT.priceChange
  if (scan.is('book')) return EVENT.book
  if (scan.is('last_trade_price')) return EVENT.lastTradePrice
  return scan.is('tick_size_change') ? EVENT.tickSizeChange : EVENT.other
}

/** Fields that an entry of price_changes and a whole message share. */
function scanCommon(scan: JsonScan, out: PriceChange): void {
  switch (scan.to - scan.from) {
    case 4:
      if (scan.is('size')) out.sizeE6 = scalarE6(scan)
      else if (scan.is('side')) {
        scan.scalar()
        out.side = !scan.isString ? 0 : scan.is('BUY') ? 1 : scan.is('SELL') ? 2 : 0
      } else if (scan.is('hash')) {
        scan.scalar()
        out.hashFrom = scan.from
        out.hashTo = scan.isString ? scan.to : scan.from
      } else scan.skip()
      return
    case 5:
      if (scan.is('price')) out.pxE6 = scalarE6(scan)
      else scan.skip()
      return
    case 6:
      if (!scan.is('market')) return scan.skip()
      scan.scalar()
      out.marketFrom = scan.from
      out.marketTo = scan.isString ? scan.to : scan.from
      return
    case 8:
      return scanEightLetters(scan, out)
    default:
      return scan.skip()
  }
}

function scanEightLetters(scan: JsonScan, out: PriceChange): void {
  if (scan.is('asset_id')) {
    scan.scalar()
    const given = scan.isString && scan.to > scan.from
    out.assetFrom = given ? scan.from : 0
    out.assetTo = given ? scan.to : 0
    out.assetHash = given ? scan.hash : 0
  } else if (scan.is('best_bid')) out.bestBidE6 = scalarE6(scan)
  else if (scan.is('best_ask')) out.bestAskE6 = scalarE6(scan)
  else scan.skip()
}

function scalarE6(scan: JsonScan): number {
  scan.scalar()
  return scan.e6()
}

const BOTH_KEYS = -1

function scanChanges(scan: JsonScan, out: PolymarketMessage): void {
  const key = scan.to - scan.from
  // Both shapes at once: nobody can say which of them holds.
  const both = out.changesKey !== 0 && out.changesKey !== key
  out.changesKey = both ? BOTH_KEYS : key
  out.changesBroken = out.changesKey === BOTH_KEYS
  out.changeCount = 0
  if (!scan.opens(91)) {
    out.changesBroken = true
    return
  }
  scan.expect(91)
  if (scan.take(93)) return
  do {
    if (!scan.opens(123)) {
      out.changesBroken = true
      continue
    }
    scanChange(scan, out.nextChange())
  } while (!scan.bad && scan.take(44))
  scan.expect(93)
}

function scanChange(scan: JsonScan, change: PriceChange): void {
  scan.expect(123)
  if (scan.take(125)) return
  do {
    scan.key()
    if (scan.bad) return
    scanCommon(scan, change)
  } while (!scan.bad && scan.take(44))
  scan.expect(125)
}

/** `[{"price":"0.01","size":"12"}, ...]`. @returns false when it is no list, or a level lacks a price or a size that is not negative */
function scanLevels(scan: JsonScan, out: LevelList): boolean {
  out.clear()
  if (!scan.opens(91)) return false
  scan.pos++
  if (scan.take(93)) return true
  let sound = true
  const kernel = levelKernel()
  do {
    scan.pos = kernel.read(scan.buf, scan.pos, scan.end, out)
    if (kernel.needsLevel && (!scan.opens(123) || !scanLevel(scan, out))) sound = false
  } while (!scan.bad && scan.take(44))
  scan.expect(93)
  return sound
}

function scanLevel(scan: JsonScan, out: LevelList): boolean {
  let px = NaN
  let size = NaN
  scan.pos++
  if (scan.take(125)) return false
  do {
    scan.key()
    if (scan.bad) return false
    if (scan.is('price')) px = scalarE6(scan)
    else if (scan.is('size')) size = scalarE6(scan)
    else scan.skip()
  } while (!scan.bad && scan.take(44))
  scan.expect(125)
  if (!(px > 0 && size >= 0)) return false
  out.push(px, size)
  return true
}
