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
  millionthsOf,
  putI64,
  type Channel,
  type Field
} from '../../../shared/channels/index.ts'
import { parseE6Bytes } from '../../../shared/market/index.ts'
import { parseJournalLine } from '../record/index.ts'
import { scanPairs, type PairEnd } from './pairScan.ts'
import type { RecordBatch } from './recordBatch.ts'

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const ZERO = 48
const OPEN = 91
const BACKSLASH = 92
const CLOSE = 93
const BRACE = 125

const ascii = new TextEncoder()
// Between two quotes a quote is written \", so these bytes stand at one place of a line only.
const DATA = Buffer.from(',"data":{')
const AT = Buffer.from('},"at":[')
const WINDOW = Buffer.from(',"window_id":"')
const WINDOW_ID_CHARS = 8
const EVENT_ID_AT = '{"schema_version":1,"event_id":"'.length
const CAUSE_ID_AT = EVENT_ID_AT + 36 + '","correlation_id":"'.length
/** Where `","ch":` stands in every line: behind the schema version and two ids of 36 characters. */
const CH_AT = '{"schema_version":1,"event_id":"","correlation_id":"'.length + 72
const BIDS = ascii.encode('"bids":[')
const ASKS = ascii.encode(',"asks":[')
/** Before it a number has digits only; the value of a number beyond is not exact. */
const MAX_SAFE = Number.MAX_SAFE_INTEGER

interface ScanField {
  readonly field: Field
  readonly key: Uint8Array
  readonly at: number
  readonly bit: number
  readonly values: readonly Uint8Array[]
}

/**
 * Reads lines of one channel's journal into records. Lines in the form in which the recorder writes them are read byte by byte into the
 * record; anything else goes through `parseJournalLine`, which reads any spelling, and so do the few lines whose text is an object. Both
 * give the same bytes.
 */
export class LineScanner {
  /** Lines that were not in the usual form. */
  unusual = 0
  /** Where the data of the line began that was read last; -1 when it was not in the usual form. */
  dataAt = -1
  readonly #channel: Channel
  readonly #fields: readonly ScanField[]
  readonly #tailKey: Uint8Array
  readonly #ch: Buffer
  readonly #pairEnd: PairEnd = { line: 0, record: 0 }
  #at = 0

