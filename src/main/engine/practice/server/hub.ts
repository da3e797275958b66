import { rawFromCombined, type VenueFrame } from '../frame.ts'
import type { Connection } from './connection.ts'

/** What stands between a frame and a connection. */
export interface DeliveryGate {
  /** True when some fault may want to touch frames; false keeps the common path short. */
  readonly active: boolean
  /** @returns how often the frame is to be sent to this connection: 0, 1 or 2 */
  copies(connection: Connection, frame: VenueFrame): 0 | 1 | 2
}

/** Knows who listens to what, and hands frames to exactly those. */
export class Hub {
  readonly connections = new Map<number, Connection>()
  gate: DeliveryGate | undefined
  /** Frames that the source made, and frames that went to a client. */
  made = 0
  delivered = 0
  readonly #byKey = new Map<string, Set<Connection>>()
  readonly #corked: Connection[] = []

  subscribe(connection: Connection, key: string): void {
    connection.subscriptions.add(key)
    const listeners = this.#byKey.get(key)
    if (listeners) listeners.add(connection)
    else this.#byKey.set(key, new Set([connection]))
  }

  unsubscribe(connection: Connection, key: string): void {
    connection.subscriptions.delete(key)
    const listeners = this.#byKey.get(key)
    listeners?.delete(connection)
    if (listeners?.size === 0) this.#byKey.delete(key)
  }

  remove(connection: Connection): void {
    for (const key of connection.subscriptions) this.unsubscribe(connection, key)
    this.connections.delete(connection.id)
  }

  /** Sends the frame once to everyone who listens to any of its keys. The caller flushes after its batch. */
  deliver(frame: VenueFrame): void {
    this.made++
    const listeners = this.#listeners(frame.keys)
    if (!listeners) return
    let whole: Buffer | undefined
    let raw: Buffer | undefined
    for (const connection of listeners) {
      if (connection.silent) continue
      const copies = this.gate?.active ? this.gate.copies(connection, frame) : 1
      if (copies === 0) continue
      whole ??= Buffer.from(frame.render())
      if (!connection.combined) raw ??= Buffer.from(rawFromCombined(frame.keys[0]!, whole.toString()))
      for (let copy = 0; copy < copies; copy++) {
        this.delivered++
        if (connection.sendInBatch(connection.combined ? whole : raw!)) this.#corked.push(connection)
      }
    }
  }

  flush(): void {
    for (const connection of this.#corked) connection.flush()
    this.#corked.length = 0
  }

  #listeners(keys: readonly string[]): Iterable<Connection> | undefined {
    if (keys.length === 1) return this.#byKey.get(keys[0]!)
    let all: Set<Connection> | undefined
    let copied = false
    for (const key of keys) {
      const some = this.#byKey.get(key)
      if (!some || some === all) continue
      if (!all) all = some
      else {
        if (!copied) all = new Set(all)
        copied = true
        for (const connection of some) all.add(connection)
      }
    }
    return all
  }
}
