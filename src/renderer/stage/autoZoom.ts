import { HALF_ROWS } from './columnLevel.ts'
import type { ColumnStore } from './columnStore.ts'
import { clamp, FOLLOW_MARGIN, MAX_PX_PER_ROW } from './view.ts'

/** Widest column of a run that has only begun, and the width at which shrinking stops, CSS pixels. */
const WIDE_PX = 12
const SETTLED_PX = 4
/** Levels a side that the first zoom of a book shows. */
const LEVELS = 20
/** A row is never thinner than this by itself: four of them still share a cell that can be read. */
const LEAST_ROW_PX = 0.55
const LEAST_HALF_ROWS = 14
/** Columns that are looked at, from the newest back, and how far apart. */
const SAMPLES = 8
const SAMPLE_STEP_S = 4
/** A row zoom that differs less than this from the wanted one stays: the picture keeps calm. */
const CALM = 1.3

/** Width of a second while the user has not chosen one: wide while there are few, so that the first minute looks alive. */
export function autoPxPerSec(width: number, seconds: number): number {
  return clamp((width * (1 - FOLLOW_MARGIN)) / Math.max(1, seconds), SETTLED_PX, WIDE_PX)
}

/** Height of a row at which about the nearest 20 levels of each side are in view; undefined while nothing rests. */
export function autoPxPerRow(height: number, columns: ColumnStore): number | undefined {
  const reach = typicalReach(columns)
  if (reach === undefined) return undefined
  return clamp(height / (2 * Math.max(LEAST_HALF_ROWS, reach * 1.1)), LEAST_ROW_PX, MAX_PX_PER_ROW)
}

/** True when a picture at the one zoom should be drawn at the other. */
export function differsMuch(current: number, wanted: number): boolean {
  return Math.max(current / wanted, wanted / current) > CALM
}

/** Distance in rows from the spot to the 20th level, the median over both sides of a few columns. */
function typicalReach(columns: ColumnStore): number | undefined {
  if (columns.empty) return undefined
  const reaches: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const second = columns.newest - i * SAMPLE_STEP_S
    if (second < columns.oldest) break
    for (const direction of [1, -1] as const) {
      const reach = reachOf(columns, second, direction)
      if (reach > 0) reaches.push(reach)
    }
  }
  reaches.sort((a, b) => a - b)
  return reaches[Math.floor(reaches.length / 2)]
}

/** Row of the 20th level of a side (of the last one, if there are fewer); 0 when nothing rests there. */
function reachOf(columns: ColumnStore, second: number, direction: 1 | -1): number {
  let seen = 0
  let last = 0
  for (let row = 0; row <= HALF_ROWS; row++) {
    if (columns.cell(second, row * direction) === 0) continue
    last = row
    if (++seen === LEVELS) break
  }
  return last
}
