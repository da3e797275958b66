import type { Channel, RecordOf } from './channel.ts'
import { envelopeOf, fieldText, pairsJson, type AnyRecord, type EventContext } from './eventJson.ts'

const ENVELOPE_COLUMNS = [
  'event_id',
  'correlation_id',
  'ts_ingest_utc',
  'ts_nyc',
  'ts_es',
  'obs_time_utc',
  'station_id',
  'market_id',
  'token_id',
  'window_id'
] as const

/** Column names of a channel, separated by commas, without a line end. The payload's columns have the names on the wire. */
export function csvHeader(channel: Channel): string {
  const fields = Object.values(channel.fields).map((field) => field.wire)
  const tail = channel.tail === undefined ? [] : channel.tail.kind === 'levels' ? ['bids', 'asks'] : [channel.tail.wire]
  return [...ENVELOPE_COLUMNS, ...fields, ...tail].join(',')
}

/** One record under that header. An absent field is an empty cell; levels are JSON; cells are quoted where RFC 4180 asks for it. */
export function csvRow<C extends Channel>(channel: C, record: RecordOf<C>, context: EventContext): string {
  const plain = record as unknown as AnyRecord
  const envelope = envelopeOf(channel, plain, context)
  const cells = ENVELOPE_COLUMNS.map((name) => envelope[name] ?? '')
  for (const [name, field] of Object.entries(channel.fields)) {
    const value = plain[name]
    cells.push(value === undefined ? '' : fieldText(field, value, false))
  }
  if (channel.tail?.kind === 'levels') cells.push(pairsJson(plain.levels?.bids ?? []), pairsJson(plain.levels?.asks ?? []))
  if (channel.tail?.kind === 'text') cells.push(plain.text ?? '')
  return cells.map(quoted).join(',')
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
