import { AT_INSTRUMENT, AT_PRESENT, depth1s, getI64, type Depth1s } from '../../shared/channels/index.ts'
import { AT_ASK_ROW, AT_BID_ROW, AT_FLAGS, COLUMN, COLUMN_FLOATS, ColumnLevel, HALF_ROWS, ROWS, TILE_COLUMNS } from './columnLevel.ts'

/** Seconds that the ring can hold: 3 hours 24 minutes. Divisible by every bucket width of the coarser levels. */
export const CAPACITY = 12_288
/** The ring is emptied in blocks ahead of the newest column, so that no coarse bucket mixes two turns of the ring. */
export const BLOCK = 64

const { at, bit, tailAt } = depth1s
const TWO_32 = 4_294_967_296

/** One column in plain form, for read-outs and tests. Sizes in SizeE6, prices in PxE6. */
export interface ColumnView {
  readonly second: number
  readonly bookOk: boolean
  readonly spotCarried: boolean
  readonly gap: boolean
  readonly spotPxE6: number
  readonly tickE6: number
  readonly bestBidPxE6: number | undefined
  readonly bestAskPxE6: number | undefined
  /** Pairs of row (ticks from the spot) and size. */
  readonly bids: readonly (readonly [number, number])[]
  readonly asks: readonly (readonly [number, number])[]
}

/**
 * The heatmap's columns, one a second, in a ring by second. Written from `depth_1s` records as they arrive; read by the layers.
 * Missing seconds between the oldest and the newest column carry the `hole` flag.
 */
export class ColumnStore {
  readonly base = new ColumnLevel(0, CAPACITY)
  readonly #flags = new Uint8Array(CAPACITY)
  readonly #spot = new Float64Array(CAPACITY)
  readonly #tick = new Float64Array(CAPACITY)
  #gaps = new Set<number>()
  #oldest = 0
  #newest = 0
  #count = 0
  /** Rises with every change. */
  revision = 0

  /** Columns that came (holes not counted). */
  get count(): number {
    return this.#count
  }

  get empty(): boolean {
    return this.#count === 0
  }

  /** Oldest second of the ring; meaningless while empty. */
  get oldest(): number {
    return this.#oldest
  }

  get newest(): number {
    return this.#newest
  }

  /** Flags of a second (see COLUMN); 0 when nothing is known of it. */
  flagsAt(second: number): number {
    return this.#inside(second) ? (this.#flags[this.base.slotOf(second)] ?? 0) : 0
  }

  /** Spot reference of a second in PxE6, undefined when it has no column. */
  spotAt(second: number): number | undefined {
    return (this.flagsAt(second) & COLUMN.present) === 0 ? undefined : this.#spot[this.base.slotOf(second)]
  }

  tickAt(second: number): number | undefined {
    return (this.flagsAt(second) & COLUMN.present) === 0 ? undefined : this.#tick[this.base.slotOf(second)]
  }

