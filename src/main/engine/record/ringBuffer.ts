import { AT_RECV, getI64 } from '../../../shared/channels/index.ts'

/** One record with its receive time. */
interface Kept {
  readonly bytes: Uint8Array
  readonly recvRelNs: number
}

const MAX_BYTES = 16 * 1024 * 1024

/** The newest records of one channel: as far back as the settings say, within a limit of memory. */
export class RingBuffer {
  readonly #spanNs: number
  #kept: Kept[] = []
  #first = 0
  #bytes = 0

  constructor(spanNs: number) {
    this.#spanNs = spanNs
  }

  get records(): number {
    return this.#kept.length - this.#first
  }

  /** Takes a copy of the record in bytes [start, end). */
  add(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const recvRelNs = getI64(view, start + AT_RECV)
    this.#kept.push({ bytes: bytes.slice(start, end), recvRelNs })
    this.#bytes += end - start
    while (this.#first < this.#kept.length - 1) {
      const oldest = this.#kept[this.#first]!
      if (this.#bytes <= MAX_BYTES && oldest.recvRelNs >= recvRelNs - this.#spanNs) break
      this.#bytes -= oldest.bytes.length
      this.#first++
    }
    if (this.#first > 1024 && this.#first * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#first)
      this.#first = 0
    }
  }

  /** The newest `n` records received after `sinceRelNs`, oldest first, as one batch. */
  recent(n: number, sinceRelNs = -Infinity): Uint8Array {
    const all = this.#kept.slice(Math.max(this.#first, this.#kept.length - n)).filter((kept) => kept.recvRelNs > sinceRelNs)
    const out = new Uint8Array(all.reduce((sum, { bytes }) => sum + bytes.length, 0))
    let at = 0
    for (const { bytes } of all) {
      out.set(bytes, at)
      at += bytes.length
    }
    return out
  }
}
