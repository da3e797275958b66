import { DuckDBBlobValue, type DuckDBDataChunk, type DuckDBListVector, type DuckDBVector } from '@duckdb/node-api'
import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_POS,
  AT_PRESENT,
  AT_RECV,
  AT_SHARD,
  AT_VERSION,
  AT_WIRE_ID,
  type Channel
} from '../../../shared/channels/index.ts'
import { FLAT_LEVELS, FLAT_NUMBERS, isFlat, lakeColumns, sqlName, type LakeColumn } from './columns.ts'
import { rawVector, type RawVector } from './rawVector.ts'
import type { RecordBatch } from './recordBatch.ts'

/**
 * The columns from which records are rebuilt, as a SELECT list. Closed lists become numbers again; an unknown word in one is an error.
 * Texts come as bytes: the library's own decoder would drop a byte order mark. The levels of a flat row come all at once, last.
 */
export function recordColumnsSql(channel: Channel): string {
  const columns = withoutLevels(channel).map(({ name, type, source }) => {
    if (source.kind === 'text') return `encode(${sqlName(name)})`
    return type.startsWith('ENUM(') ? `CAST(${sqlName(name)} AS ${type})` : sqlName(name)
  })
  const levels = lakeColumns(channel).filter(({ source }) => source.kind === 'level')
  if (isFlat(channel)) columns.push(`list_value(${levels.map(({ name }) => sqlName(name)).join(', ')})`)
  return columns.join(', ')
}

function withoutLevels(channel: Channel): LakeColumn[] {
  return lakeColumns(channel).filter(({ source }) => source.kind !== 'level')
}

/** Rebuilds the records of a channel from the rows of chunks that `recordColumnsSql` selected, bit for bit. */
export class RowDecoder {
  readonly #channel: Channel
  readonly #columns: readonly LakeColumn[]

  constructor(channel: Channel) {
    this.#channel = channel
    this.#columns = withoutLevels(channel)
  }

