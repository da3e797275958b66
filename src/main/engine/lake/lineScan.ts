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
import { pairKernel } from './pairKernel.ts'
import { scanPairs, type PairEnd } from './pairScan.ts'
import type { RecordBatch } from './recordBatch.ts'

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const DOT = 46
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
const TRUE = ascii.encode('true')
const FALSE = ascii.encode('false')
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
  #dataFrom = 0
  readonly #kernel = pairKernel()
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
    const dataAt = this.#dataOf(line, from, to)
    if (dataAt < 0 || dataAt >= to) return this.#parse(line, from, to, out)
    this.#at = from + CH_AT
    const end = this.#skip(line, this.#ch) ? this.#record(line, dataAt + DATA.length, to, out) : -1
    if (end < 0) return this.#parse(line, from, to, out)
    out.commit(end, this.#windowId(line, dataAt))
    out.takeIds(line, from + EVENT_ID_AT, from + CAUSE_ID_AT)
    this.dataAt = dataAt
    return true
  }

  /** Where the data begins: as far from the start as in the line before, most of the time. */
  #dataOf(line: Buffer, from: number, to: number): number {
    this.#at = from + this.#dataFrom
    if (this.#at < to && this.#skip(line, DATA)) return from + this.#dataFrom
    const at = line.indexOf(DATA, from)
    if (at >= 0) this.#dataFrom = at - from
    return at
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
      end = tail.kind === 'text' ? this.#text(line, to, out, end) : this.#levels(line, to, out, end)
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
        this.#at = from
        const isTrue = this.#skip(line, TRUE)
        if (isTrue) view.setUint32(at, 1, true)
        return (isTrue || this.#skip(line, FALSE)) && this.#at === end
      }
      case 'f64': {
        const value = this.#float(line, from, end, field.jsonDecimal === true)
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

  #float(line: Buffer, from: number, to: number, isMillionths: boolean): number {
    const value = shortDecimal(line, from, to, isMillionths ? 6 : 0)
    if (!Number.isNaN(value)) return value
    const text = line.toString('latin1', from, to)
    return isMillionths ? millionthsOf(text) : Number(text)
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

  #levels(line: Buffer, to: number, out: RecordBatch, at: number): number {
    const { view } = out
    if (!this.#skip(line, BIDS)) return -1
    const quick = this.#usualLevels(line, to, out, at)
    if (quick >= 0) return quick
    const bidsEnd = this.#side(line, to, view, at + 8)
    if (bidsEnd < 0 || !this.#skip(line, ASKS)) return -1
    const asksEnd = this.#side(line, to, view, bidsEnd)
    if (asksEnd < 0) return -1
    view.setUint32(at, (bidsEnd - at - 8) / 16, true)
    view.setUint32(at + 4, (asksEnd - bidsEnd) / 16, true)
    return asksEnd
  }

  /** @returns -1, with the cursor where it was, when there is a number that the kernel does not take */
  #usualLevels(line: Buffer, to: number, { bytes, view }: RecordBatch, at: number): number {
    const kernel = this.#kernel
    const from = this.#at
    kernel.load(line, from, to)
    const bidsTo = kernel.list(0)
    const bidBytes = kernel.length
    this.#at = from + bidsTo
    const asksTo = bidsTo >= 0 && this.#skip(line, ASKS) ? kernel.list(this.#at - from) : -1
    this.#at = from + asksTo
    if (asksTo < 0) {
      this.#at = from
      return -1
    }
    kernel.copyTo(bytes, at + 8)
    view.setUint32(at, bidBytes / 16, true)
    view.setUint32(at + 4, (kernel.length - bidBytes) / 16, true)
    return at + 8 + kernel.length
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

/**
 * A decimal × 10^`shift`, as `Number` rounds it: digits below 2^53 and a power of ten up to 10^22 are exact doubles, and one product or quotient
 * of such is rounded once. @returns NaN for any other text
 */
function shortDecimal(line: Buffer, from: number, to: number, shift: number): number {
  const negative = line[from] === MINUS
  const first = negative ? from + 1 : from
  let point = to
  let digits = 0
  for (let i = first; i < to; i++) {
    const digit = line[i]! - ZERO
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit
    else if (digit === DOT - ZERO && point === to && i > first && i + 1 < to) point = i
    else return NaN
  }
  const exponent = shift - (point === to ? 0 : to - point - 1)
  if (to === first || !(digits <= MAX_SAFE) || exponent < -MAX_EXACT_POWER || exponent > MAX_EXACT_POWER) return NaN
  // A product may be beyond what is exact: it is rounded once, too.
  const value = exponent < 0 ? digits / POWERS[-exponent]! : digits * POWERS[exponent]!
  return negative ? -value : value
}

const MAX_EXACT_POWER = 22
const POWERS = Float64Array.from({ length: MAX_EXACT_POWER + 1 }, (_, n) => Number(`1e${n}`))

function unescaped(line: Buffer, from: number, to: number): Uint8Array | undefined {
  try {
    return ascii.encode(JSON.parse(line.toString('utf8', from, to)) as string)
  } catch {
    return undefined
  }
}
