import type { MissedStretch } from '../../../shared/api/index.ts'
import { AT_LENGTH, AT_RECV, AT_WIRE_ID, CHANNELS, eventWindow, getI64, instrument, station } from '../../../shared/channels/index.ts'
import { OutBuffer } from '../tape/index.ts'
import { KeepFilter, type Keep } from './keepFilter.ts'
import { RecordedFingerprint, type Recorded } from './recordedFingerprint.ts'

/** So much is sent at once even before `flush` is called: waking the other thread costs more than keeping the records. */
const FLUSH_BYTES = 512 * 1024
/** After a miss the link sends again when so much credit is back, so that there is one long stretch instead of many short ones. */
const RESUME_BYTES = 4 * 1024 * 1024
/** What later lines need: numbers of instruments and stations, and which windows are open. Kept back during a miss, never left out. */
const NEEDED: ReadonlySet<number> = new Set([instrument.wireId, station.wireId, eventWindow.wireId])

export interface RecordLinkOptions {
  readonly keep: Keep
  readonly runId: string
  readonly originTsNs: bigint
  /** Bytes that may be under way before the first credit comes back. */
  readonly creditBytes: number
  /** Takes whole records; the bytes are the receiver's. */
  readonly send: (bytes: Uint8Array) => void
  readonly miss: (stretch: MissedStretch) => void
}

/**
 * The tape's end of the way to the recorder: filters, takes the fingerprint, and sends while there is credit. Never waits: what finds no credit
 * is counted as missed; its bytes are in the frame log.
 */
export class RecordLink {
  readonly #options: RecordLinkOptions
  readonly #filter: KeepFilter
  readonly #fingerprint: RecordedFingerprint
  readonly #out = new OutBuffer()
  readonly #needed = new OutBuffer()
  #credit: number
  #missed: { from: number; to: number; counts: Record<string, number> } | undefined

  constructor(options: RecordLinkOptions) {
    this.#options = options
    this.#filter = new KeepFilter(options.keep)
    this.#fingerprint = new RecordedFingerprint(options.keep, options.runId, options.originTsNs)
    this.#credit = options.creditBytes
  }

  /** Takes the tape's records, bytes [0, length), in order. */
  record(bytes: Uint8Array, length: number): void {
    this.#filter.take(bytes, length, this.#out)
    if (this.#out.length >= FLUSH_BYTES) this.flush()
  }

  /** Takes a record of the plant: recorded, no part of the fingerprint. */
  health(record: Uint8Array): void {
    this.#out.append(record, 0, record.length)
  }

  /** Lines of the stretch that is being missed and was not told yet. */
  get missedLines(): number {
    return Object.values(this.#missed?.counts ?? {}).reduce((sum, n) => sum + n, 0)
  }

  grant(bytes: number): void {
    this.#credit += bytes
  }

  /** Sends what waits, or counts it as missed. */
  flush(): void {
    if (this.#out.length === 0) return
    const bytes = this.#out.take()
    this.#fingerprint.update(bytes)
    if (this.#missed !== undefined && this.#credit >= RESUME_BYTES) this.#resume()
    if (this.#missed === undefined && this.#credit > 0) this.#send(bytes)
    else this.#miss(bytes)
  }

  /** Sends the rest; nothing more will come. What was missed is told now if it was not before. */
  end(): Recorded {
    this.flush()
    if (this.#missed !== undefined) this.#resume()
    return this.#fingerprint.summary()
  }

  #send(bytes: Uint8Array): void {
    this.#credit -= bytes.length
    this.#options.send(bytes)
  }

  #resume(): void {
    const missed = this.#missed
    if (missed === undefined) return
    this.#missed = undefined
    if (Object.keys(missed.counts).length > 0)
      this.#options.miss({ why: 'behind', from_t: missed.from, to_t: missed.to, counts: missed.counts })
    if (this.#needed.length > 0) this.#send(this.#needed.take())
  }

  #miss(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length;) {
      const wireId = view.getUint8(at + AT_WIRE_ID)
      const end = at + view.getUint32(at + AT_LENGTH, true)
      const relNs = getI64(view, at + AT_RECV)
      this.#missed ??= { from: relNs, to: relNs, counts: {} }
      if (NEEDED.has(wireId)) this.#needed.append(bytes, at, end)
      else {
        const name = CHANNELS.find((channel) => channel.wireId === wireId)?.name ?? 'unknown'
        this.#missed.counts[name] = (this.#missed.counts[name] ?? 0) + 1
        this.#missed.to = relNs
      }
      at = end
    }
  }
}
