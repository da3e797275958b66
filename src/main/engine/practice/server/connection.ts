import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

import type { Clock } from '../../clock.ts'
import type { PracticeVenueName } from '../frame.ts'

/** Beyond this much unsent data a client counts as too slow and is cut, as the real venues do. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024

/** One client's WebSocket. Sends of one batch leave in one write: the socket is corked until `flush`. */
export class Connection {
  readonly id: number
  readonly venue: PracticeVenueName
  readonly ws: WebSocket
  /** Token ids, or Binance stream names. */
  readonly subscriptions = new Set<string>()
  /** Binance only: whether messages come wrapped with their stream name. */
  combined: boolean
  /** True once the client sent its first Polymarket subscription. */
  greeted = false
  lastHeardNs: bigint
  lastPongNs: bigint
  lastPingNs: bigint
  sentFrames = 0
  sentBytes = 0
  tooSlow = false
  readonly #socket: Duplex
  readonly #clock: Clock
  #corked = false
  #silentUntilNs = 0n
  readonly #mutedUntilNs = new Map<string, bigint>()

  constructor(id: number, venue: PracticeVenueName, ws: WebSocket, socket: Duplex, combined: boolean, clock: Clock) {
    this.id = id
    this.venue = venue
    this.ws = ws
    this.combined = combined
    this.#socket = socket
    this.#clock = clock
    this.lastHeardNs = this.lastPongNs = this.lastPingNs = clock.monoNs()
  }

  get silent(): boolean {
    return this.#silentUntilNs !== 0n && this.#clock.monoNs() < this.#silentUntilNs
  }

  /** From now on, for this long, nothing leaves: no data, no PONG, no ping. */
  silence(ms: number): void {
    this.#silentUntilNs = this.#clock.monoNs() + BigInt(Math.round(ms * 1e6))
  }

  /** For this long, the data of one key does not leave. */
  mute(key: string, ms: number): void {
    this.#mutedUntilNs.set(key, this.#clock.monoNs() + BigInt(Math.round(ms * 1e6)))
  }

  isMuted(keys: readonly string[]): boolean {
    if (this.#mutedUntilNs.size === 0) return false
    const now = this.#clock.monoNs()
    return keys.some((key) => now < (this.#mutedUntilNs.get(key) ?? 0n))
  }

  /** Sends one text frame, unless the connection is silenced. */
  send(text: string | Buffer): void {
    if (this.silent || this.ws.readyState !== this.ws.OPEN) return
    this.sentFrames++
    this.sentBytes += text.length
    this.ws.send(text, { binary: false })
    if (this.ws.bufferedAmount > MAX_UNSENT_BYTES) {
      this.tooSlow = true
      this.ws.terminate()
    }
  }

  /** Sends as part of a batch. @returns true when this is the first of the batch, and `flush` must be called */
  sendInBatch(data: Buffer): boolean {
    const first = !this.#corked
    if (first) {
      this.#corked = true
      this.#socket.cork()
    }
    this.send(data)
    return first
  }

  flush(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }
}
