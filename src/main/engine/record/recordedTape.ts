import { OutBuffer } from '../tape/index.ts'
import { KeepFilter, type Keep } from './keepFilter.ts'
import { RecordedFingerprint, type Recorded } from './recordedFingerprint.ts'

/** All that the sum over kept records depends on. */
export interface RecordedState {
  readonly windows: ReturnType<KeepFilter['save']>
  readonly fingerprint: ReturnType<RecordedFingerprint['save']>
}

/** The recorded fingerprint of a tape as it goes: over what a journal of this kind keeps of it. */
export class RecordedTape {
  readonly #filter: KeepFilter
  readonly #fingerprint: RecordedFingerprint
  readonly #kept = new OutBuffer()

  constructor(keep: Keep, runId: string, originTsNs: bigint) {
    this.#filter = new KeepFilter(keep)
    this.#fingerprint = new RecordedFingerprint(keep, runId, originTsNs)
  }

  /** Takes whole records of the tape, bytes [0, length), in order. */
  take(bytes: Uint8Array, length: number): void {
    this.#filter.take(bytes, length, this.#kept)
    if (this.#kept.length > 0) this.#fingerprint.update(this.#kept.take())
  }

  summary(): Recorded {
    return this.#fingerprint.summary()
  }

  save(): RecordedState {
    return { windows: this.#filter.save(), fingerprint: this.#fingerprint.save() }
  }

  restore({ windows, fingerprint }: RecordedState): void {
    this.#filter.restore(windows)
    this.#fingerprint.restore(fingerprint)
  }
}
