import type { LatestEvent } from '../../../shared/api/index.ts'
import {
  AT_FRAME_IDX,
  AT_LENGTH,
  AT_POS,
  AT_RECV,
  AT_SHARD,
  AT_WIRE_ID,
  CHANNELS,
  getI64,
  type ChannelName
} from '../../../shared/channels/index.ts'

const FIELDS = 4
const MAX_WIRE_IDS = 64

/** The newest event of each channel of a tape: when it was received and where it is. */
export class LatestEvents {
  /** By wire id: receive time, shard, frame, position. */
  #places = new Float64Array(FIELDS * MAX_WIRE_IDS).fill(NaN)

  /** Takes records of the tape. For `TapeOptions.onRecords`. */
  readonly take = (bytes: Uint8Array, length: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    const places = this.#places
    for (let at = 0; at < length; at += view.getUint32(at + AT_LENGTH, true)) {
      const o = FIELDS * view.getUint8(at + AT_WIRE_ID)
      places[o] = getI64(view, at + AT_RECV)
      places[o + 1] = view.getUint16(at + AT_SHARD, true)
      places[o + 2] = view.getUint32(at + AT_FRAME_IDX, true)
      places[o + 3] = view.getUint32(at + AT_POS, true)
    }
  }

  save(): Float64Array {
    return this.#places.slice()
  }

  restore(saved: Float64Array): void {
    this.#places = saved.slice()
  }

  byChannel(): Partial<Record<ChannelName, LatestEvent>> {
    const out: Partial<Record<ChannelName, LatestEvent>> = {}
    for (const { name, wireId } of CHANNELS) {
      const o = FIELDS * wireId
      const [relNs = NaN, shard = 0, frameIdx = 0, pos = 0] = this.#places.subarray(o, o + FIELDS)
      if (!Number.isNaN(relNs)) out[name] = { relNs, shard, frameIdx, pos }
    }
    return out
  }
}
