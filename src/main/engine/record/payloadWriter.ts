import { fieldText } from '../../../shared/channels/eventJson.ts'
import { AT_LENGTH, AT_PRESENT, AT_VERSION, getI64, tailMembers, type Channel, type Field } from '../../../shared/channels/index.ts'
import type { TextBuffer } from './textBuffer.ts'

/** Appends the members of `data` of the record at `start`. @returns false when JSON could not give the same record back */
export type PayloadWriter = (out: TextBuffer, view: DataView, start: number) => boolean

type FieldWriter = (out: TextBuffer, view: DataView, at: number) => boolean

const ascii = new TextEncoder()
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const BIDS = ascii.encode('"bids":[')
const ASKS = ascii.encode('],"asks":[')
const COMMA = 44
const QUOTE = 34

/** Makes the writer of a channel's payload from its declaration, once. */
export function payloadWriter(channel: Channel): PayloadWriter {
  const at: Readonly<Record<string, number>> = channel.at
  const bit: Readonly<Record<string, number>> = channel.bit
  const fields = Object.entries(channel.fields).map(([name, field]) => ({
    at: at[name] ?? 0,
    bit: bit[name] ?? 0,
    key: ascii.encode(`${JSON.stringify(field.json ?? field.wire)}:`),
    write: fieldWriter(field),
    bytes: field.kind === 'u32' || field.kind === 'bool' || field.kind === 'oneOf' ? 4 : 8
  }))
  const bits = fields.reduce((sum, field) => sum + field.bit, 0)
  const tail = tailWriter(channel)
  return (out, view, start) => {
    const present = view.getUint32(start + AT_PRESENT, true)
    if ((present & ~bits) !== 0 || view.getUint8(start + AT_VERSION) !== channel.version) return false
    let isFirst = true
    for (const field of fields) {
      if (field.bit !== 0 && (present & field.bit) === 0) {
        if (!isZero(view, start + field.at, field.bytes)) return false
        continue
      }
      if (isFirst) isFirst = false
      else out.byte(COMMA)
      out.put(field.key)
      if (!field.write(out, view, start + field.at)) return false
    }
    if (tail === undefined) return view.getUint32(start + AT_LENGTH, true) === channel.tailAt
    const before = out.length
    if (!isFirst) out.byte(COMMA)
    const tailAt = out.length
    const isWritten = tail(out, view, start)
    // An object without members adds none.
    if (out.length === tailAt) out.length = before
    return isWritten
  }
}

function isZero(view: DataView, at: number, bytes: number): boolean {
  return view.getUint32(at, true) === 0 && (bytes === 4 || view.getUint32(at + 4, true) === 0)
}

function fieldWriter(field: Field): FieldWriter {
  switch (field.kind) {
    case 'u32':
      return (out, view, at) => {
        out.int(view.getUint32(at, true))
        return true
      }
    case 'i64':
      return integerWriter((out, value) => out.int(value))
    case 'e6':
      return integerWriter((out, value) => out.e6(value))
    case 'f64':
      return (out, view, at) => {
        const value = view.getFloat64(at, true)
        out.text(fieldText(field, value, true))
        return Number.isFinite(value)
      }
    case 'bool':
      return choiceWriter(['false', 'true'])
    case 'oneOf':
      return choiceWriter((field.values ?? []).map((value) => JSON.stringify(value)))
  }
}

function integerWriter(write: (out: TextBuffer, value: number) => void): FieldWriter {
  return (out, view, at) => {
    const value = getI64(view, at)
    if (!Number.isSafeInteger(value)) return false
    write(out, value)
    return true
  }
}

function choiceWriter(texts: readonly string[]): FieldWriter {
  const encoded = texts.map((text) => ascii.encode(text))
  return (out, view, at) => {
    const text = encoded[view.getUint32(at, true)]
    if (text !== undefined) out.put(text)
    return text !== undefined
  }
}

function tailWriter(channel: Channel): PayloadWriter | undefined {
  const { tail, tailAt } = channel
  if (tail === undefined) return undefined
  if (tail.kind === 'levels') return (out, view, start) => levels(out, view, start, tailAt)
  if (tail.json === true) return (out, view, start) => members(out, channel, view, start)
  const key = ascii.encode(`${JSON.stringify(tail.wire)}:`)
  return (out, view, start) => {
    out.put(key)
    return text(out, view, start, tailAt)
  }
}

function levels(out: TextBuffer, view: DataView, start: number, tailAt: number): boolean {
  const at = start + tailAt
  const bids = view.getUint32(at, true)
  const asks = view.getUint32(at + 4, true)
  if (view.getUint32(start + AT_LENGTH, true) !== tailAt + 8 + 16 * (bids + asks)) return false
  out.put(BIDS)
  if (!pairs(out, view, at + 8, bids)) return false
  out.put(ASKS)
  if (!pairs(out, view, at + 8 + 16 * bids, asks)) return false
  out.byte(93)
  return true
}

function pairs(out: TextBuffer, view: DataView, at: number, count: number): boolean {
  for (let i = 0, o = at; i < count; i++, o += 16) {
    const px = getI64(view, o)
    const size = getI64(view, o + 8)
    if (!Number.isSafeInteger(px) || !Number.isSafeInteger(size)) return false
    if (i > 0) out.byte(COMMA)
    out.byte(91)
    out.e6(px)
    out.byte(COMMA)
    out.e6(size)
    out.byte(93)
  }
  return true
}

function members(out: TextBuffer, channel: Channel, view: DataView, start: number): boolean {
  const bytes = textBytes(view, start, channel.tailAt)
  const decoded = bytes === undefined ? undefined : decodedText(bytes)
  if (decoded !== undefined) out.text(tailMembers(channel, decoded))
  return decoded !== undefined
}

/** @returns undefined when the record does not end with its text */
function textBytes(view: DataView, start: number, tailAt: number): Uint8Array | undefined {
  const length = view.getUint32(start + tailAt, true)
  if (view.getUint32(start + AT_LENGTH, true) !== tailAt + 4 + length) return undefined
  return new Uint8Array(view.buffer, view.byteOffset + start + tailAt + 4, length)
}

/** @returns undefined for what is not UTF-8: a decoder would put something else in its place */
function decodedText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

function text(out: TextBuffer, view: DataView, start: number, tailAt: number): boolean {
  const bytes = textBytes(view, start, tailAt)
  if (bytes === undefined) return false
  if (isPlain(bytes)) {
    out.byte(QUOTE)
    out.put(bytes)
    out.byte(QUOTE)
    return true
  }
  const decoded = decodedText(bytes)
  if (decoded !== undefined) out.text(JSON.stringify(decoded))
  return decoded !== undefined
}

/** Printable ASCII that JSON writes as it is. */
function isPlain(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i]!
    if (c < 0x20 || c > 0x7e || c === 0x22 || c === 0x5c) return false
  }
  return true
}
