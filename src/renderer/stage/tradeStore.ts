import { AT_INSTRUMENT, AT_RECV, getI64, tapeTrades } from '../../shared/channels/index.ts'

/** Trades that the ring holds. */
export const TRADE_CAPACITY = 131_072

const { at } = tapeTrades

/** Index in the channel's list of sides. */
export const SIDE = { unknown: 0, buy: 1, sell: 2 } as const

/** One trade in plain form. */
export interface TradeView {
  readonly relNs: number
  readonly pxE6: number
  readonly sizeE6: number
  readonly side: 'unknown' | 'buy' | 'sell'
}

const SIDE_NAMES = ['unknown', 'buy', 'sell'] as const

/** Trades of the instrument on screen in receive order, in a ring. Written as records arrive; read by the layer and the list. */
export class TradeStore {
  readonly relNs = new Float64Array(TRADE_CAPACITY)
  readonly pxE6 = new Float64Array(TRADE_CAPACITY)
  readonly sizeE6 = new Float64Array(TRADE_CAPACITY)
  readonly side = new Uint8Array(TRADE_CAPACITY)
  readonly #instrument = new Uint32Array(TRADE_CAPACITY)
  #written = 0
  #sorted = true
  revision = 0

  get count(): number {
    return Math.min(this.#written, TRADE_CAPACITY)
  }

  /** Ring index of the i-th oldest trade. */
  indexOf(i: number): number {
    return (this.#written - this.count + i) % TRADE_CAPACITY
  }

  putBytes(view: DataView, start: number): void {
    const relNs = getI64(view, start + AT_RECV)
    const i = this.#written % TRADE_CAPACITY
    if (this.#written > 0 && relNs < (this.relNs[(this.#written - 1) % TRADE_CAPACITY] ?? 0)) this.#sorted = false
    this.relNs[i] = relNs
    this.pxE6[i] = getI64(view, start + at.pxE6)
    this.sizeE6[i] = getI64(view, start + at.sizeE6)
    this.side[i] = view.getUint32(start + at.side, true)
    this.#instrument[i] = view.getUint32(start + AT_INSTRUMENT, true)
    this.#written++
    this.revision++
  }

  /** Drops the trades of every other instrument: they came before it was known which one is on screen. */
  keepOnly(instrumentId: number): void {
    const n = this.count
    let foreign = 0
    for (let i = 0; i < n; i++) if (this.#instrument[i] !== instrumentId) foreign++
    if (foreign === 0) return
    const order = this.#order().filter((k) => this.#instrument[k] === instrumentId)
    this.#arrange(order)
    this.revision++
  }

  /** First i whose trade is at or after the instant; `count` when there is none. */
  firstAtOrAfter(relNs: number): number {
    this.sort()
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.relNs[this.indexOf(middle)] ?? 0) < relNs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The i-th oldest trade in plain form. */
  tradeAt(i: number): TradeView | undefined {
    if (i < 0 || i >= this.count) return undefined
    this.sort()
    const k = this.indexOf(i)
    return {
      relNs: this.relNs[k] ?? 0,
      pxE6: this.pxE6[k] ?? 0,
      sizeE6: this.sizeE6[k] ?? 0,
      side: SIDE_NAMES[this.side[k] ?? 0] ?? 'unknown'
    }
  }

  clear(): void {
    this.#written = 0
    this.#sorted = true
    this.revision++
  }

  /** History may arrive after the trades that follow it; then everything is put in order once. */
  sort(): void {
    if (!this.#sorted) this.#arrange(this.#order())
  }

  /** Ring indices by receive time; the order of arrival breaks ties. */
  #order(): number[] {
    return Array.from({ length: this.count }, (_, i) => this.indexOf(i)).sort((a, b) => (this.relNs[a] ?? 0) - (this.relNs[b] ?? 0))
  }

  #arrange(order: readonly number[]): void {
    for (const column of [this.relNs, this.pxE6, this.sizeE6, this.side, this.#instrument]) {
      const copy = column.slice()
      for (let i = 0; i < order.length; i++) column[i] = copy[order[i] ?? 0] ?? 0
    }
    this.#written = order.length
    this.#sorted = true
  }
}