  /** Newest second at or before the given one that has a column. */
  presentAtOrBefore(second: number): number | undefined {
    if (this.#count === 0) return undefined
    for (let s = Math.min(second, this.#newest); s >= this.#oldest; s--) {
      if ((this.flagsAt(s) & COLUMN.present) !== 0) return s
    }
    return undefined
  }

  /** Size at a row in SizeE6: positive bid, negative ask, 0 nothing. */
  cell(second: number, row: number): number {
    if (!this.#inside(second) || row < -HALF_ROWS || row > HALF_ROWS) return 0
    const slot = this.base.slotOf(second)
    const tile = this.base.tile(Math.floor(slot / TILE_COLUMNS))
    return tile?.[(slot % TILE_COLUMNS) * COLUMN_FLOATS + row + HALF_ROWS] ?? 0
  }

  /** Takes a `depth_1s` record straight from the batch's bytes. */
  putBytes(view: DataView, start: number): void {
    const present = view.getUint32(start + AT_PRESENT, true)
    const has = (mask: number): boolean => (present & mask) !== 0
    const second = getI64(view, start + at.second)
    const slot = this.#enter(second)
    if (slot < 0) return
    const tick = getI64(view, start + at.tickE6)
    const spot = has(bit.spotPxE6) ? getI64(view, start + at.spotPxE6) : 0
    let flags: number = this.#gaps.has(second) ? COLUMN.gap : 0
    if (view.getUint32(start + at.bookOk, true) === 0) flags |= COLUMN.untrusted
    if (view.getUint32(start + at.spotCarried, true) !== 0) flags |= COLUMN.carried
    const tile = this.base.tileOfSlot(slot)
    const o = (slot % TILE_COLUMNS) * COLUMN_FLOATS
    if (((this.#flags[slot] ?? 0) & COLUMN.present) !== 0) tile.fill(0, o, o + COLUMN_FLOATS)
    if (has(bit.spotPxE6) && tick > 0) {
      flags |= COLUMN.present
      if (has(bit.bestBidPxE6)) flags |= COLUMN.hasBid
      if (has(bit.bestAskPxE6)) flags |= COLUMN.hasAsk
      tile[o + AT_BID_ROW] = has(bit.bestBidPxE6) ? Math.round((getI64(view, start + at.bestBidPxE6) - spot) / tick) : 0
      tile[o + AT_ASK_ROW] = has(bit.bestAskPxE6) ? Math.round((getI64(view, start + at.bestAskPxE6) - spot) / tick) : 0
      rasterLevels(view, start + tailAt, tile, o, spot, tick)
    } else flags |= COLUMN.hole
    this.#finish(slot, flags, spot, tick, tile, o)
  }

  /** Notes that a gap fell into this second; the column may come before or after. */
  markGap(second: number): void {
    this.#gaps.add(second)
    if (!this.#inside(second)) return
    this.#setFlags(second, this.flagsAt(second) | COLUMN.gap)
    this.revision++
  }

  /** Replaces all gap marks: another instrument, another run. */
  setGaps(seconds: Iterable<number>): void {
    for (const second of this.#gaps) if (this.#inside(second)) this.#setFlags(second, this.flagsAt(second) & ~COLUMN.gap)
    this.#gaps = new Set()
    for (const second of seconds) this.markGap(second)
    this.revision++
  }

  /** The column of a second in plain form, undefined when none came. */
  columnAt(second: number): ColumnView | undefined {
    const flags = this.flagsAt(second)
    if ((flags & COLUMN.present) === 0) return undefined
    const slot = this.base.slotOf(second)
    const spotPxE6 = this.#spot[slot] ?? 0
    const tickE6 = this.#tick[slot] ?? 0
    const fact = (o: number): number => this.base.tileOfSlot(slot)[(slot % TILE_COLUMNS) * COLUMN_FLOATS + o] ?? 0
    const bids: [number, number][] = []
    const asks: [number, number][] = []
    for (let row = -HALF_ROWS; row <= HALF_ROWS; row++) {
      const size = this.cell(second, row)
      if (size > 0) bids.push([row, size])
      else if (size < 0) asks.push([row, -size])
    }
    return {
      second,
      spotPxE6,
      tickE6,
      bids,
      asks,
      bookOk: (flags & COLUMN.untrusted) === 0,
      spotCarried: (flags & COLUMN.carried) !== 0,
      gap: (flags & COLUMN.gap) !== 0,
      bestBidPxE6: (flags & COLUMN.hasBid) === 0 ? undefined : spotPxE6 + fact(AT_BID_ROW) * tickE6,
      bestAskPxE6: (flags & COLUMN.hasAsk) === 0 ? undefined : spotPxE6 + fact(AT_ASK_ROW) * tickE6
    }
  }

  /** Forgets the columns; the gap marks stay. */
  clear(): void {
    this.base.clear()
    this.#flags.fill(0)
    this.#count = 0
    this.revision++
  }

  #inside(second: number): boolean {
    return this.#count > 0 && second >= this.#oldest && second <= this.#newest
  }

  /** Makes room for a second. @returns its slot, or -1 when it is older than the ring reaches or no sane second */
  #enter(second: number): number {
    if (!Number.isSafeInteger(second) || second < 0) return -1
    if (this.#count === 0) {
      this.#oldest = second
      this.#newest = second
    } else if (second > this.#newest) this.#advance(second)
    else if (second < this.#oldest) {
      if (second < reach(this.#newest)) return -1
      for (let s = second + 1; s < this.#oldest; s++) this.#hole(s)
      this.#oldest = second
    }
    const slot = this.base.slotOf(second)
    if (((this.#flags[slot] ?? 0) & COLUMN.present) === 0) this.#count++
    return slot
  }

  #advance(second: number): void {
    if (second - this.#newest >= CAPACITY - BLOCK) {
      this.clear()
      this.#oldest = second
      this.#newest = second
      return
    }
    for (let block = Math.floor(this.#newest / BLOCK) + 1; block <= Math.floor(second / BLOCK); block++) this.#emptyBlock(block * BLOCK)
    this.#oldest = Math.max(this.#oldest, reach(second))
    for (let s = this.#newest + 1; s < second; s++) this.#hole(s)
    this.#newest = second
  }

  #emptyBlock(fromSecond: number): void {
    const from = this.base.slotOf(fromSecond)
    for (let slot = from; slot < from + BLOCK; slot++) {
      if (((this.#flags[slot] ?? 0) & COLUMN.present) !== 0) this.#count--
      this.#flags[slot] = 0
    }
    this.base.clearSlots(from, from + BLOCK)
  }

  #hole(second: number): void {
    this.#setFlags(second, this.#gaps.has(second) ? COLUMN.hole | COLUMN.gap : COLUMN.hole)
  }

  #setFlags(second: number, flags: number): void {
    const slot = this.base.slotOf(second)
    this.#flags[slot] = flags
    this.base.tileOfSlot(slot)[(slot % TILE_COLUMNS) * COLUMN_FLOATS + AT_FLAGS] = flags
    this.base.touch(slot)
  }

  #finish(slot: number, flags: number, spot: number, tick: number, tile: Float32Array, o: number): void {
    if ((flags & COLUMN.present) === 0) this.#count--
    this.#flags[slot] = flags
    this.#spot[slot] = spot
    this.#tick[slot] = tick
    tile[o + AT_FLAGS] = flags
    this.base.touch(slot)
    this.revision++
  }
}

/** Oldest second that the ring still holds when this is the newest. */
function reach(newest: number): number {
  return (Math.floor(newest / BLOCK) + 1) * BLOCK - CAPACITY
}

/** Writes the levels of a record into a cleared column. Levels outside the rows are left out. */
export function rasterLevels(view: DataView, tail: number, tile: Float32Array, o: number, spot: number, tick: number): void {
  const firstAsk = tail + 8 + 16 * view.getUint32(tail, true)
  const end = firstAsk + 16 * view.getUint32(tail + 4, true)
  rasterSide(view, tail + 8, firstAsk, tile, o, spot, tick, 1)
  rasterSide(view, firstAsk, end, tile, o, spot, tick, -1)
}

/** The hot loop of ingest: i64 reads are written out, because a call a field costs more than the work. */
function rasterSide(
  view: DataView,
  from: number,
  to: number,
  tile: Float32Array,
  o: number,
  spot: number,
  tick: number,
  sign: 1 | -1
): void {
  const perTick = 1 / tick
  const first = HALF_ROWS + 0.5 - spot * perTick
  for (let at = from; at < to; at += 16) {
    const px = view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true)
    const row = px * perTick + first
    if (row >= 0 && row < ROWS) tile[o + (row | 0)] = sign * (view.getInt32(at + 12, true) * TWO_32 + view.getUint32(at + 8, true))
  }
}

/** Instrument of a record in a batch. */
export function instrumentOf(view: DataView, start: number): number {
  return view.getUint32(start + AT_INSTRUMENT, true)
}

export type { Depth1s }
