import { AT_FRAME_IDX, AT_POS, AT_SHARD, type Channel, type EventInstrument } from '../../../shared/channels/index.ts'
import { EnvelopeSums, type HourSums } from './envelopeSums.ts'
import { RunHours } from './lakeTime.ts'
import type { RecordBatch } from './recordBatch.ts'

/** Chars of the parts of an envelope that always are of one length. */
const IDS_CHARS = '{"schema_version":1,"event_id":"","correlation_id":"'.length + 72
const RECEIVED_CHARS = '2026-11-20T04:58:00.123456+00:00","ts_nyc":"2026-11-19 23:58:00'.length
const ZONE = Buffer.from('","ts_es":"')
const LOCAL_CHARS = '2026-11-20 05:58:00"'.length
const OBSERVED = Buffer.from(',"obs_time_utc":"')
const WINDOW_CHARS = ',"window_id":"ab12cd34"'.length
/** `|shard:frame:pos` at its longest. */
const PLACE_CHARS = 32
const QUOTE = 34

/** The members of an envelope in their order. */
const MEMBERS = [
  'schema_version',
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

type Members = Readonly<Record<string, unknown>>

interface Named {
  /** The members that name the instrument, as they stand in the line. */
  readonly bytes: Buffer
  readonly instrument: EventInstrument | undefined
}

/**
 * Takes the envelopes of a channel's journal lines: what each line names as its instrument, for the Parquet, and the sums over all of them, for
 * the proof. The lake copies what the lines say and not what is known later.
 */
export class LineEnvelopes {
  readonly #sums = new EnvelopeSums()
  readonly #hours: RunHours
  readonly #zoneAt: number
  readonly #named = new Map<number, Named>()
  #text: Buffer = Buffer.alloc(4096)

  constructor(channel: Channel, originTsNs: bigint) {
    this.#hours = new RunHours(originTsNs)
    this.#zoneAt = IDS_CHARS + `","ch":"${channel.name}","ts_ingest_utc":"`.length + RECEIVED_CHARS
  }

  get sums(): HourSums {
    return this.#sums.hours
  }

  /**
   * Takes the line in bytes [from, to), whose record is the last one of the batch.
   * @param dataAt where its data begins; -1 when the line is not in the usual form
   */
  take(line: Buffer, from: number, to: number, dataAt: number, batch: RecordBatch): void {
    const row = batch.count - 1
    const namesAt = dataAt < 0 ? -1 : this.#namesAt(line, from)
    const namesEnd = dataAt - (batch.windowIds.has(row) ? WINDOW_CHARS : 0)
    if (namesAt < 0 || namesEnd < namesAt) return this.#takeSpelled(line.toString('utf8', from, to), batch)
    batch.instruments[row] = this.#instrument(batch.instrumentOf(row), line, namesAt, namesEnd)
    this.#add(batch, line, from, dataAt)
  }

  /** Where the names of the instrument begin, -1 when the envelope is not in the usual form. */
  #namesAt(line: Buffer, from: number): number {
    const zoneAt = from + this.#zoneAt
    if (line.compare(ZONE, 0, ZONE.length, zoneAt, zoneAt + ZONE.length) !== 0) return -1
    const at = zoneAt + ZONE.length + LOCAL_CHARS
    if (line.compare(OBSERVED, 0, OBSERVED.length, at, at + OBSERVED.length) !== 0) return at
    return line.indexOf(QUOTE, at + OBSERVED.length) + 1
  }

  #instrument(id: number, line: Buffer, at: number, end: number): EventInstrument | undefined {
    const last = this.#named.get(id)
    if (last !== undefined && line.compare(last.bytes, 0, last.bytes.length, at, end) === 0) return last.instrument
    const bytes = Buffer.from(line.subarray(at, end))
    const members = jsonOf(`{${bytes.toString('utf8', 1)}}`)
    const named = { bytes, instrument: bytes.length === 0 ? undefined : instrumentOf(members) }
    this.#named.set(id, named)
    return named.instrument
  }

  /** Any other spelling: the same members, written as usual. */
  #takeSpelled(line: string, batch: RecordBatch): void {
    const members = jsonOf(line)
    batch.instruments[batch.count - 1] = instrumentOf(members)
    const text = Buffer.from(JSON.stringify(Object.fromEntries(MEMBERS.map((name) => [name, members[name]]))).slice(0, -1))
    this.#add(batch, text, 0, text.length)
  }

  #add(batch: RecordBatch, bytes: Buffer, from: number, to: number): void {
    const row = batch.count - 1
    const start = batch.starts[row]!
    const { view } = batch
    const place = `|${view.getUint16(start + AT_SHARD, true)}:${view.getUint32(start + AT_FRAME_IDX, true)}:${view.getUint32(start + AT_POS, true)}`
    if (this.#text.length < to - from + PLACE_CHARS) this.#text = Buffer.alloc((to - from) * 2 + PLACE_CHARS)
    bytes.copy(this.#text, 0, from, to)
    const length = to - from + this.#text.write(place, to - from, 'latin1')
    this.#sums.add(this.#hours.hourOf(batch.recvOf(row)), this.#text.subarray(0, length))
  }
}

function jsonOf(text: string): Members {
  try {
    const members: unknown = JSON.parse(text)
    return typeof members === 'object' && members !== null ? (members as Members) : {}
  } catch {
    // The sum tells that this is no envelope.
    return {}
  }
}

function instrumentOf(members: Members): EventInstrument | undefined {
  const text = (name: string): string => (typeof members[name] === 'string' ? members[name] : '')
  const instrument = { stationId: text('station_id'), marketId: text('market_id'), tokenId: text('token_id') }
  return Object.values(instrument).every((name) => name === '') ? undefined : instrument
}
