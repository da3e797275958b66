import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_POS,
  AT_SHARD,
  AT_WIRE_ID,
  eventWindow,
  features1m,
  getI64,
  health,
  instrument,
  l2Snap1s,
  metarObs,
  nowcast1m,
  pwsCluster,
  station
} from '../../../shared/channels/index.ts'
import { modelAt } from '../replay/index.ts'

const START = 0
const MAX_MODELS = 16
/** Channels of which the newest record of each instrument or station is the state. */
const NEWEST = new Set([instrument, station, metarObs, pwsCluster, features1m, nowcast1m].map((channel) => channel.wireId))

/**
 * The records that a client needs to know the present moment: the newest of each channel, instrument, station and model, the books of the newest
 * second, and the windows that are open. A pure function of the events up to a time.
 */
export class LatestState {
  /** By wire id, then by instrument or station, and by model where there are several. */
  readonly #newest = new Map<number, Map<number, Uint8Array>>()
  readonly #open = new Map<string, Uint8Array>()
  #second = -Infinity

  /** Takes one whole record. */
  take(bytes: Uint8Array, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from)
    const wireId = view.getUint8(AT_WIRE_ID)
    if (wireId === eventWindow.wireId) return this.#window(view, bytes, from, to)
    if (wireId === l2Snap1s.wireId) {
      const second = getI64(view, l2Snap1s.at.second)
      if (second > this.#second) this.#newest.delete(wireId)
      this.#second = second
    } else if (wireId !== health.wireId && !NEWEST.has(wireId)) return
    const own = this.#newest.get(wireId) ?? new Map<number, Uint8Array>()
    const number = view.getUint32(AT_INSTRUMENT, true) * MAX_MODELS + modelAt(view, 0, wireId)
    this.#newest.set(wireId, own.set(number, bytes.slice(from, to)))
  }

  /** The records, announcements first, ordered by channel, then by instrument or station. */
  records(): Uint8Array[] {
    const rank = (wireId: number): number => (wireId === instrument.wireId || wireId === station.wireId ? 0 : wireId)
    const byNumber = (a: [number, unknown], b: [number, unknown]): number => a[0] - b[0]
    const out = [...this.#newest]
      .sort((a, b) => rank(a[0]) - rank(b[0]) || a[0] - b[0])
      .flatMap(([, own]) => [...own].sort(byNumber).map(([, bytes]) => bytes))
    return [...out, ...this.#open.values()]
  }

  #window(view: DataView, bytes: Uint8Array, from: number, to: number): void {
    const { at } = eventWindow
    if (view.getUint32(at.action, true) === START)
      this.#open.set(
        `${view.getUint16(AT_SHARD, true)}/${view.getUint32(AT_FRAME_IDX, true)}/${view.getUint32(AT_POS, true)}`,
        bytes.slice(from, to)
      )
    else this.#open.delete([at.causeShard, at.causeFrameIdx, at.causePos].map((offset) => view.getUint32(offset, true)).join('/'))
  }
}
