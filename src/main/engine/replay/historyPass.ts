import { AT_LENGTH, AT_RECV, AT_WIRE_ID, depth1s, getI64, tapeTrades } from '../../../shared/channels/index.ts'
import { copyForScreen, OutBuffer } from '../tape/index.ts'
import { TapeRun, type RunFacts } from './runTape.ts'

/** How far back the screen of a replay is filled after a seek. */
export const HISTORY_NS = 600 * 1e9
const SLICE_FRAMES = 2_000

/** Plays the stretch before the playhead once more, for the heatmap columns and trades of one instrument. Same tape, so same payloads. */
export class HistoryPass {
  readonly #run: TapeRun
  readonly #fromRelNs: number
  readonly #untilRelNs: number
  readonly #out = new OutBuffer()
  done = false

  /**
   * @param prepare puts the tape into a state at or before `untilRelNs - historyNs`
   * @param untilRelNs the playhead; nothing behind it is read
   */
  constructor(
    run: RunFacts,
    instrumentId: number,
    untilRelNs: number,
    prepare: (target: TapeRun, relNs: number) => void,
    historyNs = HISTORY_NS
  ) {
    this.#fromRelNs = untilRelNs - historyNs
    this.#untilRelNs = untilRelNs
    this.#run = new TapeRun(run, {
      withoutFingerprint: true,
      onRecords: (bytes, length) => this.#collectTrades(bytes, length, instrumentId),
      onView: (bytes, length) => this.#collect(bytes, length, depth1s.wireId)
    })
    prepare(this.#run, this.#fromRelNs)
    this.#run.tape.seconds.watchedId = instrumentId
  }

  /** @returns records of one slice; check `done` afterwards */
  step(): Uint8Array {
    const n = this.#run.advance(this.#untilRelNs, SLICE_FRAMES)
    this.#run.tape.drain()
    if (n < SLICE_FRAMES) this.done = true
    return this.#out.take()
  }

  close(): void {
    this.#run.close()
  }

  readonly #trades = new OutBuffer()

  #collectTrades(bytes: Uint8Array, length: number, instrumentId: number): void {
    copyForScreen(bytes, length, instrumentId, this.#trades)
    const copied = this.#trades.take()
    this.#collect(copied, copied.length, tapeTrades.wireId)
  }

  #collect(bytes: Uint8Array, length: number, wireId: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0; at < length;) {
      const size = view.getUint32(at + AT_LENGTH, true)
      const wanted = view.getUint8(at + AT_WIRE_ID) === wireId && getI64(view, at + AT_RECV) >= this.#fromRelNs
      if (wanted) this.#out.append(bytes, at, at + size)
      at += size
    }
  }
}