  constructor(channel: Channel) {
    this.#channel = channel
    this.#ch = Buffer.from(`","ch":"${channel.name}","`)
    this.#tailKey = ascii.encode(`${JSON.stringify(channel.tail?.wire ?? '')}:`)
    this.#fields = Object.entries(channel.fields).map(([name, field]) => ({
      field,
      key: ascii.encode(`${JSON.stringify(field.json ?? field.wire)}:`),
      at: channel.at[name] ?? 0,
      bit: channel.bit[name] ?? 0,
      values: (field.values ?? []).map((value) => ascii.encode(JSON.stringify(value)))
    }))
  }

  /** Appends the record of the line in bytes [from, to), newline not included. @returns false when the line is no event of this channel */
  scan(line: Buffer, from: number, to: number, out: RecordBatch): boolean {
    // Levels grow most: 16 bytes for a pair that is written with six characters at least.
    out.reserve(this.#channel.tailAt + 16 + (to - from) * 3)
    this.dataAt = -1
    const dataAt = line.indexOf(DATA, from)
    if (dataAt < 0 || dataAt >= to) return this.#parse(line, from, to, out)
    this.#at = from + CH_AT
    const end = this.#skip(line, this.#ch) ? this.#record(line, dataAt + DATA.length, to, out) : -1
    if (end < 0) return this.#parse(line, from, to, out)
    out.commit(end, this.#windowId(line, dataAt))
    out.takeIds(line, from + EVENT_ID_AT, from + CAUSE_ID_AT)
    this.dataAt = dataAt
    return true
  }

  /** It is the last member of the envelope. */
  #windowId(line: Buffer, dataAt: number): string | undefined {
    this.#at = dataAt - WINDOW_ID_CHARS - 1 - WINDOW.length
    return this.#skip(line, WINDOW) ? line.toString('latin1', this.#at, this.#at + WINDOW_ID_CHARS) : undefined
  }

  #parse(line: Buffer, from: number, to: number, out: RecordBatch): boolean {
    this.unusual++
    const text = line.toString('utf8', from, to)
    const parsed = parseJournalLine(text)
    if (parsed === undefined || parsed.channel.wireId !== this.#channel.wireId) return false
    const { window_id: windowId } = JSON.parse(text) as { window_id?: unknown }
    out.push(parsed.bytes, typeof windowId === 'string' ? windowId : undefined)
    return true
  }

  /** @returns the end of the record, -1 when the line is not in the usual form */
  #record(line: Buffer, from: number, to: number, out: RecordBatch): number {
    const { view } = out
    const start = out.used
    const { tailAt, wireId, version, tail } = this.#channel
    out.bytes.fill(0, start, start + tailAt)
    this.#at = from
    const present = this.#scanFields(line, to, view, start)
    if (present < 0) return -1
    let end = start + tailAt
    if (tail !== undefined) {
      if (this.#at > from && line[this.#at++] !== COMMA) return -1
      end = tail.kind === 'text' ? this.#text(line, to, out, end) : this.#levels(line, to, view, end)
    }
    if (end < 0 || !this.#place(line, to, view, start)) return -1
    view.setUint32(start + AT_LENGTH, end - start, true)
    view.setUint8(start + AT_WIRE_ID, wireId)
    view.setUint8(start + AT_VERSION, version)
    view.setUint32(start + AT_PRESENT, present, true)
    return end
  }

  /** @returns the presence bits, -1 when something is not as expected */
  #scanFields(line: Buffer, to: number, view: DataView, start: number): number {
    let present = 0
    const from = this.#at
    for (const field of this.#fields) {
      const before = this.#at
      if (before > from && line[this.#at] === COMMA) this.#at++
      if (!this.#skip(line, field.key)) {
        if (!field.field.optional) return -1
        this.#at = before
        continue
      }
      if (!this.#value(line, to, field, view, start + field.at)) return -1
      present += field.bit
    }
    return present
  }

  #skip(line: Buffer, key: Uint8Array): boolean {
    const at = this.#at
    for (let i = 0; i < key.length; i++) if (line[at + i] !== key[i]) return false
    this.#at = at + key.length
    return true
  }

  #value(line: Buffer, to: number, { field, values }: ScanField, view: DataView, at: number): boolean {
    if (field.kind === 'oneOf') {
      const index = values.findIndex((value) => this.#skip(line, value))
      if (index >= 0) view.setUint32(at, index, true)
      return index >= 0
    }
    const from = this.#at
    let end = from
    while (end < to && line[end] !== COMMA && line[end] !== BRACE) end++
    this.#at = end
    switch (field.kind) {
      case 'bool': {
        const text = line.toString('latin1', from, end)
        if (text === 'true') view.setUint32(at, 1, true)
        return text === 'true' || text === 'false'
      }
      case 'f64': {
        const text = line.toString('latin1', from, end)
        const value = field.jsonDecimal === true ? millionthsOf(text) : Number(text)
        view.setFloat64(at, value, true)
        return Number.isFinite(value)
      }
      case 'e6': {
        const value = parseE6Bytes(line, from, end)
        return !Number.isNaN(value) && (putI64(view, at, value), true)
      }
      case 'i64': {
        const value = integer(line, from, end)
        return !Number.isNaN(value) && (putI64(view, at, value), true)
      }
      case 'u32': {
        const value = integer(line, from, end)
        return value === value >>> 0 && (view.setUint32(at, value, true), true)
      }
    }
  }

  #text(line: Buffer, to: number, out: RecordBatch, at: number): number {
    if (!this.#skip(line, this.#tailKey) || line[this.#at] !== QUOTE) return -1
    const from = this.#at + 1
    let end = from
    let escapes = false
    for (; end < to && line[end] !== QUOTE; end++) {
      if (line[end] !== BACKSLASH) continue
      escapes = true
      end++
    }
    if (end >= to) return -1
    this.#at = end + 1
    const text = escapes ? unescaped(line, from - 1, end + 1) : line.subarray(from, end)
    if (text === undefined) return -1
    out.bytes.set(text, at + 4)
    out.view.setUint32(at, text.length, true)
    return at + 4 + text.length
  }

  #levels(line: Buffer, to: number, view: DataView, at: number): number {
    if (!this.#skip(line, BIDS)) return -1
    const bidsEnd = this.#side(line, to, view, at + 8)
    if (bidsEnd < 0 || !this.#skip(line, ASKS)) return -1
    const asksEnd = this.#side(line, to, view, bidsEnd)
    if (asksEnd < 0) return -1
    view.setUint32(at, (bidsEnd - at - 8) / 16, true)
    view.setUint32(at + 4, (asksEnd - bidsEnd) / 16, true)
    return asksEnd
  }

  #side(line: Buffer, to: number, view: DataView, at: number): number {
    scanPairs(line, this.#at, view, at, this.#pairEnd)
    const { line: next, record } = this.#pairEnd
    if (next < 0 || next > to) return -1
    this.#at = next
    return record
  }

  #place(line: Buffer, to: number, view: DataView, start: number): boolean {
    if (!this.#skip(line, AT)) return false
    const shard = this.#whole(line, to, COMMA)
    const frameIdx = this.#whole(line, to, COMMA)
    const pos = this.#whole(line, to, COMMA)
    const instrument = this.#whole(line, to, COMMA)
    const recvRelNs = this.#whole(line, to, CLOSE)
    if (line[this.#at] !== BRACE || this.#at + 1 !== to || Number.isNaN(recvRelNs)) return false
    if (shard >>> 16 !== 0 || shard !== shard >>> 0 || frameIdx !== frameIdx >>> 0 || pos !== pos >>> 0 || instrument !== instrument >>> 0)
      return false
    view.setUint16(start + AT_SHARD, shard, true)
    view.setUint32(start + AT_FRAME_IDX, frameIdx, true)
    view.setUint32(start + AT_POS, pos, true)
    view.setUint32(start + AT_INSTRUMENT, instrument, true)
    putI64(view, start + AT_RECV, recvRelNs)
    return true
  }

  /** The whole number at the cursor, which ends at `stop`; the cursor goes behind it. @returns NaN when there is none */
  #whole(line: Buffer, to: number, stop: number): number {
    const end = numberEnd(line, this.#at, to, stop)
    if (end < 0) return NaN
    const value = integer(line, this.#at, end)
    this.#at = end + 1
    return value
  }
}

function numberEnd(line: Buffer, from: number, to: number, stop: number): number {
  for (let i = from; i < to; i++) {
    const c = line[i]!
    if (c === stop) return i
    if (c === OPEN || c === CLOSE || c === BRACE || c === QUOTE) return -1
  }
  return -1
}

/** @returns NaN when the text is no whole number that a double holds exactly */
function integer(line: Buffer, from: number, to: number): number {
  const negative = line[from] === MINUS
  let value = 0
  for (let i = negative ? from + 1 : from; i < to; i++) {
    const digit = line[i]! - ZERO
    if (digit < 0 || digit > 9) return NaN
    value = value * 10 + digit
  }
  if (to <= (negative ? from + 1 : from) || value > MAX_SAFE) return NaN
  return negative && value !== 0 ? -value : value
}

function unescaped(line: Buffer, from: number, to: number): Uint8Array | undefined {
  try {
    return ascii.encode(JSON.parse(line.toString('utf8', from, to)) as string)
  } catch {
    return undefined
  }
}
