import { AT_LENGTH, AT_WIRE_ID, CHANNELS, health } from '../../../shared/channels/index.ts'
import { Fingerprint, TAPE_VERSION } from '../tape/index.ts'
import type { Keep } from './keepFilter.ts'

/** What was kept of a run, as `studio.json` states it: SHA-256 in hex over the kept events in the order of the tape, and their numbers. */
export interface Recorded {
  readonly keep: Keep
  readonly sha256: string
  readonly events: number
  readonly counts: Readonly<Record<string, number>>
  /** Version of the tape that made the events; another one may make others from the same bytes. */
  readonly tape_version: number
}

/**
 * The fingerprint of kept records: made like that of the tape, over what a journal holds without the plant's own `health`. The same from the live
 * run, from the journal and from the raw bytes.
 */
export class RecordedFingerprint {
  readonly #fingerprint: Fingerprint
  readonly #keep: Keep

  constructor(keep: Keep, runId: string, originTsNs: bigint) {
    this.#keep = keep
    this.#fingerprint = new Fingerprint(runId, originTsNs)
  }

  /** Takes whole records; those of `health` are left out. */
  update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let from = 0
    for (let at = 0; at < bytes.length;) {
      const end = at + view.getUint32(at + AT_LENGTH, true)
      if (view.getUint8(at + AT_WIRE_ID) === health.wireId) {
        this.#take(bytes, from, at)
        from = end
      }
      at = end
    }
    this.#take(bytes, from, bytes.length)
  }

  save(): ReturnType<Fingerprint['save']> {
    return this.#fingerprint.save()
  }

  restore(saved: ReturnType<Fingerprint['save']>): void {
    this.#fingerprint.restore(saved)
  }

  summary(): Recorded {
    const counts: Record<string, number> = {}
    for (const { name, wireId } of CHANNELS) {
      const n = this.#fingerprint.counts[wireId] ?? 0
      if (n > 0) counts[name] = n
    }
    return { keep: this.#keep, sha256: this.#fingerprint.digest(), events: this.#fingerprint.events, counts, tape_version: TAPE_VERSION }
  }

  #take(bytes: Uint8Array, from: number, to: number): void {
    if (to > from) this.#fingerprint.update(bytes.subarray(from, to), to - from)
  }
}
