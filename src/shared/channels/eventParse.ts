import { parseE6 } from '../market/decimalE6.ts'
import { CHANNELS, type ChannelName } from './catalog.ts'
import type { Channel } from './channel.ts'
import type { Envelope } from './eventJson.ts'
import { parseIsoMicros } from './eventTime.ts'
import { exactJson, isJsonObject, millionthsOf, NumberText, type Json } from './exactJson.ts'
import type { Field, Levels } from './fields.ts'
import { tailTextIn } from './jsonTail.ts'

/** An event read back from its JSON form. `values` are the channel's fields by their names in code. */
export interface ParsedEvent {
  readonly ch: ChannelName
  readonly envelope: Partial<Envelope>
  /** Receive time, nanoseconds since the Unix epoch; whole microseconds, since the text has no more. */
  readonly recvTsNs: bigint
  readonly values: Readonly<Record<string, unknown>>
  readonly levels?: Levels
  readonly text?: string
}

const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.name, channel]))

/**
 * Reads one line of events. The payload may lie under `data` or flat beside the envelope; unknown fields are ignored.
 * @returns undefined for anything that is no event of a channel that this version knows: a torn line, another channel, a value that cannot be
 */
export function parseEvent(line: string): ParsedEvent | undefined {
  const event = jsonObject(line)
  const channel = byName.get(String(event?.['ch']))
  const at = typeof event?.['ts_ingest_utc'] === 'string' ? parseIsoMicros(event['ts_ingest_utc']) : undefined
  if (event === undefined || channel === undefined || at === undefined) return undefined
  const isFlat = !isJsonObject(event['data'])
  const data = isJsonObject(event['data']) ? event['data'] : event
  const values = valuesOf(channel, data)
  const tail = tailOf(channel, data, isFlat)
  if (values === undefined || tail === undefined) return undefined
  return { ch: channel.name as ChannelName, envelope: envelopeIn(event), recvTsNs: at, values, ...tail }
}

function jsonObject(line: string): Json | undefined {
  try {
    const value = exactJson(line)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function envelopeIn(event: Json): Partial<Envelope> {
  const texts = [
    'event_id',
    'correlation_id',
    'ch',
    'ts_ingest_utc',
    'ts_nyc',
    'ts_es',
    'obs_time_utc',
    'station_id',
    'market_id',
    'token_id',
    'window_id'
  ] as const
  const out: Record<string, unknown> = {}
  for (const key of texts) if (typeof event[key] === 'string') out[key] = event[key]
  const version = event['schema_version']
  if (version instanceof NumberText) out['schema_version'] = Number(version.source)
  return out
}

function valuesOf(channel: Channel, data: Json): Record<string, unknown> | undefined {
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(channel.fields)) {
    const named = field.json === undefined ? undefined : data[field.json]
    const given = named ?? data[field.wire]
    if (given === undefined || given === null) {
      if (!field.optional) return undefined
      continue
    }
    const value = valueOf(field, given, named !== undefined && field.jsonDecimal === true)
    if (value === undefined) return undefined
    values[name] = value
  }
  return values
}

function valueOf(field: Field, given: unknown, isDecimal: boolean): unknown {
  if (field.kind === 'bool') return typeof given === 'boolean' ? given : undefined
  if (field.kind === 'oneOf') return field.values?.find((value) => value === given)
  if (!(given instanceof NumberText)) return undefined
  if (field.kind === 'e6') return parseE6(given.source)
  const number = isDecimal ? millionthsOf(given.source) : Number(given.source)
  if (field.kind === 'f64') return Number.isFinite(number) ? number : undefined
  if (field.kind === 'u32') return number === number >>> 0 ? number : undefined
  return Number.isSafeInteger(number) ? number : undefined
}

function tailOf(channel: Channel, data: Json, isFlat: boolean): { levels?: Levels; text?: string } | undefined {
  if (channel.tail === undefined) return {}
  if (channel.tail.kind === 'text') {
    const text = tailTextIn(channel, data, isFlat)
    return text === undefined ? undefined : { text }
  }
  const bids = sideOf(data['bids'])
  const asks = sideOf(data['asks'])
  return bids === undefined || asks === undefined ? undefined : { levels: { bids, asks } }
}

function sideOf(pairs: unknown): number[] | undefined {
  if (!Array.isArray(pairs)) return undefined
  const out: number[] = []
  for (const pair of pairs as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined
    for (const item of pair as unknown[]) {
      const value = item instanceof NumberText ? parseE6(item.source) : undefined
      if (value === undefined) return undefined
      out.push(value)
    }
  }
  return out
}
