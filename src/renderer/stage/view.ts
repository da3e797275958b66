/**
 * What the heatmap shows: time to the right, rows (ticks from each column's own spot) upwards.
 * One mutable object, so that moving it allocates nothing. Pixels are CSS pixels of the plot, y down.
 */
export interface View {
  /** Unix seconds (with fraction) at the right edge. */
  rightSec: number
  pxPerSec: number
  /** Row at half height. */
  centreRow: number
  pxPerRow: number
  width: number
  height: number
  /** Device pixels per CSS pixel. */
  dpr: number
}

export const MIN_PX_PER_SEC = 0.04
export const MAX_PX_PER_SEC = 96
export const MIN_PX_PER_ROW = 0.35
export const MAX_PX_PER_ROW = 40
/** Share of the width that stays free to the right of the playhead while following. */
export const FOLLOW_MARGIN = 0.06

export function newView(): View {
  return { rightSec: 0, pxPerSec: 4, centreRow: 0, pxPerRow: 3, width: 1, height: 1, dpr: 1 }
}

export function xOfSec(view: View, sec: number): number {
  return view.width - (view.rightSec - sec) * view.pxPerSec
}

export function secOfX(view: View, x: number): number {
  return view.rightSec - (view.width - x) / view.pxPerSec
}

export function yOfRow(view: View, row: number): number {
  return view.height / 2 - (row - view.centreRow) * view.pxPerRow
}

export function rowOfY(view: View, y: number): number {
  return view.centreRow + (view.height / 2 - y) / view.pxPerRow
}

/** Seconds at the left edge. */
export function leftSec(view: View): number {
  return secOfX(view, 0)
}

/** Zooms time by a factor (2 = twice as wide), the instant under x stays under x. */
export function zoomTime(view: View, factor: number, x: number): void {
  const sec = secOfX(view, x)
  view.pxPerSec = clamp(view.pxPerSec * factor, MIN_PX_PER_SEC, MAX_PX_PER_SEC)
  view.rightSec = sec + (view.width - x) / view.pxPerSec
}

/** Zooms rows by a factor, the row under y stays under y. */
export function zoomRows(view: View, factor: number, y: number): void {
  const row = rowOfY(view, y)
  view.pxPerRow = clamp(view.pxPerRow * factor, MIN_PX_PER_ROW, MAX_PX_PER_ROW)
  view.centreRow = clamp(row - (view.height / 2 - y) / view.pxPerRow, -600, 600)
}

/** Moves the picture by pixels: positive dx shows older columns, positive dy shows higher prices. */
export function pan(view: View, dx: number, dy: number): void {
  view.rightSec -= dx / view.pxPerSec
  view.centreRow = clamp(view.centreRow + dy / view.pxPerRow, -600, 600)
}

/** Puts the playhead near the right edge. */
export function follow(view: View, playheadSec: number): void {
  view.rightSec = playheadSec + (view.width * FOLLOW_MARGIN) / view.pxPerSec
}

/** Zoomed out, a column is at least this many device pixels wide: thinner ones cannot be told apart and cost a fetch each. */
export const LEAST_COLUMN_PX = 1.5

/** Level of the coarser columns at which a column is wide enough to be seen. */
export function levelFor(view: View, maxLevel: number): number {
  return clamp(Math.ceil(Math.log2(LEAST_COLUMN_PX / (view.pxPerSec * view.dpr))), 0, maxLevel)
}

/** A cell of fewer device pixels cannot be read: a sparse book would be dust. */
const LEAST_CELL_PX = 2

/** Rows that share one cell on screen: 1, 2 or 4 (a texel holds 4). The largest size of them is shown. */
export function rowsPerCell(view: View): 1 | 2 | 4 {
  const rowPx = view.pxPerRow * view.dpr
  if (rowPx >= LEAST_CELL_PX) return 1
  return 2 * rowPx >= LEAST_CELL_PX ? 2 : 4
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value
}

/** Round step (1, 2, 5 × 10^k) of at least `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  for (const multiple of [1, 2, 5, 10]) if (multiple * power >= least * (1 - 1e-9)) return multiple * power
  return 10 * power
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

/** Step in seconds for the time axis, at least `leastPx` apart. */
export function timeStep(view: View, leastPx: number): number {
  return TIME_STEPS.find((step) => step * view.pxPerSec >= leastPx) ?? 86_400
}