  /** Appends the records of a chunk to the batch. @throws Error when a required value is missing: the file is not ours or is damaged */
  decode(chunk: DuckDBDataChunk, out: RecordBatch): void {
    const rows = chunk.rowCount
    const vectors = this.#columns.map((_, index) => chunk.getColumnVector(index))
    const texts = vectors.filter((_, index) => this.#columns[index]!.source.kind === 'text')
    const raws = vectors.map((vector, index) => (isFixed(this.#columns[index]!) ? rawVector(vector) : undefined))
    const flat = isFlat(this.#channel) ? flatLevels(chunk.getColumnVector(vectors.length) as DuckDBListVector) : undefined
    const tails: Tails = { vectors, text: texts[0], flat }
    for (let row = 0; row < rows; row++) this.#decodeRow(row, raws, tails, out)
  }

  #decodeRow(row: number, raws: readonly (RawVector | undefined)[], tails: Tails, out: RecordBatch): void {
    const { tailAt, tail } = this.#channel
    out.reserve(tailAt + 8)
    const start = out.used
    out.bytes.fill(0, start, start + tailAt)
    let present = 0
    for (let c = 0; c < raws.length; c++) {
      const raw = raws[c]
      const column = this.#columns[c]!
      if (raw === undefined) continue
      const bit = putValue(out.view, start, column, raw, row)
      if (bit < 0) throw new Error(`column ${column.name} has no value in a row where it must have one`)
      present += bit
    }
    const end = tail === undefined ? start + tailAt : this.#decodeTail(row, tails, out, start)
    writeStart(out.view, start, end - start, this.#channel, present)
    out.commit(end)
  }

  #decodeTail(row: number, { vectors, text, flat }: Tails, out: RecordBatch, start: number): number {
    const at = start + this.#channel.tailAt
    if (this.#channel.tail?.kind === 'text') return putText(out, at, text?.getItem(row))
    if (flat !== undefined) return putFlat(out, at, flat, row)
    const levels = { bid: 0, ask: 0 }
    let end = at + 8
    for (let c = 0; c < vectors.length; c++) {
      const { source } = this.#columns[c]!
      if (source.kind !== 'levels' || source.part !== 'px') continue
      const before = end
      end = putLists(out, end, vectors[c] as DuckDBListVector, vectors[c + 1] as DuckDBListVector, row)
      levels[source.side] = (end - before) / 16
    }
    out.view.setUint32(at, levels.bid, true)
    out.view.setUint32(at + 4, levels.ask, true)
    return end
  }
}

/** Levels of flat rows, `FLAT_NUMBERS` a row. */
interface FlatLevels extends RawVector {
  readonly bytes: Uint8Array
  readonly rows: DuckDBListVector
}

/** What the tails of a chunk's records are made of. */
interface Tails {
  readonly vectors: readonly DuckDBVector[]
  readonly text: DuckDBVector | undefined
  readonly flat: FlatLevels | undefined
}

function flatLevels(rows: DuckDBListVector): FlatLevels {
  const { view, valid } = rawVector(rows.childVector)
  return { view, valid, bytes: new Uint8Array(view.buffer, view.byteOffset, view.byteLength), rows }
}

function isFixed({ source: { kind } }: LakeColumn): boolean {
  return kind !== 'text' && kind !== 'levels' && kind !== 'windowId'
}

function isValid({ valid }: RawVector, row: number): boolean {
  return valid === undefined || (valid[row >> 3]! & (1 << (row & 7))) !== 0
}

/** @returns the presence bit, 0 for a required value, -1 when a required one is missing */
function putValue(view: DataView, start: number, { source }: LakeColumn, raw: RawVector, row: number): number {
  const there = isValid(raw, row)
  if (source.kind === 'field') {
    if (!there) return source.field.optional ? 0 : -1
    const at = start + source.at
    if (source.field.kind === 'u32') view.setUint32(at, raw.view.getUint32(row * 4, true), true)
    else if (source.field.kind === 'bool' || source.field.kind === 'oneOf') view.setUint32(at, raw.view.getUint8(row), true)
    else copy8(view, at, raw.view, row * 8)
    return source.bit
  }
  if (!there) return -1
  if (source.kind === 'shard') view.setUint16(start + AT_SHARD, raw.view.getUint16(row * 2, true), true)
  else if (source.kind === 'frameIdx') view.setUint32(start + AT_FRAME_IDX, raw.view.getUint32(row * 4, true), true)
  else if (source.kind === 'pos') view.setUint32(start + AT_POS, raw.view.getUint32(row * 4, true), true)
  else if (source.kind === 'instrument') view.setUint32(start + AT_INSTRUMENT, raw.view.getUint32(row * 4, true), true)
  else if (source.kind === 'recvRelNs') copy8(view, start + AT_RECV, raw.view, row * 8)
  return 0
}

/** Levels of a side stand without gaps: the first that is missing ends it. */
function putFlat(out: RecordBatch, at: number, flat: FlatLevels, row: number): number {
  out.reserve(at + 8 + FLAT_NUMBERS * 8 - out.used)
  const offset = flat.rows.getEntryOffset(row)
  let end = at + 8
  for (let side = 0; side < 2; side++) {
    const first = offset + side * 2 * FLAT_LEVELS
    const levels = flat.valid === undefined ? FLAT_LEVELS : levelsFrom(flat, first)
    out.bytes.set(flat.bytes.subarray(first * 8, (first + 2 * levels) * 8), end)
    out.view.setUint32(at + 4 * side, levels, true)
    end += 16 * levels
  }
  return end
}

/** @throws Error when a level has a price and no size, or the other way round, or stands behind one that is missing */
function levelsFrom(flat: FlatLevels, first: number): number {
  let levels = 0
  while (levels < FLAT_LEVELS && isValid(flat, first + 2 * levels)) levels++
  for (let i = first; i < first + 2 * FLAT_LEVELS; i++)
    if (isValid(flat, i) !== i < first + 2 * levels) throw new Error('a row has a level that is not whole, or a gap between its levels')
  return levels
}

function copy8(to: DataView, at: number, from: DataView, fromAt: number): void {
  to.setUint32(at, from.getUint32(fromAt, true), true)
  to.setUint32(at + 4, from.getUint32(fromAt + 4, true), true)
}

function putPair(out: RecordBatch, at: number, px: DataView, pxRow: number, size: DataView, sizeRow: number): number {
  out.reserve(at + 16 - out.used)
  copy8(out.view, at, px, pxRow * 8)
  copy8(out.view, at + 8, size, sizeRow * 8)
  return at + 16
}

function putLists(out: RecordBatch, at: number, px: DuckDBListVector, size: DuckDBListVector, row: number): number {
  const count = px.getEntryLength(row)
  if (size.getEntryLength(row) !== count) throw new Error('a row has more prices than sizes, or the other way round')
  if (count === 0) return at
  const pxView = rawVector(px.childVector).view
  const sizeView = rawVector(size.childVector).view
  let end = at
  for (let n = 0; n < count; n++) end = putPair(out, end, pxView, px.getEntryOffset(row) + n, sizeView, size.getEntryOffset(row) + n)
  return end
}

function putText(out: RecordBatch, at: number, value: unknown): number {
  if (!(value instanceof DuckDBBlobValue)) throw new Error('a row has no text where it must have one')
  const { bytes } = value
  out.reserve(at + 4 + bytes.length - out.used)
  out.view.setUint32(at, bytes.length, true)
  out.bytes.set(bytes, at + 4)
  return at + 4 + bytes.length
}

function writeStart(view: DataView, start: number, length: number, channel: Channel, present: number): void {
  view.setUint32(start + AT_LENGTH, length, true)
  view.setUint8(start + AT_WIRE_ID, channel.wireId)
  view.setUint8(start + AT_VERSION, channel.version)
  view.setUint32(start + AT_PRESENT, present, true)
}
