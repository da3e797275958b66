import { formatE6 } from '../market/decimalE6.ts'
import type { Channel, RecordHeader, RecordOf } from './channel.ts'
import { isoMicros, isoOfMs, ZoneClock } from './eventTime.ts'
import { millionthsText } from './exactJson.ts'
import type { Field, Levels } from './fields.ts'
import { tailMembers } from './jsonTail.ts'

/** Version of the envelope, not of the channel. */
export const EVENT_SCHEMA_VERSION = 1

/** What the envelope says of the instrument of an event. An empty text is left out. */
export interface EventInstrument {
  readonly tokenId: string
  readonly marketId: string
  /** Of a weather station; it has no token and no market. */
  readonly stationId?: string
}

/** What only the place of an event in the tape can tell. */
export interface EventExtra {
  /** The event window in which the event was recorded. */
  readonly windowId?: string | undefined
  /** Price levels are left out, for who wants the best prices only. */
  readonly withoutLevels?: boolean
}

/** What a record does not carry itself: where and when its run began, what its instrument number stands for, how ids are derived. */
export interface EventContext {
  /** Nanoseconds since the Unix epoch of relNs 0. */
  readonly originTsNs: bigint
  instrument(instrumentId: number): EventInstrument | undefined
  /** Id of an event; without `pos` the id of the frame that caused it, which is the correlation id. */
  eventId(shard: number, frameIdx: number, pos?: number): string
}

/** Fields around the payload of an event, in the order in which they are written. Absent ones are undefined and left out. */
export interface Envelope {
  readonly schema_version: number
  readonly event_id: string
  readonly correlation_id: string
  readonly ch: string
  /** Receive time of the causing frame, ISO-8601 with microseconds. */
  readonly ts_ingest_utc: string
  readonly ts_nyc: string
  readonly ts_es: string
  /** The venue's own time of what is told, where it stated one. */
  readonly obs_time_utc?: string | undefined
  readonly station_id?: string | undefined
  readonly market_id?: string | undefined
  readonly token_id?: string | undefined
  /** Of an event window, or of the one in which the event was recorded. */
  readonly window_id?: string | undefined
}

/** A record of any channel, its fields by name. */
export type AnyRecord = RecordHeader & { readonly ch: string; readonly levels?: Levels; readonly text?: string } & Readonly<
    Record<string, unknown>
  >

const newYork = new ZoneClock('America/New_York')
const madrid = new ZoneClock('Europe/Madrid')

/** The envelope of a record. Source of the fields: the recorder of the storage and replay seed. */
export function envelopeOf(channel: Channel, record: AnyRecord, context: EventContext, extra?: EventExtra): Envelope {
  const { shard, frameIdx, pos, instrumentId, recvRelNs } = record
  const tsNs = context.originTsNs + BigInt(recvRelNs)
  const instrument = instrumentId === 0 ? undefined : context.instrument(instrumentId)
  const venueMs = record['exchTsMs']
  return {
    schema_version: EVENT_SCHEMA_VERSION,
    event_id: context.eventId(shard, frameIdx, pos),
    // What happens in a window goes back to the frame that opened it, its end too.
    correlation_id: channel.name === 'event_window' ? causeOf(record, context, false) : context.eventId(shard, frameIdx),
    ch: channel.name,
    ts_ingest_utc: isoMicros(tsNs),
    ts_nyc: newYork.text(tsNs),
    ts_es: madrid.text(tsNs),
    obs_time_utc: typeof venueMs === 'number' ? isoOfMs(venueMs) : undefined,
    station_id: filled(instrument?.stationId),
    market_id: filled(instrument?.marketId),
    token_id: filled(instrument?.tokenId),
    window_id: channel.name === 'event_window' ? windowIdOf(causeOf(record, context, true)) : extra?.windowId
  }
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** Id of the START event of a window, or of its frame. */
function causeOf(record: AnyRecord, context: EventContext, event: boolean): string {
  const [shard, frameIdx, pos] = [record['causeShard'], record['causeFrameIdx'], record['causePos']] as [number, number, number]
  return event ? context.eventId(shard, frameIdx, pos) : context.eventId(shard, frameIdx)
}

/** Id of an event window: the first 8 hex digits of the id of its START event. */
export function windowIdOf(startEventId: string): string {
  return startEventId.slice(0, 8)
}

/**
 * A record as one line of JSON: the envelope, then the payload under `data` with the names on the wire. Prices and quantities are exact
 * decimal numbers, levels are `bids` and `asks` of [price, size] pairs, absent fields are left out. No newline at the end.
 */
export function eventJson<C extends Channel>(channel: C, record: RecordOf<C>, context: EventContext, extra?: EventExtra): string {
  const plain = record as unknown as AnyRecord
  // JSON.stringify leaves out what is undefined.
  const head = JSON.stringify(envelopeOf(channel, plain, context, extra))
  return `${head.slice(0, -1)},"data":${payloadJson(channel, plain, extra?.withoutLevels === true)}}`
}

function payloadJson(channel: Channel, record: AnyRecord, withoutLevels: boolean): string {
  const parts: string[] = []
  for (const [name, field] of Object.entries(channel.fields)) {
    const value = record[name]
    if (value !== undefined) parts.push(`${JSON.stringify(field.json ?? field.wire)}:${fieldText(field, value, true)}`)
  }
  if (channel.tail?.kind === 'levels' && !withoutLevels) {
    const { bids, asks } = record.levels ?? { bids: [], asks: [] }
    parts.push(`"bids":${pairsJson(bids)}`, `"asks":${pairsJson(asks)}`)
  }
  if (channel.tail?.kind === 'text') parts.push(...[tailMembers(channel, record.text ?? '')].filter((members) => members !== ''))
  return `{${parts.join(',')}}`
}

/** A field's value as text: as JSON (texts quoted), or bare as on disk. */
export function fieldText(field: Field, value: unknown, quoted: boolean): string {
  if (quoted && field.jsonDecimal === true) return millionthsText(value as number)
  switch (field.kind) {
    case 'e6':
      return formatE6(value as number)
    case 'oneOf':
      return quoted ? JSON.stringify(value) : String(value)
    case 'f64':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'u32':
    case 'i64':
    case 'bool':
      return String(value)
  }
}

/** One side of the book as [[price, size], ...]. */
export function pairsJson(side: readonly number[]): string {
  const pairs: string[] = []
  for (let i = 0; i + 1 < side.length; i += 2) pairs.push(`[${formatE6(side[i]!)},${formatE6(side[i + 1]!)}]`)
  return `[${pairs.join(',')}]`
}
