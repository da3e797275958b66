import { AXIS_FONT, INK } from './axes.ts'
import { COLUMN } from './columnLevel.ts'
import type { ColumnStore } from './columnStore.ts'
import { priceText, rowText, utcTime } from './priceText.ts'
import { rowOfY, rowsPerCell, secOfX, type View, xOfSec, yOfRow } from './view.ts'
import { wipe } from './wipe.ts'

/** What lies under the crosshair. Prices in PxE6, size in SizeE6. */
export interface CrosshairValues {
  readonly second: number
  /** Ticks from the spot of that second. */
  readonly row: number
  readonly pxE6: number | undefined
  readonly tickE6: number | undefined
  readonly sizeE6: number
  readonly side: 'bid' | 'ask' | undefined
  readonly state: 'ok' | 'untrusted' | 'gap' | 'none'
  readonly spotCarried: boolean
}

/** Reads the store at a point of the plot. Zoomed out, the largest size of the rows that share the cell. */
export function valuesAt(columns: ColumnStore, view: View, x: number, y: number): CrosshairValues {
  const second = Math.floor(secOfX(view, x))
  const pointed = Math.round(rowOfY(view, y))
  const row = largestRow(columns, second, pointed, rowsPerCell(view))
  const flags = columns.flagsAt(second)
  const spot = columns.spotAt(second)
  const tickE6 = columns.tickAt(second)
  const size = columns.cell(second, row)
  return {
    second,
    row,
    tickE6,
    pxE6: spot === undefined || tickE6 === undefined ? undefined : spot + row * tickE6,
    sizeE6: Math.abs(size),
    side: size > 0 ? 'bid' : size < 0 ? 'ask' : undefined,
    state:
      (flags & COLUMN.present) === 0 ? 'none' : (flags & COLUMN.gap) !== 0 ? 'gap' : (flags & COLUMN.untrusted) !== 0 ? 'untrusted' : 'ok',
    spotCarried: (flags & COLUMN.carried) !== 0
  }
}

function largestRow(columns: ColumnStore, second: number, row: number, perCell: number): number {
  if (perCell === 1) return row
  const first = Math.floor(row / perCell) * perCell
  let best = row
  for (let r = first; r < first + perCell; r++) {
    if (Math.abs(columns.cell(second, r)) > Math.abs(columns.cell(second, best))) best = r
  }
  return best
}

/** Draws the crosshair with a price tag on the price axis and a time tag on the time axis. */
export function drawCrosshair(canvas: HTMLCanvasElement, columns: ColumnStore, view: View, at: { x: number; y: number } | undefined): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(view.dpr, 0, 0, view.dpr, 0, 0)
  wipe(context, canvas.width / view.dpr, canvas.height / view.dpr)
  if (at === undefined || at.x > view.width || at.y > view.height || columns.empty) return
  const values = valuesAt(columns, view, at.x, at.y)
  const x = Math.round(xOfSec(view, values.second + 0.5)) + 0.5
  const y = Math.round(view.pxPerRow > 3 ? yOfRow(view, values.row) : at.y) + 0.5
  context.strokeStyle = 'rgba(232,237,244,0.45)'
  context.setLineDash([2, 3])
  context.beginPath()
  context.moveTo(x, 0)
  context.lineTo(x, view.height)
  context.moveTo(0, y)
  context.lineTo(view.width, y)
  context.stroke()
  context.setLineDash([])
  context.font = AXIS_FONT
  context.textBaseline = 'middle'
  const price = values.pxE6 === undefined ? rowText(values.row) : priceText(values.pxE6, values.tickE6 ?? 0)
  tag(context, view.width + 1, y - 9, 73, 18, price, view.width + 8)
  const left = Math.min(Math.max(0, x - 33), view.width - 66)
  tag(context, left, view.height + 3, 66, 18, utcTime(values.second), left + 10)
}

function tag(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, text: string, textX: number): void {
  context.fillStyle = '#3a4a61'
  context.fillRect(x, y, width, height)
  context.fillStyle = INK.bright
  context.textAlign = 'left'
  context.fillText(text, textX, y + height / 2 + 0.5)
}
