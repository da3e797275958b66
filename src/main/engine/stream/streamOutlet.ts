import type { Outlet, Played } from '../replay/index.ts'
import type { Listener } from './listener.ts'
import type { Telling } from './telling.ts'

/** Where a replay goes that is listened to: lines for one client or for several. */
export class StreamOutlet implements Outlet {
  viewEpoch = 1
  readonly #telling: Telling
  readonly #waits: boolean

  /** @param waits whether the replay waits for clients that take nothing */
  constructor(telling: Telling, waits: boolean) {
    this.#telling = telling
    this.#waits = waits
  }

  get listeners(): Set<Listener> {
    return this.#telling.listeners
  }

  get hasCredit(): boolean {
    if (!this.#waits) return true
    for (const { sink } of this.listeners) if (!sink.ready) return false
    return true
  }

  onRecords(bytes: Uint8Array, length: number): void {
    this.#telling.records(bytes, length)
  }

  onSought(bytes: Uint8Array, length: number): void {
    this.#telling.sought(bytes, length)
  }

  onRecorded(run: number, bytes: Uint8Array): void {
    this.#telling.recorded(run, bytes)
  }

  onView(): void {
    // For screens.
  }

  grant(): void {
    // Clients are asked whether they are ready.
  }

  watch(): void {
    // Clients choose by subscription.
  }

  reset(relNs: number | undefined, played: Played): void {
    this.viewEpoch++
    if (relNs !== undefined) this.tellState(relNs, this.listeners, played)
  }

  /** The state as of this time, to these clients. @param sought stands there after a seek; undefined in the middle of playing */
  tellState(relNs: number, listeners: Iterable<Listener>, sought?: Played): void {
    const to = [...listeners]
    for (const { sink } of to) sink.reset(Math.floor(relNs))
    this.#telling.state(relNs, to, sought)
  }

  fill(): void {
    // Done by `reset`.
  }

  flush(played: Played): void {
    played.drain()
  }

  moved(relNs: number): void {
    this.#telling.reached(relNs)
  }

  indexed(): void {
    // The state says how far it is.
  }

  refresh(): void {
    // Each client has a stream of its own from its first line.
  }

  tick(): boolean {
    return false
  }

  close(): void {
    this.listeners.clear()
  }
}
