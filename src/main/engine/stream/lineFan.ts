import {
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_RECV,
  AT_WIRE_ID,
  CHANNELS,
  decodeRecord,
  eventJson,
  getI64,
  health,
  instrument,
  InstrumentTable,
  l2Snap1s,
  station,
  type Channel,
  type ChannelName,
  type EventContext
} from '../../../shared/channels/index.ts'
import { modelAt } from '../replay/index.ts'
import { eventIdsOf } from '../tape/index.ts'
import type { Listener } from './listener.ts'

const byWireId: ReadonlyMap<number, Channel> = new Map(CHANNELS.map((channel) => [channel.wireId, channel]))

export interface LineFanOptions {
  /** Shared with other runs; own ones when left out. */
  readonly listeners?: Set<Listener>
  /** What clients' lines have as the number of an instrument or station; the run's own when left out. */
  readonly numberOf?: (instrumentId: number) => number
  /** Ladders are left out for everybody: the recorded day was opened light. */
  readonly light?: boolean
}

/** Makes records of a run into lines, each once however many clients want it. In light mode books come without their ladders. */
export class LineFan {
  readonly listeners: Set<Listener>
  readonly #numberOf: (instrumentId: number) => number
  readonly #light: boolean
  readonly #context: EventContext
  #instruments = new InstrumentTable()
  /** Heartbeats that wait for the first event received later than they were made: the same place in every stream of the run. */
  #health: { readonly relNs: number; readonly bytes: Uint8Array }[] = []

  constructor(runId: string, originTsNs: bigint, { listeners = new Set(), numberOf = (id) => id, light = false }: LineFanOptions = {}) {
    this.listeners = listeners
    this.#numberOf = numberOf
    this.#light = light
    this.#context = { originTsNs, instrument: (id) => this.#instruments.get(id), eventId: eventIdsOf(runId) }
  }

  /** Takes a batch of records of the tape, in order. */
  take(bytes: Uint8Array, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0, size = 0; at < length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      if (this.#health.length > 0) this.#healthBefore(getI64(view, at + AT_RECV))
      this.#record(view, at)
    }
  }

  /** Takes a heartbeat. */
  addHealth(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; at += view.getUint32(at + AT_LENGTH, true)) {
      const size = view.getUint32(at + AT_LENGTH, true)
      this.#health.push({ relNs: getI64(view, at + AT_RECV), bytes: bytes.slice(at, at + size) })
    }
  }

  /** Takes heartbeats before which everything has been told. */
  tellHealth(bytes: Uint8Array): void {
    this.addHealth(bytes)
    this.#healthBefore(Infinity)
  }

  /** Forgets what instrument numbers stood for, and tells these records to one client, or to all. */
  begin(records: readonly Uint8Array[], to: Iterable<Listener> = this.listeners, again = true): void {
    if (again) {
      this.#instruments = new InstrumentTable()
      this.#health = []
    }
    const listeners = [...to]
    for (const bytes of records) this.#record(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, listeners)
  }

  #healthBefore(relNs: number): void {
    while (this.#health.length > 0 && this.#health[0]!.relNs < relNs) {
      const { bytes } = this.#health.shift()!
      this.#record(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0)
    }
  }

  #record(view: DataView, at: number, to: Iterable<Listener> = this.listeners): void {
    const wireId = view.getUint8(at + AT_WIRE_ID)
    const channel = byWireId.get(wireId)
    if (channel === undefined) return
    const announces = wireId === instrument.wireId || wireId === station.wireId
    if (announces) this.#instruments.take(decodeRecord(channel, view, at) as never)
    const name = channel.name as ChannelName
    const instrumentId = view.getUint32(at + AT_INSTRUMENT, true)
    const about = wireId === health.wireId || instrumentId === 0 ? undefined : this.#instruments.get(instrumentId)
    const model = modelAt(view, at, wireId)
    const textOf = (withoutLevels: boolean): string =>
      eventJson(channel, decodeRecord(channel, view, at) as never, this.#context, { withoutLevels })
    let whole: string | undefined
    let short: string | undefined
    for (const listener of to) {
      if (!listener.wants(name, about)) continue
      const isShort = wireId === l2Snap1s.wireId && (this.#light || listener.subscription.mode === 'light')
      const text = isShort ? (short ??= textOf(true)) : (whole ??= textOf(false))
      listener.line({ ch: name, instrumentId: this.#numberOf(instrumentId), model, text })
    }
  }
}
