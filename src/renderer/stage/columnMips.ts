import { AT_ASK_ROW, AT_BID_ROW, AT_FLAGS, COLUMN, COLUMN_FLOATS, ColumnLevel, ROWS, TILE_COLUMNS } from './columnLevel.ts'
import { CAPACITY, type ColumnStore } from './columnStore.ts'

/** Coarsest level: 2^6 = 64 seconds a column. */
export const MAX_LEVEL = 6

/**
 * Coarser copies of the columns for the zoomed-out view: each level halves the columns and keeps the larger size of each row,
 * so that drawing costs the same for 200 columns and for 10,000. Built on demand, kept up to date by dirty marks.
 */
export class ColumnMips {
  readonly #store: ColumnStore
  readonly #levels: (ColumnLevel | undefined)[]
  #generation = 0

  constructor(store: ColumnStore) {
    this.#store = store
    this.#levels = [store.base]
  }

  /** The level, brought up to date. 0 is the store itself. */
  level(wanted: number): ColumnLevel {
    this.#forgetWhenCleared()
    let fine: ColumnLevel = this.#store.base
    for (let level = 1; level <= Math.min(wanted, MAX_LEVEL); level++) {
      const coarse = this.#levels[level] ?? new ColumnLevel(level, CAPACITY >> level)
      this.#levels[level] = coarse
      const source = fine
      fine.takeUp((slot) => combine(source, coarse, slot))
      fine = coarse
    }
    return fine
  }

  #forgetWhenCleared(): void {
    if (this.#generation === this.#store.base.generation) return
    this.#generation = this.#store.base.generation
    for (let level = 1; level <= MAX_LEVEL; level++) this.#levels[level]?.clear()
  }
}

function combine(fine: ColumnLevel, coarse: ColumnLevel, slot: number): void {
  const source = fine.tileOfSlot(2 * slot)
  const a = ((2 * slot) % TILE_COLUMNS) * COLUMN_FLOATS
  const b = a + COLUMN_FLOATS
  const target = coarse.tileOfSlot(slot)
  const o = (slot % TILE_COLUMNS) * COLUMN_FLOATS
  for (let i = 0; i < ROWS; i++) {
    const x = source[a + i] ?? 0
    const y = source[b + i] ?? 0
    target[o + i] = (x < 0 ? -x : x) > (y < 0 ? -y : y) ? x : y
  }
  const newer = source[b + AT_FLAGS] ?? 0
  target[o + AT_BID_ROW] = source[((newer & COLUMN.hasBid) === 0 ? a : b) + AT_BID_ROW] ?? 0
  target[o + AT_ASK_ROW] = source[((newer & COLUMN.hasAsk) === 0 ? a : b) + AT_ASK_ROW] ?? 0
  target[o + AT_FLAGS] = (source[a + AT_FLAGS] ?? 0) | newer
  coarse.touch(slot)
}
