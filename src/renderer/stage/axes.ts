import { COLUMN } from './columnLevel.ts'
import type { ColumnStore } from './columnStore.ts'
import { drawFillMarks, type FillMark } from './fillMarks.ts'
import type { Playhead } from './playhead.ts'
import { priceText, utcTime } from './priceText.ts'
import { leftSec, niceStep, rowOfY, timeStep, type View, xOfSec, yOfRow } from './view.ts'

/** Colours and font of the axes; the panels use the same values from theme.css. */
export const INK = {
  strip: '#0d1117',
  line: '#222b38',
  text: '#9aa7b8',
  bright: '#e8edf4',
  grid: 'rgba(160,180,210,0.055)',
  accent: '#7fd1ff'
} as const
export const AXIS_FONT = '11px system-ui, "Segoe UI", "Liberation Sans", sans-serif'

interface AxisData {
  readonly columns: ColumnStore
  readonly playhead: Playhead
  /** Fills of a strategy run that are drawn over the picture. */
  readonly fills: readonly FillMark[]
}

/** Draws fills, grid, price axis (for the newest visible column), time axis and playhead over the picture. */
export function drawAxes(canvas: HTMLCanvasElement, { columns, playhead, fills }: AxisData, view: View): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(view.dpr, 0, 0, view.dpr, 0, 0)
  const width = canvas.width / view.dpr
  const height = canvas.height / view.dpr
  context.clearRect(0, 0, width, height)
  context.font = AXIS_FONT
  context.textBaseline = 'middle'
  if (!columns.empty) {
    drawSpotLine(context, view)
    drawFillMarks(context, fills, columns, view, playhead.sec)
  }
  context.fillStyle = INK.strip
  context.fillRect(view.width, 0, width - view.width, height)
  context.fillRect(0, view.height, width, height - view.height)
  if (columns.empty) return
  drawTimes(context, view)
  drawPrices(context, columns, view)
  drawPlayhead(context, playhead.sec, view)
}

function drawSpotLine(context: CanvasRenderingContext2D, view: View): void {
  const y = Math.round(yOfRow(view, 0)) + 0.5
  if (y < 0 || y > view.height) return
  context.strokeStyle = 'rgba(232,237,244,0.16)'
  context.beginPath()
  context.moveTo(0, y)
  context.lineTo(view.width, y)
  context.stroke()
}

function drawTimes(context: CanvasRenderingContext2D, view: View): void {
  const step = timeStep(view, 76)
  context.textAlign = 'center'
  for (let sec = Math.ceil(leftSec(view) / step) * step; sec <= view.rightSec; sec += step) {
    const x = Math.round(xOfSec(view, sec)) + 0.5
    context.fillStyle = INK.grid
    context.fillRect(x - 0.5, 0, 1, view.height)
    context.fillStyle = INK.line
    context.fillRect(x - 0.5, view.height, 1, 4)
    if (x < 26 || x > view.width - 26) continue
    context.fillStyle = INK.text
    context.fillText(utcTime(sec), x, view.height + 13)
  }
  context.textAlign = 'left'
  context.fillStyle = INK.text
  context.fillText('UTC', view.width + 8, view.height + 13)
}

function drawPrices(context: CanvasRenderingContext2D, columns: ColumnStore, view: View): void {
  const second = columns.presentAtOrBefore(Math.floor(view.rightSec))
  if (second === undefined) return
  const spot = columns.spotAt(second) ?? 0
  const tick = columns.tickAt(second) ?? 1
  const stepTicks = Math.max(1, niceStep(38 / view.pxPerRow))
  const spotTicks = Math.round(spot / tick)
  context.textAlign = 'left'
  for (let ticks = Math.ceil((spotTicks + rowOfY(view, view.height)) / stepTicks) * stepTicks; ; ticks += stepTicks) {
    const y = yOfRow(view, ticks - spotTicks)
    if (y < 0) break
    context.fillStyle = INK.grid
    context.fillRect(0, Math.round(y), view.width, 1)
    // A price below zero is only room under the book.
    if (ticks < 0 || y < 9 || y > view.height - 9 || Math.abs(y - yOfRow(view, 0)) < 15) continue
    context.fillStyle = INK.line
    context.fillRect(view.width, Math.round(y), 4, 1)
    context.fillStyle = INK.text
    context.fillText(priceText(ticks * tick, tick), view.width + 8, y)
  }
  drawSpotTag(context, view, priceText(spot, tick), (columns.flagsAt(second) & COLUMN.carried) !== 0)
}

function drawSpotTag(context: CanvasRenderingContext2D, view: View, text: string, carried: boolean): void {
  const y = yOfRow(view, 0)
  if (y < 0 || y > view.height) return
  context.fillStyle = carried ? '#4a3a1c' : '#243347'
  context.fillRect(view.width + 1, y - 9, 200, 18)
  context.fillStyle = INK.bright
  context.fillText(carried ? `${text}*` : text, view.width + 8, y + 0.5)
}

function drawPlayhead(context: CanvasRenderingContext2D, sec: number, view: View): void {
  const x = Math.round(xOfSec(view, sec)) + 0.5
  if (x < 0 || x > view.width) return
  context.strokeStyle = 'rgba(232,237,244,0.5)'
  context.setLineDash([3, 4])
  context.beginPath()
  context.moveTo(x, 0)
  context.lineTo(x, view.height)
  context.stroke()
  context.setLineDash([])
}
