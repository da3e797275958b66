import type { StrategyResult } from '../../../shared/api/index.ts'
import { type TimelineScale, xOfRel } from './timelineScale.ts'

/** Colours of the series; timeline.css has the same for the legend. */
const PNL_INK = '#7ee0b0'
const POSITION_INK = '#c79bf2'
const BUY_INK = '#63b3f5'
const SELL_INK = '#f3a753'
/** Half a triangle and a gap. */
const FILL_APART_PX = 5
const CANCEL_INK = '#8b96a5'
/** A tick and a gap. */
const INTENT_APART_PX = 2
const INTENT_PX = 4
const ZERO_INK = 'rgba(126,224,176,0.28)'

/** The band of the canvas that is drawn into, CSS pixels. */
export interface Band {
  readonly top: number
  readonly bottom: number
}

export interface StrategyPicture {
  readonly result: StrategyResult
  readonly showSeries: boolean
  readonly showFills: boolean
  readonly showIntents: boolean
}

/** Draws total PnL (with its zero line) and what was held long and short, each of the two at its own scale, intents as ticks at the edges, and fills as triangles: up = buy, down = sell. */
export function drawStrategy(context: CanvasRenderingContext2D, picture: StrategyPicture, scale: TimelineScale, band: Band): void {
  const { series, fillRows, intentRows } = picture.result
  if (picture.showSeries) {
    const held = rangeOf([...series.longPositionE6, ...series.shortPositionE6])
    for (const values of [series.longPositionE6, series.shortPositionE6])
      drawSteps(context, series.relNs, values, held, scale, band, POSITION_INK)
    const earned = rangeOf(series.totalPnlE6)
    const zero = yOf(0, earned, band)
    context.fillStyle = ZERO_INK
    context.fillRect(0, Math.round(zero), scale.width, 1)
    drawSteps(context, series.relNs, series.totalPnlE6, earned, scale, band, PNL_INK)
  }
  if (picture.showIntents) for (const { x, side } of intentPlaces(intentRows, scale)) drawIntent(context, x, side, band)
  if (!picture.showFills) return
  for (const { x, buy } of fillPlaces(fillRows, scale)) drawFill(context, x, buy, band)
}

/** Where fills are drawn: those of one side that would lie on each other share a triangle. */
export function fillPlaces(
  fills: StrategyResult['fillRows'],
  scale: TimelineScale
): readonly { readonly x: number; readonly buy: boolean }[] {
  const places: { x: number; buy: boolean }[] = []
  const last = { buy: -Infinity, sell: -Infinity }
  for (const fill of fills) {
    const x = xOfRel(scale, fill.relNs)
    if (x - last[fill.side] < FILL_APART_PX) continue
    last[fill.side] = x
    places.push({ x, buy: fill.side === 'buy' })
  }
  return places
}

type IntentSide = 'buy' | 'sell' | 'cancel'

/** Where intents are drawn: those of one kind that would lie on each other share a tick. */
export function intentPlaces(
  intents: StrategyResult['intentRows'],
  scale: TimelineScale
): readonly { readonly x: number; readonly side: IntentSide }[] {
  const places: { x: number; side: IntentSide }[] = []
  const last: Record<IntentSide, number> = { buy: -Infinity, sell: -Infinity, cancel: -Infinity }
  for (const { relNs, side: given } of intents) {
    const side = given ?? 'cancel'
    const x = xOfRel(scale, relNs)
    if (x - last[side] < INTENT_APART_PX) continue
    last[side] = x
    places.push({ x, side })
  }
  return places
}

interface Range {
  readonly low: number
  readonly high: number
}

/** Lowest and highest value with zero between them; a flat line lies in the middle. */
export function rangeOf(values: readonly number[]): Range {
  let low = 0
  let high = 0
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low === high ? { low: -1, high: 1 } : { low, high }
}

export function yOf(value: number, { low, high }: Range, { top, bottom }: Band): number {
  return bottom - ((value - low) / (high - low)) * (bottom - top)
}

/** A value holds until the next one: steps, nothing is drawn between. */
function drawSteps(
  context: CanvasRenderingContext2D,
  relNs: readonly number[],
  values: readonly number[],
  range: Range,
  scale: TimelineScale,
  band: Band,
  ink: string
): void {
  context.strokeStyle = ink
  context.lineWidth = 1.25
  context.beginPath()
  let y = 0
  for (const [i, at] of relNs.entries()) {
    const x = xOfRel(scale, at)
    if (i > 0) context.lineTo(x, y)
    y = yOf(values[i] ?? 0, range, band)
    if (i === 0) context.moveTo(x, y)
    else context.lineTo(x, y)
  }
  context.stroke()
}

/** Buys at the lower edge point up, sells at the upper edge point down, so that neither hides the other. */
function drawFill(context: CanvasRenderingContext2D, x: number, buy: boolean, { top, bottom }: Band): void {
  const tip = buy ? bottom - 7 : top + 7
  const foot = buy ? bottom : top
  context.fillStyle = buy ? BUY_INK : SELL_INK
  context.beginPath()
  context.moveTo(x, tip)
  context.lineTo(x - 3.5, foot)
  context.lineTo(x + 3.5, foot)
  context.fill()
}

/** Asked to buy at the lower edge, to sell at the upper edge, to cancel in the middle. */
function drawIntent(context: CanvasRenderingContext2D, x: number, side: IntentSide, { top, bottom }: Band): void {
  context.fillStyle = side === 'buy' ? BUY_INK : side === 'sell' ? SELL_INK : CANCEL_INK
  const y = side === 'buy' ? bottom - INTENT_PX : side === 'sell' ? top : (top + bottom - INTENT_PX) / 2
  context.fillRect(Math.round(x), y, 1, INTENT_PX)
}
