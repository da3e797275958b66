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
import { lakeColumns, sqlName, type LakeColumn } from './columns.ts'
import { rawVector, type RawVector } from './rawVector.ts'
import type { RecordBatch } from './recordBatch.ts'

/**
 * The columns from which records are rebuilt, as a SELECT list. Closed lists become numbers again; an unknown word in one is an error.
 * Texts come as bytes: the library's own decoder would drop a byte order mark.
 */
export function recordColumnsSql(channel: Channel): string {
  return lakeColumns(channel)
    .map(({ name, type, source }) => {
      if (source.kind === 'text') return `encode(${sqlName(name)})`
      return type.startsWith('ENUM(') ? `CAST(${sqlName(name)} AS ${type})` : sqlName(name)
    })
    .join(', ')
}

/** Rebuilds the records of a channel from the rows of chunks that `recordColumnsSql` selected, bit for bit. */
export class RowDecoder {
  readonly #channel: Channel
  readonly #columns: readonly LakeColumn[]

  constructor(channel: Channel) {
    this.#channel = channel
    this.#columns = lakeColumns(channel)
  }

  /** Appends the records of a chunk to the batch. @throws Error when a required value is missing: the file is not ours or is damaged */
  decode(chunk: DuckDBDataChunk, out: RecordBatch): void {
    const rows = chunk.rowCount
    const vectors = this.#columns.map((_, index) => chunk.getColumnVector(index))
    const texts = vectors.filter((_, index) => this.#columns[index]!.source.kind === 'text')
    const raws = vectors.map((vector, index) => (isFixed(this.#columns[index]!) ? rawVector(vector) : undefined))
    for (let row = 0; row < rows; row++) this.#decodeRow(row, raws, vectors, texts[0], out)
  }

  #decodeRow(
    row: number,
    raws: readonly (RawVector | undefined)[],
    vectors: readonly DuckDBVector[],
    text: DuckDBVector | undefined,
    out: RecordBatch
  ): void {
    const { tailAt, tail } = this.#channel
    out.reserve(tailAt + 8)
    const start = out.used
    out.bytes.fill(0, start, start + tailAt)
    let present = 0
    for (let c = 0; c < raws.length; c++) {
      const raw = raws[c]
      const column = this.#columns[c]!
      if (raw === undefined || column.source.kind === 'level') continue
      const bit = putValue(out.view, start, column, raw, row)
      if (bit < 0) throw new Error(`column ${column.name} has no value in a row where it must have one`)
      present += bit
    }
    const end = tail === undefined ? start + tailAt : this.#decodeTail(row, raws, vectors, text, out, start)
    writeStart(out.view, start, end - start, this.#channel, present)
    out.commit(end)
  }

  #decodeTail(
    row: number,
    raws: readonly (RawVector | undefined)[],
    vectors: readonly DuckDBVector[],
    text: DuckDBVector | undefined,
    out: RecordBatch,
    start: number
  ): number {
    const at = start + this.#channel.tailAt
    if (this.#channel.tail?.kind === 'text') return putText(out, at, text?.getItem(row))
    const levels = { bid: 0, ask: 0 }
    let end = at + 8
    for (let c = 0; c < vectors.length; c++) {
      const { source } = this.#columns[c]!
      if (source.kind === 'level' && source.part === 'px' && isValid(raws[c]!, row)) {
        end = putPair(out, end, raws[c]!.view, row, raws[c + 1]!.view, row)
        levels[source.side]++
      } else if (source.kind === 'levels' && source.part === 'px') {
        const before = end
        end = putLists(out, end, vectors[c] as DuckDBListVector, vectors[c + 1] as DuckDBListVector, row)
        levels[source.side] = (end - before) / 16
      }
    }
    out.view.setUint32(at, levels.bid, true)
    out.view.setUint32(at + 4, levels.ask, true)
    return end
  }
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
