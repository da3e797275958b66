import { AT_LENGTH, AT_RECV, getI64 } from '../../../shared/channels/index.ts'
import { placeAt, placeKey, type Place } from './place.ts'
import { TapeRun, type RunFacts } from './runTape.ts'
import type { SeekIndex } from './seekIndex.ts'

/** Makes records anew from the frames that caused them. Calls that go forwards in time share the way. */
export class RecordScan {
  readonly #index: SeekIndex
  readonly #run: TapeRun
  #take: (view: DataView, at: number, size: number) => void = () => undefined

  constructor(index: SeekIndex, run: RunFacts) {
    this.#index = index
    this.#run = new TapeRun(run, {
      withoutFingerprint: true,
      onRecords: (bytes, length) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, length)
        for (let at = 0, size = 0; at < length; at += size) {
          size = view.getUint32(at + AT_LENGTH, true)
          this.#take(view, at, size)
        }
      }
    })
  }

  /** @returns the records of these places, those of one place in the order of the tape */
  records(places: readonly Place[]): Uint8Array[] {
    const wanted = new Map(places.map((place) => [placeKey(place), [] as Uint8Array[]]))
    for (const relNs of [...new Set(places.map((place) => place.relNs))].sort((a, b) => a - b))
      this.between(relNs - 1, relNs, (bytes, view) => wanted.get(placeKey(placeAt(view, 0)))?.push(bytes))
    return [...wanted.values()].flat()
  }

  /** Tells every record received behind one time and at or before another. */
  between(fromRelNs: number, untilRelNs: number, tell: (bytes: Uint8Array, view: DataView) => void): void {
    const run = this.#run
    this.#take = () => undefined
    // Reading on is cheaper than going back, unless a mark lies between.
    const markRelNs = this.#index.marks.timeOf(this.#index.marks.at(fromRelNs))
    const { frames, recvRelNs } = run.tape
    if (frames === 0 || recvRelNs > fromRelNs || markRelNs > recvRelNs) this.#index.startBefore(run, fromRelNs)
    run.advance(fromRelNs, Infinity)
    run.tape.drain()
    this.#take = (view, at, size) => {
      if (getI64(view, at + AT_RECV) <= fromRelNs) return
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, size).slice()
      tell(bytes, new DataView(bytes.buffer))
    }
    run.advance(untilRelNs, Infinity)
    run.tape.drain()
  }

  /** The START of every window that is open where the last stretch ended. */
  openWindows(): Uint8Array[] {
    return this.#run.tape.windows.starts()
  }

  close(): void {
    this.#run.close()
  }
}
