import type { Ladder } from '../../../shared/channels/index.ts'
import { decimalText, priceText, sizeText } from '../../stage/index.ts'

const ROW_PX = 19
const MAX_SIDE_ROWS = 40

interface Row {
  readonly element: HTMLElement
  readonly price: HTMLElement
  readonly size: HTMLElement
  readonly bar: HTMLElement
}

/** The ladder's rows as plain elements, made once and rewritten in place: asks above, the spread, bids below. */
export class LadderDom {
  readonly #box: HTMLElement
  readonly #spread: HTMLElement
  readonly #warning: HTMLElement
  #asks: Row[] = []
  #bids: Row[] = []

  constructor(box: HTMLElement) {
    this.#box = box
    this.#spread = element('div', 'spread-row')
    this.#spread.dataset['testid'] = 'spread'
    this.#warning = element('div', 'book-warning')
    this.#warning.dataset['testid'] = 'book-untrusted'
    this.#warning.textContent = 'Book not trusted'
    this.resize()
  }

  /** Makes as many rows as fit. */
  resize(): void {
    const side = Math.min(MAX_SIDE_ROWS, Math.max(3, Math.floor((this.#box.clientHeight / ROW_PX - 1) / 2)))
    if (side === this.#asks.length) return
    this.#asks = Array.from({ length: side }, () => makeRow('ask'))
    this.#bids = Array.from({ length: side }, () => makeRow('bid'))
    const asks = this.#asks.map((row) => row.element).reverse()
    this.#box.replaceChildren(...asks, this.#spread, ...this.#bids.map((row) => row.element), this.#warning)
  }

  update(book: Ladder | undefined): void {
    this.#box.classList.toggle('untrusted', book !== undefined && !book.bookOk)
    this.#warning.hidden = book === undefined || book.bookOk
    const bids = book?.levels.bids ?? []
    const asks = book?.levels.asks ?? []
    const tick = book?.tickE6 ?? 10_000
    const largest = Math.max(1, largestSize(bids, this.#bids.length), largestSize(asks, this.#asks.length))
    this.#write(this.#bids, bids, tick, largest)
    this.#write(this.#asks, asks, tick, largest)
    const text = book === undefined ? 'no book yet' : spreadText(bids[0], asks[0], tick)
    if (this.#spread.textContent !== text) this.#spread.textContent = text
  }

  #write(rows: readonly Row[], levels: readonly number[], tick: number, largest: number): void {
    for (const [i, row] of rows.entries()) {
      const price = levels[2 * i]
      const size = levels[2 * i + 1] ?? 0
      setText(row.price, price === undefined ? '' : priceText(price, tick))
      setText(row.size, price === undefined ? '' : sizeText(size))
      row.bar.style.transform = `scaleX(${price === undefined ? 0 : Math.sqrt(size / largest)})`
    }
  }
}

/** What stands between the sides: spread in price and ticks, or what is missing. */
export function spreadText(bid: number | undefined, ask: number | undefined, tickE6: number): string {
  if (bid === undefined && ask === undefined) return 'both sides empty'
  if (bid === undefined) return 'no bids'
  if (ask === undefined) return 'no asks'
  const ticks = Math.round((ask - bid) / tickE6)
  return `spread ${priceText(ask - bid, tickE6)} · ${ticks} ${ticks === 1 ? 'tick' : 'ticks'} · mid ${decimalText((bid + ask) / 2, 6).replace(/0{1,4}$/, '')}`
}

function largestSize(levels: readonly number[], rows: number): number {
  let largest = 0
  for (let i = 1; i < Math.min(levels.length, rows * 2); i += 2) largest = Math.max(largest, levels[i] ?? 0)
  return largest
}

function makeRow(side: 'bid' | 'ask'): Row {
  const row = element('div', `ladder-row ${side}`)
  const bar = element('span', 'bar')
  const price = element('span', 'price')
  const size = element('span', 'size')
  row.append(bar, price, size)
  return { element: row, bar, price, size }
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  return made
}

function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text
}
