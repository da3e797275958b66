import type { HealthSource, Outlet, ReplaySource } from '../replay/index.ts'
import { LineFan } from './lineFan.ts'
import type { Listener } from './listener.ts'
import { rebuildState } from './rebuildState.ts'

/** Where a replay goes that is listened to: lines for one client or for several. */
export class StreamOutlet implements Outlet {
  viewEpoch = 1
  readonly fan: LineFan
  readonly #source: ReplaySource
  readonly #waits: boolean
  readonly #health: HealthSource
  readonly #lastFrameRelNs: () => number

  /**
   * @param waits whether the replay waits for clients that take nothing
   * @param lastFrameRelNs receive time of the last frame that was played
   */
  constructor(source: ReplaySource, waits: boolean, lastFrameRelNs: () => number) {
    this.#source = source
    this.#waits = waits
    this.#lastFrameRelNs = lastFrameRelNs
    this.#health = source.health()
    this.fan = new LineFan(source.run.runId, source.run.originTsNs)
  }

  get hasCredit(): boolean {
    if (!this.#waits) return true
    for (const { sink } of this.fan.listeners) if (!sink.ready) return false
    return true
  }

  onRecords(bytes: Uint8Array, length: number): void {
    // Frames that came at the same time as a heartbeat go before it.
    this.#heartbeats(bytes, length)
    this.fan.take(bytes, length)
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

  reset(relNs: number | undefined): void {
    this.viewEpoch++
    if (relNs !== undefined) this.tellState(relNs, this.fan.listeners, true)
  }

  /** The state as of this time, to these clients. @param again the replay itself begins there */
  tellState(relNs: number, listeners: Iterable<Listener>, again: boolean): void {
    const to = [...listeners]
    for (const { sink } of to) sink.reset(Math.floor(relNs))
    const records = rebuildState(this.#source, relNs, this.#lastFrameRelNs()).records()
    const health = this.#source.health()
    health.seek(relNs)
    const current = health.until(relNs)
    if (again) {
      this.#health.seek(relNs)
      this.#health.until(relNs)
    }
    this.fan.begin(current.length > 0 ? [...records, current] : records, to, again)
  }

  fill(): void {
    // Done by `reset`.
  }

  flush(tape: Parameters<Outlet['flush']>[0]): void {
    tape.drain()
  }

  moved(relNs: number): void {
    const due = this.#health.until(relNs)
    if (due.length > 0) this.fan.tellHealth(due)
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
    this.fan.listeners.clear()
  }

  #heartbeats(bytes: Uint8Array, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    const lastRelNs = newest(view, length)
    const due = this.#health.until(lastRelNs - 1)
    if (due.length > 0) this.fan.addHealth(due)
  }
}

/** Receive time of the last record of a batch. */
function newest(view: DataView, length: number): number {
  let last = 0
  for (let at = 0; at < length; at += view.getUint32(at, true)) last = at
  return Number(view.getBigInt64(last + 24, true))
}
