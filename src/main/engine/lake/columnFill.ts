import { DuckDBDecimalValue, DuckDBListValue, type DuckDBDataChunk, type DuckDBVector } from '@duckdb/node-api'
import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_POS,
  AT_PRESENT,
  AT_RECV,
  AT_SHARD,
  getI64,
  putI64,
  type Channel
} from '../../../shared/channels/index.ts'
import { assertNever } from '../../../shared/errors.ts'
import { FLAT_LEVELS, FLAT_NUMBERS, type ColumnSource } from './columns.ts'
import { arrayValues, rawVector, writableVector } from './rawVector.ts'
import type { RecordBatch } from './recordBatch.ts'
import { UUID_BYTES } from './uuidBytes.ts'

/** Rows of one chunk: some rows of a batch, in the order in which they are to be written. */
export interface ChunkRows {
  readonly batch: RecordBatch
  /** Row numbers of the batch; [from, to) make the chunk. */
  readonly order: Uint32Array
  readonly from: number
  readonly to: number
  readonly channel: Channel
  /** Microseconds since the Unix epoch of relNs 0, rounded down, and the nanoseconds that were cut off. */
  readonly originUs: number
  readonly originRestNs: number
}

type WriteRow = (out: DataView, row: number, start: number) => boolean

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Fills one column of a chunk from the bytes of the records. */
export function fillColumn(chunk: DuckDBDataChunk, index: number, source: ColumnSource, rows: ChunkRows): void {
  const vector = chunk.getColumnVector(index)
  if (source.kind === 'text') fillText(vector, rows)
  else if (source.kind === 'windowId') fillWindowId(vector, rows)
  else if (source.kind === 'levels') fillLevels(vector, source.side, source.part, rows)
  else if (source.kind === 'level') throw new Error('broken promise: levels of a flat row are filled at once')
  else fillFixed(vector, rowWriter(source as FixedSource, rows), rows)
  vector.flush()
}

/** Fills the column of all levels of flat rows. A level that a row has not has no value. */
export function fillFlatLevels(chunk: DuckDBDataChunk, index: number, { batch, order, from, to, channel }: ChunkRows): void {
  const vector = chunk.getColumnVector(index)
  const values = arrayValues(vector)
  const { view } = rawVector(values)
  const out = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  let valid: Uint8Array | undefined
  for (let i = from; i < to; i++) {
    const tail = batch.starts[order[i]!]! + channel.tailAt
    let at = tail + 8
    for (let side = 0; side < 2; side++) {
      const levels = batch.view.getUint32(tail + 4 * side, true)
      if (levels > FLAT_LEVELS) throw new Error(`broken promise: a side has at most ${FLAT_LEVELS} levels`)
      const first = (i - from) * FLAT_NUMBERS + side * 2 * FLAT_LEVELS
      out.set(batch.bytes.subarray(at, at + 16 * levels), first * 8)
      at += 16 * levels
      if (levels < FLAT_LEVELS) clearBits((valid ??= writableVector(values).valid), first + 2 * levels, first + 2 * FLAT_LEVELS)
    }
  }
  vector.flush()
}

function clearBits(bits: Uint8Array, from: number, to: number): void {
  for (let bit = from; bit < to; bit++) bits[bit >> 3]! &= ~(1 << (bit & 7))
}

/** Fills a UINTEGER column. @param numberOf number for a row of the batch; -1 = none */
export function fillNumber(chunk: DuckDBDataChunk, index: number, numberOf: (row: number) => number, { order, from, to }: ChunkRows): void {
  const vector = chunk.getColumnVector(index)
  const { view, valid } = writableVector(vector)
  for (let i = from; i < to; i++) {
    const row = i - from
    const number = numberOf(order[i]!)
    if (number >= 0) view.setUint32(row * 4, number, true)
    else valid[row >> 3]! &= ~(1 << (row & 7))
  }
  vector.flush()
}

/** Fills a UUID column from the ids of the batch. @param which 0 the event's, 1 that of its cause */
export function fillId(chunk: DuckDBDataChunk, index: number, which: 0 | 1, { batch, order, from, to }: ChunkRows): void {
  const vector = chunk.getColumnVector(index)
  const { view } = writableVector(vector)
  const out = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let i = from; i < to; i++) {
    const at = (order[i]! * 2 + which) * UUID_BYTES
    const row = (i - from) * UUID_BYTES
    for (let byte = 0; byte < UUID_BYTES; byte++) out[row + byte] = batch.ids[at + byte]!
  }
  vector.flush()
}

