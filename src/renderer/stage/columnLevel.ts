/** Rows on each side of the spot that a column keeps, in ticks (the reach of `depth_1s`). */
export const HALF_ROWS = 600
/** Rows of a column: from -HALF_ROWS (cheapest) to +HALF_ROWS, the spot in the middle. */
export const ROWS = 2 * HALF_ROWS + 1
/** Floats of one column in memory: the rows, then the facts below. A multiple of 4, because a texel holds 4 rows. */
export const COLUMN_FLOATS = 1216
/** Texels (RGBA float) of one column. */
export const COLUMN_TEXELS = COLUMN_FLOATS / 4
/** Float that holds the column's flags; the next two hold the best bid and ask as rows. First component of a texel. */
export const AT_FLAGS = 1204
export const AT_BID_ROW = 1205
export const AT_ASK_ROW = 1206
/** Columns of one tile: one texture, one upload unit. */
export const TILE_COLUMNS = 1024

/** What is known of a column's second. `hole`: no column came although its neighbours did. */
export const COLUMN = { present: 1, untrusted: 2, carried: 4, gap: 8, hole: 16, hasBid: 32, hasAsk: 64 } as const

/** Dirty marks of a column: `gpu` = the texture is behind, `up` = the coarser level is behind. */
export const DIRTY = { gpu: 1, up: 2 } as const

/**
 * Columns of one resolution in a ring of tiles: bucket b (2^level seconds wide) lies in slot b % capacity.
 * Cells hold sizes in SizeE6: positive for bids, negative for asks, 0 for nothing. Tiles are allocated when first written.
 */
export class ColumnLevel {
  readonly level: number
  readonly capacity: number
  readonly tileCount: number
  readonly #tiles: (Float32Array | undefined)[]
  readonly #dirty: Uint8Array
  readonly #dirtyGpuOfTile: Uint32Array
  /** Slots from..to (exclusive) hold everything that the coarser level has not taken; empty when from >= to. */
  #upFrom = 0
  #upTo = 0
  /** Rises when every texture must be written anew. */
  generation = 0

  constructor(level: number, capacity: number) {
    this.level = level
    this.capacity = capacity
    this.tileCount = Math.ceil(capacity / TILE_COLUMNS)
    this.#tiles = new Array<Float32Array | undefined>(this.tileCount).fill(undefined)
    this.#dirty = new Uint8Array(capacity)
    this.#dirtyGpuOfTile = new Uint32Array(this.tileCount)
  }

  slotOf(bucket: number): number {
    return ((bucket % this.capacity) + this.capacity) % this.capacity
  }

  tile(index: number): Float32Array | undefined {
    return this.#tiles[index]
  }

  /** The tile that holds the slot, allocated when missing. */
  tileOfSlot(slot: number): Float32Array {
    const index = Math.floor(slot / TILE_COLUMNS)
    const found = this.#tiles[index]
    if (found !== undefined) return found
    const made = new Float32Array(TILE_COLUMNS * COLUMN_FLOATS)
    this.#tiles[index] = made
    return made
  }

  touch(slot: number): void {
    const before = this.#dirty[slot] ?? 0
    if ((before & DIRTY.gpu) === 0) {
      const tile = Math.floor(slot / TILE_COLUMNS)
      this.#dirtyGpuOfTile[tile] = (this.#dirtyGpuOfTile[tile] ?? 0) + 1
    }
    this.#dirty[slot] = DIRTY.gpu | DIRTY.up
    const none = this.#upFrom >= this.#upTo
    this.#upFrom = none ? slot : Math.min(this.#upFrom, slot)
    this.#upTo = none ? slot + 1 : Math.max(this.#upTo, slot + 1)
  }

  dirtyColumns(tile: number): number {
    return this.#dirtyGpuOfTile[tile] ?? 0
  }

  /** True when the slot's texture row was behind; it counts as written from now on. */
  takeGpu(slot: number): boolean {
    if (((this.#dirty[slot] ?? 0) & DIRTY.gpu) === 0) return false
    this.#dirty[slot] = (this.#dirty[slot] ?? 0) & ~DIRTY.gpu
    const tile = Math.floor(slot / TILE_COLUMNS)
    this.#dirtyGpuOfTile[tile] = (this.#dirtyGpuOfTile[tile] ?? 1) - 1
    return true
  }

  /** Calls `raise` for each pair of slots of which the coarser level has not taken one; they count as taken from now on. */
  takeUp(raise: (coarseSlot: number) => void): void {
    const last = Math.floor((this.#upTo - 1) / 2)
    for (let coarse = Math.floor(this.#upFrom / 2); coarse <= last; coarse++) {
      const left = this.#dirty[2 * coarse] ?? 0
      const right = this.#dirty[2 * coarse + 1] ?? 0
      if (((left | right) & DIRTY.up) === 0) continue
      this.#dirty[2 * coarse] = left & ~DIRTY.up
      this.#dirty[2 * coarse + 1] = right & ~DIRTY.up
      raise(coarse)
    }
    this.#upFrom = 0
    this.#upTo = 0
  }

  /** Empties a run of slots that does not wrap. Tiles never written stay unallocated. */
  clearSlots(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      const tile = this.#tiles[Math.floor(slot / TILE_COLUMNS)]
      if (tile === undefined) continue
      const at = (slot % TILE_COLUMNS) * COLUMN_FLOATS
      if (tile[at + AT_FLAGS] === 0) continue
      tile.fill(0, at, at + COLUMN_FLOATS)
      this.touch(slot)
    }
  }

  clear(): void {
    for (const tile of this.#tiles) tile?.fill(0)
    this.#dirty.fill(0)
    this.#dirtyGpuOfTile.fill(0)
    this.#upFrom = 0
    this.#upTo = 0
    this.generation++
  }
}
