import type { ColumnStore } from './columnStore.ts'
import { leftSec, type View, xOfSec, yOfRow } from './view.ts'

/** A simulated fill of the instrument on screen: when (Unix seconds), at which price, which side. */
export interface FillMark {
  readonly sec: number
  readonly pxE6: number
  readonly buy: boolean
}

const HALF_PX = 5
const RIM = '#0b0f15'
const BUY = '#d8f4ff'
const SELL = '#ffe3bd'

/**
 * Draws fills at their price as triangles with a dark rim: up = buy, down = sell. Trades are circles, so the shapes tell them apart.
 * @param untilSec the playhead: what it has not reached is not shown
 */
export function drawFillMarks(
  context: CanvasRenderingContext2D,
  marks: readonly FillMark[],
  columns: ColumnStore,
  view: View,
  untilSec: number
): void {
  const from = leftSec(view)
  const to = Math.min(view.rightSec, untilSec)
  for (const mark of marks) {
    if (mark.sec < from || mark.sec > to) continue
    const second = columns.presentAtOrBefore(Math.floor(mark.sec))
    const spot = second === undefined ? undefined : columns.spotAt(second)
    const tick = second === undefined ? undefined : columns.tickAt(second)
    if (spot === undefined || tick === undefined || tick <= 0) continue
    const y = yOfRow(view, (mark.pxE6 - spot) / tick)
    if (y >= 0 && y <= view.height) triangle(context, xOfSec(view, mark.sec), y, mark.buy)
  }
}

function triangle(context: CanvasRenderingContext2D, x: number, y: number, buy: boolean): void {
  const up = buy ? 1 : -1
  context.beginPath()
  context.moveTo(x, y - up * HALF_PX)
  context.lineTo(x - HALF_PX, y + up * HALF_PX)
  context.lineTo(x + HALF_PX, y + up * HALF_PX)
  context.closePath()
  context.fillStyle = buy ? BUY : SELL
  context.fill()
  context.strokeStyle = RIM
  context.stroke()
}
