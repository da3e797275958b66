import type { RunMarks, WindowMark } from '../../../shared/api/index.ts'
import type { WindowTrigger } from '../../../shared/channels/index.ts'
import { importance, TRIGGERS, TRIGGERS_BY_IMPORTANCE } from '../../ui/markText.ts'
import { type TimelineScale, xOfRel } from './timelineScale.ts'

/** CSS pixels: points above, three rows of bands below. */
const POINTS_PX = 10
const ROW_PX = 5
const ROWS = 3
/** A window is never thinner than this. */
const LEAST_PX = 2
export const METAR_INK = '#8fdcf2'
export const SHOCK_INK = '#ffd84d'

export interface BandRun {
  readonly row: number
  readonly fromX: number
  /** First pixel after it. */
  readonly toX: number
  readonly trigger: WindowTrigger
}

/** Height that the marks take; 0 when there are none. */
export function marksHeight({ metar, shocks, windows }: RunMarks): number {
  return metar.length + shocks.length + windows.length === 0 ? 0 : POINTS_PX + ROWS * (ROW_PX + 1) + 1
}

/** Draws reports, shocks and windows at the top. However many there are, each pixel is drawn once. @returns the height used */
export function drawMarks(context: CanvasRenderingContext2D, marks: RunMarks, scale: TimelineScale): number {
  const height = marksHeight(marks)
  if (height === 0) return 0
  for (const { row, fromX, toX, trigger } of bandRuns(marks.windows, scale)) {
    context.fillStyle = TRIGGERS[trigger].colour
    context.fillRect(fromX, POINTS_PX + row * (ROW_PX + 1), toX - fromX, ROW_PX)
  }
  context.fillStyle = METAR_INK
  for (const x of pixelsOf(marks.metar, scale)) diamond(context, x, 5)
  context.fillStyle = SHOCK_INK
  for (const x of pixelsOf(marks.shocks, scale)) spike(context, x)
  return height
}

/** Windows as runs of equal pixels in their rows. */
export function bandRuns(windows: readonly WindowMark[], scale: TimelineScale): readonly BandRun[] {
  const width = Math.max(1, Math.floor(scale.width))
  const rows = Array.from({ length: ROWS }, () => new Uint8Array(width))
  for (const { trigger, fromRelNs, toRelNs } of windows) {
    const row = rows[TRIGGERS[trigger].row]
    const rank = importance(trigger) + 1
    const from = Math.min(width - 1, Math.max(0, Math.floor(xOfRel(scale, fromRelNs))))
    const to = Math.min(width, Math.max(from + LEAST_PX, Math.ceil(xOfRel(scale, toRelNs ?? scale.endRelNs))))
    if (row !== undefined) for (let x = from; x < to; x++) if (row[x]! < rank) row[x] = rank
  }
  return rows.flatMap((row, i) => runsOf(row, i))
}

function runsOf(row: Uint8Array, rowIndex: number): BandRun[] {
  const runs: BandRun[] = []
  for (let x = 0, from = 0; x < row.length; x = from) {
    const rank = row[x]!
    while (from < row.length && row[from] === rank) from++
    const trigger = TRIGGERS_BY_IMPORTANCE[rank - 1]
    if (trigger !== undefined) runs.push({ row: rowIndex, fromX: x, toX: from, trigger })
  }
  return runs
}

/** Whole pixels on which instants fall, each once. */
function pixelsOf(times: readonly number[], scale: TimelineScale): ReadonlySet<number> {
  return new Set(times.map((relNs) => Math.round(xOfRel(scale, relNs))))
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath()
  context.moveTo(x, y - 4)
  context.lineTo(x + 3, y)
  context.lineTo(x, y + 4)
  context.lineTo(x - 3, y)
  context.fill()
}

function spike(context: CanvasRenderingContext2D, x: number): void {
  context.beginPath()
  context.moveTo(x - 3.5, 1)
  context.lineTo(x + 3.5, 1)
  context.lineTo(x, 9)
  context.fill()
}
