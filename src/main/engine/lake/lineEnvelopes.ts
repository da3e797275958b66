import { AT_FRAME_IDX, AT_POS, AT_SHARD, type Channel, type EventInstrument } from '../../../shared/channels/index.ts'
import { EnvelopeSums, type HourSums } from './envelopeSums.ts'
import { RunHours } from './lakeTime.ts'
import { md5, TEXT_AT } from './md5Kernel.ts'
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
const ZERO = 48
const COLON = 58
const BAR = 124

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
  /** Over `bytes`. */
  readonly text: DataView
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
  readonly #md5 = md5()
  #block: Buffer | undefined
  #blockText: DataView = textOf(Buffer.alloc(0))

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
    const namesEnd = dataAt - (batch.windowIds.size > 0 && batch.windowIds.has(row) ? WINDOW_CHARS : 0)
    if (namesAt < 0 || namesEnd < namesAt) return this.#takeSpelled(line.toString('utf8', from, to), batch)
    batch.instruments[row] = this.#instrument(batch.instrumentOf(row), line, namesAt, namesEnd)
    this.#add(batch, line, from, dataAt)
  }

  /** Where the names of the instrument begin, -1 when the envelope is not in the usual form. */
  #namesAt(line: Buffer, from: number): number {
    const zoneAt = from + this.#zoneAt
    if (!startsWith(line, zoneAt, ZONE)) return -1
    const at = zoneAt + ZONE.length + LOCAL_CHARS
    if (!startsWith(line, at, OBSERVED)) return at
    return line.indexOf(QUOTE, at + OBSERVED.length) + 1
  }

  #instrument(id: number, line: Buffer, at: number, end: number): EventInstrument | undefined {
    const last = this.#named.get(id)
    if (last !== undefined && last.bytes.length === end - at && this.#isSame(line, at, last)) return last.instrument
    const bytes = Buffer.from(line.subarray(at, end))
    const members = jsonOf(`{${bytes.toString('utf8', 1)}}`)
    const named = { bytes, text: textOf(bytes), instrument: bytes.length === 0 ? undefined : instrumentOf(members) }
    this.#named.set(id, named)
    return named.instrument
  }

  /** Four bytes at a time: names are long, and nearly always those of the line before. */
  #isSame(line: Buffer, at: number, { bytes, text }: Named): boolean {
    if (line !== this.#block) {
      this.#block = line
      this.#blockText = textOf(line)
    }
    const block = this.#blockText
    let i = 0
    for (const last = bytes.length - 4; i <= last; i += 4) if (block.getInt32(at + i, true) !== text.getInt32(i, true)) return false
    for (; i < bytes.length; i++) if (line[at + i] !== bytes[i]) return false
    return true
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
    const text = this.#md5.room(to - from + PLACE_CHARS)
    text.set(bytes.subarray(from, to), TEXT_AT)
    let end = TEXT_AT + to - from
    text[end++] = BAR
    end = putDigits(text, end, view.getUint16(start + AT_SHARD, true))
    text[end++] = COLON
    end = putDigits(text, end, view.getUint32(start + AT_FRAME_IDX, true))
    text[end++] = COLON
    end = putDigits(text, end, view.getUint32(start + AT_POS, true))
    this.#sums.add(this.#hours.hourOf(batch.recvOf(row)), this.#md5.digest(end))
  }
}

function textOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** A loop: for so few bytes a call of `compare` costs more. */
function startsWith(line: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (line[at + i] !== bytes[i]) return false
  return true
}

/** Writes a whole number in decimal. @returns where it ends */
function putDigits(text: Uint8Array, at: number, value: number): number {
  let end = at + 1
  for (let top = 10; top <= value; top *= 10) end++
  for (let i = end - 1, rest = value; i >= at; i--, rest = Math.floor(rest / 10)) text[i] = ZERO + (rest % 10)
  return end
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
