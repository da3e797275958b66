import {
  CHANNELS,
  encodeRecord,
  exactJson,
  isJsonObject,
  millionthsOf,
  NumberText,
  recordBytes,
  tailTextIn,
  type Channel,
  type Field,
  type Json
} from '../../../shared/channels/index.ts'
import { parseE6 } from '../../../shared/market/index.ts'

/** Decimals below this come back exactly from a double: half a millionth is far more than its error. */
const EXACT_BELOW = 1e9

/** A number that ends within the piece that was cut out. */
const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[,}])/

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
  if (!isJsonObject(event)) return undefined
  const channel = byName.get(String(event['ch']))
  const at = event['at']
  const { event_id: eventId, raw, data } = event
  if (channel === undefined || typeof eventId !== 'string' || !isPlace(at)) return undefined
  const [shard, frameIdx, pos, instrumentId, recvRelNs] = at
  const header = { shard, frameIdx, pos, instrumentId, recvRelNs }
  const bytes =
    typeof raw === 'string'
      ? new Uint8Array(Buffer.from(raw, 'base64'))
      : isJsonObject(data)
        ? recordOf(channel, { ch: channel.name, ...header }, data, source)
        : undefined
  return bytes === undefined ? undefined : { channel, bytes, eventId, shard, frameIdx, pos, recvRelNs }
}

function isPlace(at: unknown): at is [number, number, number, number, number] {
  return Array.isArray(at) && at.length === 5 && at.every(Number.isSafeInteger)
}

function recordOf(channel: Channel, header: object, data: Json, source: string): Uint8Array | undefined {
  const record: Record<string, unknown> = { ...header }
  for (const [name, field] of Object.entries(channel.fields)) {
    const named = field.json === undefined ? undefined : data[field.json]
    const given = named ?? data[field.wire]
    if (given === undefined) {
      if (!field.optional) return undefined
      continue
    }
    const value = named !== undefined && field.jsonDecimal === true ? decimalOf(field.json ?? '', named, source) : valueOf(field, given)
    if (value === undefined) return isHuge(given) ? recordOf(channel, header, exactPayload(source), source) : undefined
    record[name] = value
  }
  if (channel.tail?.kind === 'levels') {
    const bids = sideOf(data['bids'])
    const asks = sideOf(data['asks'])
    if (bids === undefined || asks === undefined) return undefined
    if (bids === 'huge' || asks === 'huge') return recordOf(channel, header, exactPayload(source), source)
    record['levels'] = { bids, asks }
  } else if (channel.tail !== undefined) {
    const text = tailTextIn(channel, channel.tail.json === true ? exactPayload(source) : data, false)
    if (text === undefined) return undefined
    record['text'] = text
  }
  const bytes = new Uint8Array(recordBytes(channel, record))
  encodeRecord(channel, record as never, new DataView(bytes.buffer), 0)
  return bytes
}

function valueOf(field: Field, given: unknown): unknown {
  const number = given instanceof NumberText ? Number(given.source) : given
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
  if (given instanceof NumberText) return parseE6(given.source)
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

/**
 * A decimal under `data` as the number × 1e6 that it was made from. A double would give another one back, so the text of the line counts;
 * a name with its quotes stands at one place of a line only.
 */
function decimalOf(name: string, given: unknown, source: string): number | undefined {
  if (given instanceof NumberText) return millionthsOf(given.source)
  const at = source.indexOf(`"${name}":`)
  const text = at < 0 ? undefined : DECIMAL.exec(source.slice(at + name.length + 3, at + name.length + 43))?.[0]
  const found = text ?? decimalText(exactPayload(source)[name])
  return found === undefined ? undefined : millionthsOf(found)
}

function decimalText(value: unknown): string | undefined {
  return value instanceof NumberText ? value.source : undefined
}

/** The payload once more, with its numbers as they stood. */
function exactPayload(line: string): Json {
  const event = exactJson(line)
  const data = isJsonObject(event) ? event['data'] : undefined
  if (!isJsonObject(data)) throw new Error('broken promise: the payload was there a moment ago')
  return data
}
