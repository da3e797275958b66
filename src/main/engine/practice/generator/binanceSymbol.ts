import { depthSnapshotJson, type BinanceSymbolFacts } from '../wire/binanceText.ts'
import { eightDecimals } from './decimalText.ts'
import type { Level } from './ladder.ts'
import { MarketModel, type Change } from './marketModel.ts'
import type { Random } from './random.ts'

/** Name, price in dollars, price decimals, quantity decimals of the first symbols; later ones are numbered. */
const KNOWN: readonly (readonly [string, number, number, number])[] = [
  ['BTC', 61_000, 2, 5],
  ['ETH', 3_300, 2, 4],
  ['SOL', 150, 2, 3],
  ['BNB', 580, 2, 3],
  ['XRP', 0.62, 4, 1],
  ['DOGE', 0.12, 5, 0]
]

interface PendingDepth {
  firstId: number
  readonly bids: Set<number>
  readonly asks: Set<number>
}

/** One generated Binance symbol: its book in whole ticks and lots, its ids, and what the next depth message will carry. */
export class BinanceSymbol {
  readonly facts: BinanceSymbolFacts
  readonly streamBase: string
  readonly model: MarketModel
  updateId: number
  tradeId: number
  aggId: number
  pending: PendingDepth | undefined
  readonly #priceDecimals: number
  readonly #quantityDecimals: number

  constructor(index: number, random: Random) {
    const [base, dollars, priceDecimals, quantityDecimals] = KNOWN[index] ?? [`PRAC${index}`, 1 + random.unit() * 50, 4, 2]
    this.#priceDecimals = priceDecimals
    this.#quantityDecimals = quantityDecimals
    const symbol = `${base}USDT`
    this.facts = { symbol, base, quote: 'USDT', tickSize: eightDecimals(1, priceDecimals), stepSize: eightDecimals(1, quantityDecimals) }
    this.streamBase = symbol.toLowerCase()
    const price = Math.round(dollars * (0.95 + random.unit() * 0.1) * 10 ** priceDecimals)
    this.model = new MarketModel(shapeFor(price, dollars, quantityDecimals), 1, price, random)
    this.updateId = 1_000_000_000 + random.below(1_000_000_000)
    this.tradeId = 1_000_000 + random.below(1_000_000_000)
    this.aggId = Math.floor(this.tradeId / 2)
  }

  /** Applies a change under a fresh update id and remembers it for the next depth message. */
  apply(change: Change): void {
    this.model.apply(change)
    this.updateId++
    this.pending ??= { firstId: this.updateId, bids: new Set(), asks: new Set() }
    this.pending[change.side === 'bid' ? 'bids' : 'asks'].add(change.px)
  }

  price(ticks: number): string {
    return eightDecimals(ticks, this.#priceDecimals)
  }

  quantity(lots: number): string {
    return eightDecimals(lots, this.#quantityDecimals)
  }

  /** Price and quantity of the best level, zeros for an empty side. */
  top(side: 'bid' | 'ask'): [string, string] {
    const level = this.model.ladder(side).at(0)
    return [this.price(level?.px ?? 0), this.quantity(level?.size ?? 0)]
  }

  /** Current totals of the touched prices as JSON pairs: bids from the highest, asks from the lowest. */
  pendingPairs(side: 'bid' | 'ask'): string[] {
    const touched = this.pending?.[side === 'bid' ? 'bids' : 'asks'] ?? new Set<number>()
    const sign = side === 'bid' ? -1 : 1
    const ladder = this.model.ladder(side)
    return [...touched].sort((a, b) => (a - b) * sign).map((px) => `["${this.price(px)}","${this.quantity(ladder.sizeAt(px))}"]`)
  }

  snapshotJson(limit: number): string {
    const pair = (level: Level): string => `["${this.price(level.px)}","${this.quantity(level.size)}"]`
    const bestFirst = (levels: readonly Level[]): string[] => levels.slice(-limit).reverse().map(pair)
    return depthSnapshotJson(this.updateId, bestFirst(this.model.bids.levels), bestFirst(this.model.asks.levels))
  }
}

function shapeFor(price: number, dollars: number, quantityDecimals: number): MarketModel['shape'] {
  const lots = 10 ** quantityDecimals
  return {
    minPx: Math.max(1, Math.round(price * 0.2)),
    maxPx: Math.round(price * 5),
    spacing: Math.max(1, price * 4e-7),
    minLevels: 300,
    maxLevels: 600,
    // Between about ten dollars and a hundred thousand, mostly small.
    drawSize: (random) => Math.max(1, Math.round((Math.exp(2.3 + random.unit() * random.unit() * 9.2) / dollars) * lots))
  }
}
