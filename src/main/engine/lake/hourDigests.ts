import { createHash, type Hash } from 'node:crypto'
import { hourText, RunHours } from './lakeTime.ts'
import type { RecordBatch } from './recordBatch.ts'

/** Records of one channel in one hour of UTC: how many, and the SHA-256 of their bytes in the order of the tape. */
export interface HourDigest {
  /** 2026-11-20T07 */
  readonly hour: string
  readonly count: number
  readonly sha256: string
  /** Sum over the envelopes of their events, see `envelopeSums.ts`; undefined in proofs of before there was one. */
  readonly envelopes?: string | undefined
}

/** Takes the records of one channel in the order of the tape and sums them up hour by hour. */
export class HourDigests {
  readonly #hours: RunHours
  readonly #done: HourDigest[] = []
  #hour = NaN
  #hash: Hash = createHash('sha256')
  #count = 0

  constructor(originTsNs: bigint) {
    this.#hours = new RunHours(originTsNs)
  }

  /** @param first row from which on the records are new */
  add(batch: RecordBatch, first = 0): void {
    let from = first
    for (let row = first; row < batch.count; row++) {
      const hour = this.#hours.hourOf(batch.recvOf(row))
      if (hour !== this.#hour) {
        this.#take(batch, from, row)
        this.#finish()
        this.#hour = hour
        from = row
      }
    }
    this.#take(batch, from, batch.count)
  }

  /** All hours, oldest first. Call once. */
  end(): readonly HourDigest[] {
    this.#finish()
    return this.#done
  }

  #take(batch: RecordBatch, from: number, to: number): void {
    if (to === from) return
    this.#count += to - from
    this.#hash.update(batch.bytes.subarray(batch.starts[from], to === batch.count ? batch.used : batch.starts[to]))
  }

  #finish(): void {
    if (this.#count > 0) this.#done.push({ hour: hourText(this.#hour), count: this.#count, sha256: this.#hash.digest('hex') })
    this.#hash = createHash('sha256')
    this.#count = 0
  }
}
