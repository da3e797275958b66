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
  HEADER_BYTES,
  type Channel,
  type RecordHeader,
  type RecordOf
} from './channel.ts'
import type { Field, Levels } from './fields.ts'
import { getI64, putI64 } from './int64.ts'

const utf8 = new TextEncoder()
// A byte order mark at the start of a text is part of the text.
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })

type Plain = RecordHeader & { ch: string; levels?: Levels; text?: string } & Record<string, unknown>

/** Byte length that a record will take. */
export function recordBytes(channel: Channel, record: object): number {
  const { levels, text } = record as Plain
  if (channel.tail?.kind === 'levels') return channel.tailAt + 8 + 8 * ((levels?.bids.length ?? 0) + (levels?.asks.length ?? 0))
  if (channel.tail?.kind === 'text') return channel.tailAt + 4 + utf8.encode(text ?? '').length
  return channel.tailAt
}

/** Writes a record at `start`. @returns the offset behind it */
export function encodeRecord<C extends Channel>(channel: C, record: RecordOf<C>, view: DataView, start: number): number {
  const plain = record as unknown as Plain
  const present = encodeFields(channel, plain, view, start)
  const end = encodeTail(channel, plain, view, start + channel.tailAt)
  writeHeader(view, start, end - start, channel, present, plain)
  return end
}

/** Writes the 32 header bytes of a record. */
export function writeHeader(view: DataView, start: number, length: number, channel: Channel, present: number, header: RecordHeader): void {
  view.setUint32(start + AT_LENGTH, length, true)
  view.setUint8(start + AT_WIRE_ID, channel.wireId)
  view.setUint8(start + AT_VERSION, channel.version)
  view.setUint16(start + AT_SHARD, header.shard, true)
  view.setUint32(start + AT_FRAME_IDX, header.frameIdx, true)
  view.setUint32(start + AT_POS, header.pos, true)
  view.setUint32(start + AT_INSTRUMENT, header.instrumentId, true)
  view.setUint32(start + AT_PRESENT, present, true)
  putI64(view, start + AT_RECV, header.recvRelNs)
}

function encodeFields(channel: Channel, plain: Plain, view: DataView, start: number): number {
  let present = 0
  for (const [name, field] of Object.entries(channel.fields)) {
    const value = plain[name]
    const at = start + (channel.at[name] ?? 0)
    if (value === undefined) {
      if (!field.optional) throw new Error(`record of ${channel.name} lacks ${name}`)
      putZero(view, at, field)
      continue
    }
    present += channel.bit[name] ?? 0
    putField(view, at, field, value)
  }
  return present
}

function putZero(view: DataView, at: number, field: Field): void {
  view.setUint32(at, 0, true)
  if (field.kind !== 'u32' && field.kind !== 'bool' && field.kind !== 'oneOf') view.setUint32(at + 4, 0, true)
}

function putField(view: DataView, at: number, field: Field, value: unknown): void {
  switch (field.kind) {
    case 'u32':
      return view.setUint32(at, value as number, true)
    case 'bool':
      return view.setUint32(at, value === true ? 1 : 0, true)
    case 'oneOf': {
      const index = field.values?.indexOf(value as string) ?? -1
      if (index < 0) throw new Error(`${String(value)} is not one of ${field.unit}`)
      return view.setUint32(at, index, true)
    }
    case 'f64':
      return view.setFloat64(at, value as number, true)
    case 'i64':
    case 'e6':
      return putI64(view, at, value as number)
  }
}

function encodeTail(channel: Channel, plain: Plain, view: DataView, at: number): number {
  if (channel.tail?.kind === 'levels') return putLevels(view, at, plain.levels ?? { bids: [], asks: [] })
  if (channel.tail?.kind !== 'text') return at
  const bytes = utf8.encode(plain.text ?? '')
  view.setUint32(at, bytes.length, true)
  new Uint8Array(view.buffer, view.byteOffset + at + 4, bytes.length).set(bytes)
  return at + 4 + bytes.length
}

function putLevels(view: DataView, at: number, levels: Levels): number {
  view.setUint32(at, levels.bids.length / 2, true)
  view.setUint32(at + 4, levels.asks.length / 2, true)
  let o = at + 8
  for (const value of levels.bids) {
    putI64(view, o, value)
    o += 8
  }
  for (const value of levels.asks) {
    putI64(view, o, value)
    o += 8
  }
  return o
}

/** Reads the record at `start`, which must be of this channel. */
export function decodeRecord<C extends Channel>(channel: C, view: DataView, start: number): RecordOf<C> {
  const present = view.getUint32(start + AT_PRESENT, true)
  const out: Record<string, unknown> = { ch: channel.name, ...decodeHeader(view, start) }
  for (const [name, field] of Object.entries(channel.fields)) {
    const bit = channel.bit[name] ?? 0
    if (field.optional && Math.floor(present / bit) % 2 === 0) continue
    out[name] = getField(view, start + (channel.at[name] ?? 0), field)
  }
  if (channel.tail?.kind === 'levels') out['levels'] = getLevels(view, start + channel.tailAt)
  if (channel.tail?.kind === 'text') out['text'] = getText(view, start + channel.tailAt)
  return out as unknown as RecordOf<C>
}

export function decodeHeader(view: DataView, start: number): RecordHeader {
  return {
    shard: view.getUint16(start + AT_SHARD, true),
    frameIdx: view.getUint32(start + AT_FRAME_IDX, true),
    pos: view.getUint32(start + AT_POS, true),
    instrumentId: view.getUint32(start + AT_INSTRUMENT, true),
    recvRelNs: getI64(view, start + AT_RECV)
  }
}

function getField(view: DataView, at: number, field: Field): unknown {
  switch (field.kind) {
    case 'u32':
      return view.getUint32(at, true)
    case 'bool':
      return view.getUint32(at, true) === 1
    case 'oneOf':
      return field.values?.[view.getUint32(at, true)] ?? 'unknown'
    case 'f64':
      return view.getFloat64(at, true)
    case 'i64':
    case 'e6':
      return getI64(view, at)
  }
}

function getLevels(view: DataView, at: number): Levels {
  const bidCount = view.getUint32(at, true)
  const askCount = view.getUint32(at + 4, true)
  const bids = new Array<number>(bidCount * 2)
  const asks = new Array<number>(askCount * 2)
  let o = at + 8
  for (let i = 0; i < bids.length; i++, o += 8) bids[i] = getI64(view, o)
  for (let i = 0; i < asks.length; i++, o += 8) asks[i] = getI64(view, o)
  return { bids, asks }
}

function getText(view: DataView, at: number): string {
  return fromUtf8.decode(new Uint8Array(view.buffer, view.byteOffset + at + 4, view.getUint32(at, true)))
}

/** Calls `visit(wireId, start)` for each record of a batch. @throws Error when a length is impossible or the batch ends inside a record */
export function forEachRecord(view: DataView, from: number, to: number, visit: (wireId: number, start: number) => void): void {
  let at = from
  while (at < to) {
    const length = at + 4 <= to ? view.getUint32(at + AT_LENGTH, true) : 0
    if (length < HEADER_BYTES || at + length > to) throw new Error(`record at ${at} claims ${length} bytes, ${to - at} are left`)
    visit(view.getUint8(at + AT_WIRE_ID), at)
    at += length
  }
}
