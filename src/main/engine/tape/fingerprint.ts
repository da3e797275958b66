import { createHash, type Hash } from 'node:crypto'
import { AT_LENGTH, AT_WIRE_ID } from '../../../shared/channels/index.ts'

/**
 * Rises when the tape makes other events of the same bytes, so that fingerprints of different versions are not compared.
 * 1: books only. 2: event windows, weather, nowcast. 3: one book hash that nothing explains is a gap.
 */
export const TAPE_VERSION = 3

/** SHA-256 over the canonical bytes of every event of the tape, in order, after a line that names the run. */
export class Fingerprint {
  /** Events by channel wire id. */
  counts = new Float64Array(32)
  #hash: Hash

  constructor(runId: string, originTsNs: bigint) {
    this.#hash = createHash('sha256').update(`tapedeck tape 1\n${runId}\n${originTsNs}\n`)
  }

  /** Takes whole records, bytes [0, length). */
  update(bytes: Uint8Array, length: number): void {
    this.#hash.update(bytes.subarray(0, length))
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0; at < length; at += view.getUint32(at + AT_LENGTH, true)) this.counts[view.getUint8(at + AT_WIRE_ID)]!++
  }

  /** Hex digest of the events so far; more may follow. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  /** Total number of events. */
  get events(): number {
    return this.counts.reduce((sum, n) => sum + n, 0)
  }

  save(): { hash: Hash; counts: Float64Array } {
    return { hash: this.#hash.copy(), counts: this.counts.slice() }
  }

  restore(saved: { hash: Hash; counts: Float64Array }): void {
    this.#hash = saved.hash.copy()
    this.counts = saved.counts.slice()
  }
}