function fillFixed(vector: DuckDBVector, write: WriteRow, { batch, order, from, to }: ChunkRows): void {
  const { view, valid } = writableVector(vector)
  for (let i = from; i < to; i++) {
    const row = i - from
    if (!write(view, row, batch.starts[order[i]!]!)) valid[row >> 3]! &= ~(1 << (row & 7))
  }
}

type FixedSource =
  | { readonly kind: Exclude<ColumnSource['kind'], 'field' | 'level' | 'levels' | 'text' | 'windowId'> }
  | Extract<ColumnSource, { kind: 'field' }>

function rowWriter(source: FixedSource, rows: ChunkRows): WriteRow {
  const { view } = rows.batch
  switch (source.kind) {
    case 'shard':
      return (out, row, start) => (out.setUint16(row * 2, view.getUint16(start + AT_SHARD, true), true), true)
    case 'frameIdx':
      return copy32(view, AT_FRAME_IDX)
    case 'pos':
      return copy32(view, AT_POS)
    case 'instrument':
      return copy32(view, AT_INSTRUMENT)
    case 'recvRelNs':
      return copy64(view, AT_RECV)
    case 'ts':
      return (out, row, start) => {
        putI64(out, row * 8, rows.originUs + Math.floor((getI64(view, start + AT_RECV) + rows.originRestNs) / 1000))
        return true
      }
    case 'field':
      return fieldWriter(source, view)
    default:
      return assertNever(source)
  }
}

function copy32(view: DataView, at: number): WriteRow {
  return (out, row, start) => (out.setUint32(row * 4, view.getUint32(start + at, true), true), true)
}

function copy64(view: DataView, at: number): WriteRow {
  return (out, row, start) => {
    out.setUint32(row * 8, view.getUint32(start + at, true), true)
    out.setUint32(row * 8 + 4, view.getUint32(start + at + 4, true), true)
    return true
  }
}

function fieldWriter({ field, at, bit }: Extract<ColumnSource, { kind: 'field' }>, view: DataView): WriteRow {
  const write = fieldCopy(field.kind, field.values?.length ?? 0, view, at)
  if (!field.optional) return write
  return (out, row, start) => (view.getUint32(start + AT_PRESENT, true) & bit) !== 0 && write(out, row, start)
}

function fieldCopy(kind: string, values: number, view: DataView, at: number): WriteRow {
  if (kind === 'u32') return copy32(view, at)
  if (kind === 'bool') return (out, row, start) => (out.setUint8(row, view.getUint32(start + at, true)), true)
  if (kind !== 'oneOf') return copy64(view, at)
  if (values > 255) throw new Error('broken promise: a closed list has at most 255 values')
  return (out, row, start) => (out.setUint8(row, view.getUint32(start + at, true)), true)
}

/** Offset of the nth level of a side in a levels tail, -1 where there is none. */
function levelAt(view: DataView, tail: number, side: 'bid' | 'ask', n: number): number {
  const bids = view.getUint32(tail, true)
  if (side === 'bid') return n < bids ? tail + 8 + n * 16 : -1
  return n < view.getUint32(tail + 4, true) ? tail + 8 + (bids + n) * 16 : -1
}

function fillText(vector: DuckDBVector, { batch, order, from, to, channel }: ChunkRows): void {
  for (let i = from; i < to; i++) {
    const at = batch.starts[order[i]!]! + channel.tailAt
    vector.setItem(i - from, utf8.decode(batch.bytes.subarray(at + 4, at + 4 + batch.view.getUint32(at, true))))
  }
}

function fillWindowId(vector: DuckDBVector, { batch, order, from, to }: ChunkRows): void {
  for (let i = from; i < to; i++) vector.setItem(i - from, batch.windowIds.get(order[i]!) ?? null)
}

function fillLevels(vector: DuckDBVector, side: 'bid' | 'ask', part: 'px' | 'sz', { batch, order, from, to, channel }: ChunkRows): void {
  const { view } = batch
  for (let i = from; i < to; i++) {
    const tail = batch.starts[order[i]!]! + channel.tailAt
    const items: DuckDBDecimalValue[] = []
    for (let n = 0, at = levelAt(view, tail, side, 0); at >= 0; at = levelAt(view, tail, side, ++n))
      items.push(new DuckDBDecimalValue(view.getBigInt64(part === 'px' ? at : at + 8, true), 18, 6))
    vector.setItem(i - from, new DuckDBListValue(items))
  }
}
