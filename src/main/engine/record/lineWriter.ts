import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_POS,
  AT_PRESENT,
  AT_RECV,
  AT_SHARD,
  AT_WIRE_ID,
  CHANNELS,
  decodeRecord,
  getI64,
  InstrumentTable,
  type Channel,
  type Instrument,
  type Station
} from '../../../shared/channels/index.ts'
import { EventIdText } from './eventIdText.ts'
import { payloadWriter, type PayloadWriter } from './payloadWriter.ts'
import type { TextBuffer } from './textBuffer.ts'
import { TimeText } from './timeText.ts'

const ascii = new TextEncoder()
const OPEN = ascii.encode('{"schema_version":1,"event_id":"')
const CORRELATION = ascii.encode('","correlation_id":"')
const OBSERVED = ascii.encode(',"obs_time_utc":"')
const WINDOW = ascii.encode(',"window_id":"')
const DATA = ascii.encode(',"data":{')
const AT = ascii.encode('},"at":[')
const RAW = ascii.encode('},"raw":"')
const RAW_AT = ascii.encode('","at":[')

interface ChannelText {
  readonly channel: Channel
  /** `","ch":"<name>","ts_ingest_utc":"` */
  readonly head: Uint8Array
  readonly payload: PayloadWriter
  /** Offset of the venue's time and its presence bit; undefined where the channel has none. */
  readonly venueTime: { readonly at: number; readonly bit: number } | undefined
  readonly announces: boolean
  readonly isWindow: boolean
  /** Offsets of the coordinates of the START of an event window. */
  readonly cause: readonly [number, number, number]
}

/** A window of which a recorded event is part, by the place of its START. */
export interface WindowStart {
  readonly shard: number
  readonly frameIdx: number
  readonly pos: number
}

/**
 * Writes records as lines of a journal: the event as JSON (the same bytes as `eventJson`), and `"at":[shard, frame, position, instrument,
 * receive time]` as its last member, so that the record comes back bit for bit. A record that JSON cannot carry goes along in base64 as `"raw"`.
 */
export class LineWriter {
  readonly times: TimeText
  readonly #ids: EventIdText
  readonly #texts: (ChannelText | undefined)[] = []
  readonly #instruments = new InstrumentTable()
  readonly #instrumentText = new Map<number, Uint8Array>()

  constructor(runId: string, originTsNs: bigint) {
    this.times = new TimeText(originTsNs)
    this.#ids = new EventIdText(runId)
    for (const channel of CHANNELS) this.#texts[channel.wireId] = textOf(channel)
  }

  /** Appends the line of the record at `start`, newline included. @param window the newest open event window */
  write(out: TextBuffer, view: DataView, start: number, window: WindowStart | undefined): void {
    const text = this.#texts[view.getUint8(start + AT_WIRE_ID)]
    if (text === undefined) throw new Error(`broken promise: there is no channel ${view.getUint8(start + AT_WIRE_ID)}`)
    if (text.announces) this.#announce(text.channel, view, start)
    this.#envelope(out, text, view, start, window)
    out.put(DATA)
    const payloadAt = out.length
    if (text.payload(out, view, start)) out.put(AT)
    else {
      out.length = payloadAt
      out.put(RAW)
      const length = view.getUint32(start + AT_LENGTH, true)
      out.text(Buffer.from(view.buffer, view.byteOffset + start, length).toString('base64'))
      out.put(RAW_AT)
    }
    writeAt(out, view, start)
  }

  #envelope(out: TextBuffer, text: ChannelText, view: DataView, start: number, window: WindowStart | undefined): void {
    const shard = view.getUint16(start + AT_SHARD, true)
    const frameIdx = view.getUint32(start + AT_FRAME_IDX, true)
    const cause = text.isWindow ? windowStart(text, view, start) : undefined
    out.put(OPEN)
    this.#ids.event(out, shard, frameIdx, view.getUint32(start + AT_POS, true))
    out.put(CORRELATION)
    this.#ids.frame(out, cause?.shard ?? shard, cause?.frameIdx ?? frameIdx)
    out.put(text.head)
    this.times.received(out, getI64(view, start + AT_RECV))
    if (text.venueTime !== undefined) this.#observed(out, text.venueTime, view, start)
    const instrumentId = view.getUint32(start + AT_INSTRUMENT, true)
    if (instrumentId !== 0) {
      const known = this.#instrumentText.get(instrumentId)
      if (known !== undefined) out.put(known)
    }
    const inside = cause ?? window
    if (inside === undefined) return
    out.put(WINDOW)
    const at = out.length
    this.#ids.event(out, inside.shard, inside.frameIdx, inside.pos)
    out.length = at + 8
    out.byte(34)
  }

  #observed(out: TextBuffer, { at, bit }: NonNullable<ChannelText['venueTime']>, view: DataView, start: number): void {
    if (bit !== 0 && Math.floor(view.getUint32(start + AT_PRESENT, true) / bit) % 2 === 0) return
    const before = out.length
    out.put(OBSERVED)
    if (this.times.venue(out, getI64(view, start + at))) out.byte(34)
    else out.length = before
  }

  #announce(channel: Channel, view: DataView, start: number): void {
    const record = decodeRecord(channel, view, start) as unknown as Instrument | Station
    this.#instruments.take(record)
    const { stationId = '', marketId = '', tokenId = '' } = this.#instruments.get(record.instrumentId) ?? {}
    const members = Object.entries({ station_id: stationId, market_id: marketId, token_id: tokenId })
    const text = members.map(([key, value]) => (value === '' ? '' : `,"${key}":${JSON.stringify(value)}`)).join('')
    this.#instrumentText.set(record.instrumentId, ascii.encode(text))
  }
}

function textOf(channel: Channel): ChannelText {
  const at: Readonly<Record<string, number>> = channel.at
  const bit: Readonly<Record<string, number>> = channel.bit
  const field = channel.fields['exchTsMs']
  return {
    channel,
    head: ascii.encode(`","ch":"${channel.name}","ts_ingest_utc":"`),
    payload: payloadWriter(channel),
    venueTime: field === undefined ? undefined : { at: at['exchTsMs'] ?? 0, bit: bit['exchTsMs'] ?? 0 },
    announces: channel.name === 'instrument' || channel.name === 'station',
    isWindow: channel.name === 'event_window',
    cause: [at['causeShard'] ?? 0, at['causeFrameIdx'] ?? 0, at['causePos'] ?? 0]
  }
}

function windowStart({ cause }: ChannelText, view: DataView, start: number): WindowStart {
  const [shard, frameIdx, pos] = cause
  return {
    shard: view.getUint32(start + shard, true),
    frameIdx: view.getUint32(start + frameIdx, true),
    pos: view.getUint32(start + pos, true)
  }
}

function writeAt(out: TextBuffer, view: DataView, start: number): void {
  out.int(view.getUint16(start + AT_SHARD, true))
  out.byte(44)
  out.int(view.getUint32(start + AT_FRAME_IDX, true))
  out.byte(44)
  out.int(view.getUint32(start + AT_POS, true))
  out.byte(44)
  out.int(view.getUint32(start + AT_INSTRUMENT, true))
  out.byte(44)
  out.int(getI64(view, start + AT_RECV))
  out.byte(93)
  out.byte(125)
  out.byte(10)
}
