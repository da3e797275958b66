import { COLUMN_FLOATS, type ColumnLevel, HALF_ROWS, ROWS, TILE_COLUMNS } from './columnLevel.ts'
import { type ColumnMips, MAX_LEVEL } from './columnMips.ts'
import type { ColumnStore } from './columnStore.ts'
import { leftSec, levelFor, rowOfY, rowsPerCell, type View } from './view.ts'

/** Bins of the size histogram: exponent and 5 leading bits of the float's fraction, so each bin is about 3 % wide. */
const BINS = 8192
const SHIFT = 18
const SAMPLED_COLUMNS = 96

const bins = new Uint32Array(BINS)
const scratch = new Float32Array(1)
const scratchBits = new Uint32Array(scratch.buffer)

/**
 * Size (SizeE6) below which the given share of the cells in view lies, from at most 96 visible columns. It looks at the cells as they
 * are drawn: zoomed out, a cell shows the largest size of its seconds and rows.
 * @param percent 0..100
 * @returns undefined when nothing rests in view
 */
export function visiblePercentile(store: ColumnStore, mips: ColumnMips, view: View, percent: number): number | undefined {
  if (store.empty) return undefined
  const level = mips.level(levelFor(view, MAX_LEVEL))
  const width = 2 ** level.level
  const from = Math.floor(Math.max(store.oldest, leftSec(view)) / width)
  const to = Math.floor(Math.min(store.newest, view.rightSec) / width)
  const perCell = rowsPerCell(view)
  const low = Math.max(0, Math.floor((rowOfY(view, view.height) + HALF_ROWS) / perCell) * perCell)
  const high = Math.min(2 * HALF_ROWS, Math.ceil(rowOfY(view, 0)) + HALF_ROWS)
  const step = Math.max(1, Math.floor((to - from) / SAMPLED_COLUMNS))
  bins.fill(0)
  let total = 0
  for (let bucket = to; bucket >= from; bucket -= step) total += countColumn(level, level.slotOf(bucket), low, high, perCell)
  return total === 0 ? undefined : valueAt(Math.max(1, Math.ceil((total * percent) / 100)))
}

function countColumn(level: ColumnLevel, slot: number, low: number, high: number, perCell: number): number {
  const tile = level.tile(Math.floor(slot / TILE_COLUMNS))
  if (tile === undefined) return 0
  const o = (slot % TILE_COLUMNS) * COLUMN_FLOATS
  let found = 0
  for (let i = low; i <= high; i += perCell) {
    let value = Math.abs(tile[o + i] ?? 0)
    for (let k = 1; k < perCell && i + k < ROWS; k++) value = Math.max(value, Math.abs(tile[o + i + k] ?? 0))
    if (value === 0) continue
    scratch[0] = value
    const bin = (scratchBits[0] ?? 0) >>> SHIFT
    bins[bin] = (bins[bin] ?? 0) + 1
    found++
  }
  return found
}

/** Upper edge of the bin in which the n-th smallest value lies. */
function valueAt(n: number): number {
  let seen = 0
  for (let bin = 0; bin < BINS; bin++) {
    seen += bins[bin] ?? 0
    if (seen < n) continue
    scratchBits[0] = (bin + 1) << SHIFT
    return scratch[0] ?? 0
  }
  return 0
}
