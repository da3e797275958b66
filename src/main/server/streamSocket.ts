import type { RawData, WebSocket } from 'ws'
import { toFailure } from '../../shared/errors.ts'
import type { StreamSource } from '../engine/index.ts'
import { StreamClient } from './streamClient.ts'

/** Why a socket was closed by us. */
export const STREAM_CLOSE = { unreadable: 4400, tooMany: 4429, busy: 4503, goingAway: 1001 } as const

/** Messages a second that a client may send for long, and at once. */
const RATE = 40
const BURST = 200
/** A client that said nothing for so long is told that the server is there. Source: the stream of the camera seed. */
const SILENT_MS = 30_000
const PING_EVERY_MS = 15_000

interface StreamSocketOptions {
  readonly socket: WebSocket
  readonly source: StreamSource
  readonly silentMs?: number
}

/** One client on a WebSocket: text in, text out. */
export class StreamSocket {
  readonly #socket: WebSocket
  readonly #client: StreamClient | undefined
  readonly #silentMs: number
  readonly #pinger: NodeJS.Timeout
  #silence: NodeJS.Timeout
  #allowance = BURST
  #allowedAtMs = Date.now()
  #alive = true

  constructor({ socket, source, silentMs = SILENT_MS }: StreamSocketOptions) {
    this.#socket = socket
    this.#silentMs = silentMs
    this.#pinger = setInterval(() => this.#ping(), PING_EVERY_MS)
    this.#silence = this.#watch()
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('pong', () => (this.#alive = true))
    socket.on('close', () => this.#onClose())
    // A frame that breaks the protocol, or is too large, closes the socket by itself.
    socket.on('error', () => undefined)
    this.#client = this.#begin(source)
  }

  /** Sends what still waits, for so long at most. */
  async finish(limitMs: number): Promise<void> {
    await this.#client?.finish(limitMs)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
    this.#onClose()
  }

  #begin(source: StreamSource): StreamClient | undefined {
    const socket = this.#socket
    const pipe = {
      get bufferedBytes() {
        return socket.bufferedAmount
      },
      send: (text: string) => socket.send(text)
    }
    try {
      return new StreamClient({ pipe, source })
    } catch (error) {
      const { code, message } = toFailure(error)
      socket.send(JSON.stringify({ type: 'error', code, message }))
      socket.close(STREAM_CLOSE.busy, 'no room')
      return undefined
    }
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#alive = true
    clearTimeout(this.#silence)
    this.#silence = this.#watch()
    if (isBinary) return this.close(STREAM_CLOSE.unreadable, 'only text is expected')
    if (!this.#isAllowed()) return this.close(STREAM_CLOSE.tooMany, 'too many messages')
    this.#client?.message((data as Buffer).toString('utf8'))
  }

  #isAllowed(): boolean {
    const now = Date.now()
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#allowedAtMs) * RATE) / 1000)
    this.#allowedAtMs = now
    this.#allowance -= 1
    return this.#allowance >= 0
  }

  #watch(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#client?.heartbeat()
      this.#silence = this.#watch()
    }, this.#silentMs)
  }

  #ping(): void {
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#socket.ping()
  }

  #onClose(): void {
    clearInterval(this.#pinger)
    clearTimeout(this.#silence)
    this.#client?.close()
  }
}
