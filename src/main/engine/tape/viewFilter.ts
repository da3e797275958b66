import { AT_INSTRUMENT, AT_LENGTH, AT_WIRE_ID, integrity, tapeTrades } from '../../../shared/channels/index.ts'

/** Bytes that wait for a screen. Grows as needed and is handed over whole. */
export class OutBuffer {
  #bytes = new Uint8Array(64 * 1024)
  length = 0

  append(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.length + to - from
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.length))
      this.#bytes = larger
    }
    this.#bytes.set(bytes.subarray(from, to), this.length)
    this.length = needed
  }

  /** A copy of what waits from this byte on; it goes on waiting. */
  copy(from = 0): Uint8Array {
    return this.#bytes.slice(from, this.length)
  }

  /** A copy of what waits; the buffer is empty afterwards. */
  take(): Uint8Array {
    const out = this.copy()
    this.length = 0
    return out
  }
}

/** Copies the tape's records that a screen needs: trades of the instrument on screen, and every integrity event. */
export function copyForScreen(bytes: Uint8Array, length: number, watchedId: number, out: OutBuffer): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  for (let at = 0; at < length;) {
    const size = view.getUint32(at + AT_LENGTH, true)
    const wireId = view.getUint8(at + AT_WIRE_ID)
    const wanted = wireId === integrity.wireId || (wireId === tapeTrades.wireId && view.getUint32(at + AT_INSTRUMENT, true) === watchedId)
    if (wanted) out.append(bytes, at, at + size)
    at += size
  }
}
