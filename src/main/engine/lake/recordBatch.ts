import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_POS,
  AT_RECV,
  AT_SHARD,
  getI64,
  type EventInstrument
} from '../../../shared/channels/index.ts'
import { readUuid, UUID_BYTES } from './uuidBytes.ts'

/** Records of one channel one behind the other, and where each begins. Grows as needed; cleared and used again. */
export class RecordBatch {
  bytes: Uint8Array
  view: DataView
  /** Bytes in use. */
  used = 0
  count = 0
  /** Offset of each record; `count` are in use. */
  starts: Float64Array
  /** Window id by row number, only where there is one. */
  readonly windowIds = new Map<number, string>()
  /** What the journal line of a row names as its instrument, by row number; only where lines were read for the lake. */
  readonly instruments: (EventInstrument | undefined)[] = []
  /** Ids of the events and of their causes, two a row, as `uuidBytes.ts` has them; right in the rows that were given some. */
  ids: Uint8Array
  /** Rows that were given ids. */
  idCount = 0

  constructor(bytes = 1 << 20) {
    this.bytes = new Uint8Array(bytes)
    this.view = new DataView(this.bytes.buffer)
    this.starts = new Float64Array(1024)
    this.ids = new Uint8Array(1024 * 2 * UUID_BYTES)
  }

  clear(): void {
    this.used = 0
    this.count = 0
    this.idCount = 0
    this.windowIds.clear()
    this.instruments.length = 0
  }

  /** Room for one record of up to `bytes`, written at `used`; `commit` makes it part of the batch. */
  reserve(bytes: number): void {
    if (this.used + bytes <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.used + bytes))
    // All of it: a record may be half written behind `used`.
    grown.set(this.bytes)
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  /** The record that was written at `used` counts from now on. @returns its row number */
  commit(end: number, windowId?: string): number {
    if (this.count === this.starts.length) {
      const grown = new Float64Array(this.starts.length * 2)
      grown.set(this.starts)
      this.starts = grown
      const ids = new Uint8Array(grown.length * 2 * UUID_BYTES)
      ids.set(this.ids)
      this.ids = ids
    }
    const row = this.count++
    this.starts[row] = this.used
    this.used = end
    if (windowId !== undefined) this.windowIds.set(row, windowId)
    return row
  }

  /** Copies a whole record in. */
  push(record: Uint8Array, windowId?: string): number {
    this.reserve(record.length)
    this.bytes.set(record, this.used)
    return this.commit(this.used + record.length, windowId)
  }

  /** Gives the last record its ids. @param text holds both as text, in quotes */
  takeIds(text: Uint8Array, eventAt: number, causeAt: number): void {
    const at = (this.count - 1) * 2 * UUID_BYTES
    if (readUuid(text, eventAt, this.ids, at) && readUuid(text, causeAt, this.ids, at + UUID_BYTES)) this.idCount++
  }

  /** Takes the last record out again. */
  dropLast(): void {
    // Its ids, if it had any, are no longer counted on.
    this.idCount = Math.min(this.idCount, this.count - 1)
    this.count--
    this.used = this.starts[this.count]!
    this.windowIds.delete(this.count)
  }

  lengthOf(row: number): number {
    return this.view.getUint32(this.starts[row]! + AT_LENGTH, true)
  }

  instrumentOf(row: number): number {
    return this.view.getUint32(this.starts[row]! + AT_INSTRUMENT, true)
  }

  recvOf(row: number): number {
    return getI64(this.view, this.starts[row]! + AT_RECV)
  }
}

/** Place of a record in the order of the tape. */
export interface TapeKey {
  readonly recvRelNs: number
  readonly shard: number
  readonly frameIdx: number
  readonly pos: number
}

export function keyAt(view: DataView, start: number): TapeKey {
  return {
    recvRelNs: getI64(view, start + AT_RECV),
    shard: view.getUint16(start + AT_SHARD, true),
    frameIdx: view.getUint32(start + AT_FRAME_IDX, true),
    pos: view.getUint32(start + AT_POS, true)
  }
}

/** Below 0 when `a` comes first. 0: the same event, or two channels at the same place. */
export function compareKeys(a: TapeKey, b: TapeKey): number {
  return a.recvRelNs - b.recvRelNs || a.shard - b.shard || a.frameIdx - b.frameIdx || a.pos - b.pos
}

export function keyText(key: TapeKey): string {
  return `shard ${key.shard}, frame ${key.frameIdx}, position ${key.pos}`
}
