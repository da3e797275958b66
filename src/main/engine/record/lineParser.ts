import { CHANNELS, encodeRecord, recordBytes, type Channel, type Field } from '../../../shared/channels/index.ts'
import { parseE6 } from '../../../shared/market/index.ts'

/** Decimals below this come back exactly from a double: half a millionth is far more than its error. */
const EXACT_BELOW = 1e9

/** A number of which a double would lose digits, as it stood in the text. */
class Digits {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Json = Readonly<Record<string, unknown>>

const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.name, channel]))

/** A line of a journal read back. */
export interface JournalLine {
  readonly channel: Channel
  /** The record, byte for byte as it was written. */
  readonly bytes: Uint8Array
  readonly eventId: string
  readonly shard: number
  readonly frameIdx: number
  readonly pos: number
  readonly recvRelNs: number
}

/** Reads a line of a journal. @returns undefined for anything that no LineWriter writes: a torn line, a line of another program */
export function parseJournalLine(line: string): JournalLine | undefined {
  try {
    return lineOf(JSON.parse(line) as unknown, line)
  } catch {
    // No JSON, or values that no record holds.
    return undefined
  }
}

function lineOf(event: unknown, source: string): JournalLine | undefined {
  if (!isObject(event)) return undefined
  const channel = byName.get(String(event['ch']))
  const at = event['at']
  const { event_id: eventId, raw, data } = event
  if (channel === undefined || typeof eventId !== 'string' || !isPlace(at)) return undefined
  const [shard, frameIdx, pos, instrumentId, recvRelNs] = at
  const header = { shard, frameIdx, pos, instrumentId, recvRelNs }
  const bytes =
    typeof raw === 'string'
      ? new Uint8Array(Buffer.from(raw, 'base64'))
      : isObject(data)
        ? recordOf(channel, { ch: channel.name, ...header }, data, source)
        : undefined
  return bytes === undefined ? undefined : { channel, bytes, eventId, shard, frameIdx, pos, recvRelNs }
}

function isPlace(at: unknown): at is [number, number, number, number, number] {
  return Array.isArray(at) && at.length === 5 && at.every(Number.isSafeInteger)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function recordOf(channel: Channel, header: object, data: Json, source: string): Uint8Array | undefined {
  const record: Record<string, unknown> = { ...header }
  for (const [name, field] of Object.entries(channel.fields)) {
    const given = data[field.wire]
    if (given === undefined) {
      if (!field.optional) return undefined
      continue
    }
    const value = valueOf(field, given)
    if (value === undefined) return isHuge(given) ? recordOf(channel, header, digitsKept(source), source) : undefined
    record[name] = value
  }
  if (channel.tail?.kind === 'levels') {
    const bids = sideOf(data['bids'])
    const asks = sideOf(data['asks'])
    if (bids === undefined || asks === undefined) return undefined
    if (bids === 'huge' || asks === 'huge') return recordOf(channel, header, digitsKept(source), source)
    record['levels'] = { bids, asks }
  } else if (channel.tail !== undefined) {
    const text = data[channel.tail.wire]
    if (typeof text !== 'string') return undefined
    record['text'] = text
  }
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
  return bytes
}

function valueOf(field: Field, given: unknown): unknown {
  const number = given instanceof Digits ? Number(given.text) : given
  switch (field.kind) {
    case 'bool':
      return typeof given === 'boolean' ? given : undefined
    case 'oneOf':
      return field.values?.find((value) => value === given)
    case 'f64':
      return typeof number === 'number' ? number : undefined
    case 'u32':
      return typeof number === 'number' && number === number >>> 0 ? number : undefined
    case 'i64':
      return Number.isSafeInteger(number) ? number : undefined
    case 'e6':
      return e6Of(given)
  }
}

function e6Of(given: unknown): number | undefined {
  if (given instanceof Digits) return parseE6(given.text)
  return typeof given === 'number' && Math.abs(given) < EXACT_BELOW ? Math.round(given * 1e6) : undefined
}

function isHuge(given: unknown): boolean {
  return typeof given === 'number' && Math.abs(given) >= EXACT_BELOW
}

function sideOf(pairs: unknown): number[] | 'huge' | undefined {
  if (!Array.isArray(pairs)) return undefined
  const out: number[] = []
  for (const pair of pairs as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined
    const px = e6Of(pair[0])
    const size = e6Of(pair[1])
    if (px === undefined || size === undefined) return pair.some(isHuge) ? 'huge' : undefined
    out.push(px, size)
  }
  return out
}

/** The payload once more, with large numbers as the text that stood there. */
function digitsKept(line: string): Json {
  // The third argument of a reviver is newer than the type library.
  const keep = ((_key: string, value: unknown, context?: { source?: string }) =>
    isHuge(value) ? new Digits(context?.source ?? '') : value) as (key: string, value: unknown) => unknown
  const event: unknown = JSON.parse(line, keep)
  const data = isObject(event) ? event['data'] : undefined
  if (!isObject(data)) throw new Error('broken promise: the payload was there a moment ago')
  return data
}
