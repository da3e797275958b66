import type { HealthSource, Played, ReplaySource } from '../replay/index.ts'
import { LineFan } from './lineFan.ts'
import type { Listener } from './listener.ts'
import { rebuildState } from './rebuildState.ts'
import { SoughtBooks } from './soughtBooks.ts'
import type { Telling } from './telling.ts'

/** Tells what a tape says, and the heartbeats of its plant in between. */
export class RunTelling implements Telling {
  readonly #fan: LineFan
  readonly #source: ReplaySource
  readonly #health: HealthSource
  readonly #lastFrameRelNs: () => number
  readonly #sought = new SoughtBooks()

  /** @param lastFrameRelNs receive time of the last frame that was played */
  constructor(source: ReplaySource, lastFrameRelNs: () => number) {
    this.#source = source
    this.#lastFrameRelNs = lastFrameRelNs
    this.#health = source.health()
    this.#fan = new LineFan(source.run.runId, source.run.originTsNs)
  }

  get listeners(): Set<Listener> {
    return this.#fan.listeners
  }

  records(bytes: Uint8Array, length: number): void {
    // Frames that came at the same time as a heartbeat go before it.
    const due = this.#health.until(newest(bytes, length) - 1)
    if (due.length > 0) this.#fan.addHealth(due)
    this.#fan.take(bytes, length)
  }

  sought(bytes: Uint8Array, length: number): void {
    this.#sought.take(bytes, length)
  }

  recorded(): void {
    // Raw frames are played, not what was recorded of them.
  }

  reached(relNs: number): void {
    const due = this.#health.until(relNs)
    if (due.length > 0) this.#fan.tellHealth(due)
  }

  state(relNs: number, to: readonly Listener[], sought: Played | undefined): void {
    const found = sought === undefined ? undefined : { books: this.#sought, windows: sought.openWindows?.() ?? [] }
    const records = rebuildState(this.#source, { relNs, lastFrameRelNs: this.#lastFrameRelNs() }, found).records()
    const health = this.#source.health()
    health.seek(relNs)
    const current = health.until(relNs)
    if (sought !== undefined) {
      this.#health.seek(relNs)
      this.#health.until(relNs)
    }
    this.#fan.begin(current.length > 0 ? [...records, current] : records, to, sought !== undefined)
  }
}

/** Receive time of the last record of a batch. */
function newest(bytes: Uint8Array, length: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  let last = 0
  for (let at = 0; at < length; at += view.getUint32(at, true)) last = at
  return Number(view.getBigInt64(last + 24, true))
}
