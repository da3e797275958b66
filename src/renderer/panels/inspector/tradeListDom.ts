import type { ScreenData } from '../../client/frameRouter.ts'
import { priceText, sizeText, utcTime } from '../../stage/index.ts'

const ROWS = 60

interface Row {
  readonly element: HTMLElement
  readonly cells: readonly HTMLElement[]
}

/** The newest trades as plain rows, rewritten in place. Side in words as well as in colour. */
export class TradeListDom {
  readonly #rows: readonly Row[]
  #revision = -1

  constructor(box: HTMLElement) {
    this.#rows = Array.from({ length: ROWS }, makeRow)
    box.replaceChildren(...this.#rows.map((row) => row.element))
  }

  update({ trades, columns, playhead }: ScreenData): void {
    if (this.#revision === trades.revision) return
    this.#revision = trades.revision
    const tick = columns.empty ? 10_000 : (columns.tickAt(columns.presentAtOrBefore(columns.newest) ?? 0) ?? 10_000)
    const { count } = trades
    for (const [i, row] of this.#rows.entries()) {
      const trade = trades.tradeAt(count - 1 - i)
      row.element.className = trade === undefined ? 'trade-row none' : `trade-row ${trade.side}`
      const texts =
        trade === undefined
          ? ['', '', '', '']
          : [utcTime(playhead.secOf(trade.relNs)), trade.side, priceText(trade.pxE6, tick), sizeText(trade.sizeE6)]
      for (const [k, cell] of row.cells.entries()) if (cell.textContent !== texts[k]) cell.textContent = texts[k] ?? ''
    }
  }
}

function makeRow(): Row {
  const row = document.createElement('div')
  row.className = 'trade-row none'
  const cells = ['time', 'side', 'price', 'size'].map((name) => {
    const cell = document.createElement('span')
    cell.className = name
    return cell
  })
  row.append(...cells)
  return { element: row, cells }
}
