import type { RawData, WebSocket } from 'ws'
import { FRAME_KIND, frameHeader, INITIAL_CREDIT_BYTES, type StudioEvent } from '../../shared/api/index.ts'
import { CreditLedger } from '../../shared/creditLedger.ts'
import { toFailure } from '../../shared/errors.ts'
import type { Engine, ViewLink } from '../engine/index.ts'
import { readHello, readMessage } from './clientMessage.ts'
import { tokenMatches } from './token.ts'

/** Why a socket was closed by us. 4000 to 4999 are free for applications. */
export const CLOSE = { unreadable: 4400, wrongToken: 4401, tokenTimeout: 4408, tooSlow: 4429, goingAway: 1001 } as const

export const TOKEN_WITHIN_MS = 5000
/** Commands of one screen that may wait for their answer; a screen asks for one or two at a time. */
const MAX_IN_FLIGHT = 64
/** Credit bounds what waits in a socket, with the last frame before zero on top; more means that a promise is broken. */
const MAX_BUFFERED_BYTES = 4 * INITIAL_CREDIT_BYTES

interface ScreenSocketOptions {
  readonly socket: WebSocket
  readonly engine: Engine
  readonly token: string
  readonly tokenWithinMs?: number
  readonly onAttached?: (screen: ScreenSocket) => void
}

/** One screen on a WebSocket: first its token, then commands and grants in, replies and frames out. */
export class ScreenSocket {
  readonly #options: ScreenSocketOptions
  readonly #credit = new CreditLedger()
  readonly #tokenTimer: NodeJS.Timeout
  #link: ViewLink | undefined
  #inFlight = 0
  #closed = false

  constructor(options: ScreenSocketOptions) {
    this.#options = options
    const { socket, tokenWithinMs = TOKEN_WITHIN_MS } = options
    this.#tokenTimer = setTimeout(() => this.close(CLOSE.tokenTimeout, 'no token came'), tokenWithinMs)
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('close', () => this.#onClose())
    // A frame that breaks the protocol, or is too large, closes the socket by itself.
    socket.on('error', () => undefined)
  }

  /** Shows a notice of the door itself, in the form the engine's own notices have. */
  notify(event: StudioEvent): void {
    if (this.#link === undefined || this.#closed) return
    // Not counted: the engine's credit is for the engine's frames.
    this.#options.socket.send(frameHeader(FRAME_KIND.event, 0, new TextEncoder().encode(JSON.stringify(event))))
  }

  close(code: number, reason: string): void {
    this.#options.socket.close(code, reason)
    this.#onClose()
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#closed) return
    if (isBinary) return this.close(CLOSE.unreadable, 'only text is expected')
    const text = (data as Buffer).toString('utf8')
    if (this.#link === undefined) return this.#onHello(text)
    const message = readMessage(text)
    if (message === undefined) return this.close(CLOSE.unreadable, 'not a message of the studio')
    if ('grant' in message) return this.#onGrant(message.grant)
    void this.#onCommand(message.id, message.command)
  }

  #onHello(text: string): void {
    if (!tokenMatches(readHello(text), this.#options.token)) return this.close(CLOSE.wrongToken, 'wrong token')
    clearTimeout(this.#tokenTimer)
    this.#link = this.#options.engine.attachView({ send: (frame) => this.#sendFrame(frame) })
    // The first frames may come before attachView returns, and break the socket.
    if (this.#closed) return this.#link.close()
    this.#options.onAttached?.(this)
  }

  #onGrant(bytes: number): void {
    const honoured = this.#credit.grant(bytes)
    if (honoured > 0) this.#link?.grant(honoured)
  }

  async #onCommand(id: number, command: unknown): Promise<void> {
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      const message = `Too many commands wait for an answer (${MAX_IN_FLIGHT}). Wait for one, then ask again.`
      return this.#sendText({ id, reply: { ok: false, failure: { code: 'BUSY', message } } })
    }
    this.#inFlight++
    try {
      this.#sendText({ id, reply: await this.#options.engine.callUnknown(command) })
    } catch (error) {
      // The engine promises an answer; if it breaks the promise, the screen still gets one.
      this.#sendText({ id, reply: { ok: false, failure: toFailure(error) } })
    } finally {
      this.#inFlight--
    }
  }

  #sendText(message: unknown): void {
    if (!this.#closed) this.#options.socket.send(JSON.stringify(message))
  }

  #sendFrame(frame: Uint8Array): void {
    if (this.#closed) return
    const { socket } = this.#options
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return this.close(CLOSE.tooSlow, 'the screen takes nothing')
    this.#credit.sent(frame.byteLength)
    socket.send(frame, { binary: true })
  }

  #onClose(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#tokenTimer)
    this.#link?.close()
  }
}
