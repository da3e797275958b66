import { AT_LENGTH, AT_RECV, AT_WIRE_ID, depth1s, getI64, tapeTrades } from '../../../../shared/channels/index.ts'
import { copyForScreen, OutBuffer } from '../../tape/index.ts'
import { HISTORY_NS } from '../historyPass.ts'
import type { History } from '../playable.ts'
import type { DayIndex } from './dayIndex.ts'
import { DayState, type DayOptions } from './dayState.ts'

const SLICE_INSTANTS = 500

/** Columns and trades of one instrument in the stretch before the playhead. */
export class DayHistory implements History {
  done = false
  readonly #out = new OutBuffer()
  readonly #state: DayState
  readonly #untilRelNs: number

  constructor(options: DayOptions, index: DayIndex, instrumentId: number, untilRelNs: number) {
    const fromRelNs = untilRelNs - HISTORY_NS
    const trades = new OutBuffer()
    this.#untilRelNs = untilRelNs
    this.#state = new DayState({
      ...options,
      withoutFingerprint: true,
      onRecords: (bytes, length) => {
        copyForScreen(bytes, length, instrumentId, trades)
        const copied = trades.take()
        this.#collect(copied, copied.length, tapeTrades.wireId, fromRelNs)
      },
      onView: (bytes, length) => this.#collect(bytes, length, depth1s.wireId, fromRelNs)
    })
    this.#state.restore(index.startBefore(fromRelNs))
    this.#state.seconds.watchedId = instrumentId
  }

  step(): Uint8Array {
    this.done = this.#state.advance(this.#untilRelNs, SLICE_INSTANTS) < SLICE_INSTANTS
    return this.#out.take()
  }

  close(): void {
    // The spool is the source's.
  }

  #collect(bytes: Uint8Array, length: number, wireId: number, fromRelNs: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0, size = 0; at < length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      if (view.getUint8(at + AT_WIRE_ID) === wireId && getI64(view, at + AT_RECV) >= fromRelNs) this.#out.append(bytes, at, at + size)
    }
  }
}
