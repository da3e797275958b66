import { AT_RECV, decodeRecord, getI64, type Ladder, ladder } from '../../shared/channels/index.ts'

/** The newest book of the instrument on screen. Kept as bytes; decoded when somebody looks. */
export class LadderData {
  #view: DataView | undefined
  #start = 0
  #decoded: Ladder | undefined

  putBytes(view: DataView, start: number): void {
    if (this.#view !== undefined && getI64(view, start + AT_RECV) < getI64(this.#view, this.#start + AT_RECV)) return
    this.#view = view
    this.#start = start
    this.#decoded = undefined
  }

  newest(): Ladder | undefined {
    if (this.#view === undefined) return undefined
    this.#decoded ??= decodeRecord(ladder, this.#view, this.#start)
    return this.#decoded
  }

  clear(): void {
    this.#view = undefined
    this.#decoded = undefined
  }
}
