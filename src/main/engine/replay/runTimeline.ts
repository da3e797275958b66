import { AT_LENGTH, AT_WIRE_ID, getI64, integrity, timeline1s } from '../../../shared/channels/index.ts'
import { OutBuffer } from '../tape/index.ts'

/** Integrity events that the list of a run keeps; a run with more has told its story by then. */
const MAX_INTEGRITY_BYTES = 1 << 20

/** The timeline of a run as far as it has been read: what every second held, and the integrity events. */
export class RunTimeline {
  /** Integrity events that did not fit. */
  leftOut = 0
  readonly #all = new OutBuffer()
  #taken = 0
  /** Unix seconds in which frames were received, ascending. */
  readonly #busy: number[] = []
  #integrityBytes = 0

  /** Takes records of the tape and keeps the integrity events. For `TapeOptions.onRecords`. */
  readonly addEvents = (bytes: Uint8Array, length: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    let size = 0
    for (let at = 0; at < length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      if (view.getUint8(at + AT_WIRE_ID) !== integrity.wireId) continue
      this.#integrityBytes += size
      if (this.#integrityBytes < MAX_INTEGRITY_BYTES) this.#keep(bytes, at, at + size)
      else this.leftOut++
    }
  }

  /** Takes records of the screen's channels and keeps the seconds. For `TapeOptions.onView`. */
  readonly addView = (bytes: Uint8Array, length: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    let size = 0
    for (let at = 0; at < length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      if (view.getUint8(at + AT_WIRE_ID) !== timeline1s.wireId) continue
      this.#keep(bytes, at, at + size)
      if (view.getUint32(at + timeline1s.at.frames, true) > 0) this.#busy.push(getI64(view, at + timeline1s.at.second))
    }
  }

  /** Records since the last call. */
  takeFresh(): Uint8Array {
    const fresh = this.#all.copy(this.#taken)
    this.#taken = this.#all.length
    return fresh
  }

  /** Hands everything out once more, from the beginning. */
  again(): void {
    this.#taken = 0
  }

  /** First second at or after this one in which something was received; undefined when none is known. */
  nextBusy(second: number): number | undefined {
    let lo = 0
    let hi = this.#busy.length
    while (lo < hi) {
      const mid = (lo + hi) >>> 1
      if (this.#busy[mid]! < second) lo = mid + 1
      else hi = mid
    }
    return this.#busy[lo]
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    this.#all.append(bytes, from, to)
  }
}
