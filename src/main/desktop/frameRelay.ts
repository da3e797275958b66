import { FRAME_KIND, frameHeader, type StudioEvent } from '../../shared/api/index.ts'
import { CreditLedger } from '../../shared/creditLedger.ts'
import type { Engine, ViewLink } from '../engine/index.ts'

/** The parts of a MessagePortMain that the relay needs. */
export interface RelayPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** One page's frames: from the engine to its port, and the bytes it worked off back as grants. */
export class FrameRelay {
  readonly #port: RelayPort
  readonly #credit = new CreditLedger()
  #link: ViewLink | undefined
  #closed = false

  constructor(engine: Engine, port: RelayPort) {
    this.#port = port
    port.on('message', ({ data }) => this.#onMessage(data))
    port.on('close', () => this.close())
    this.#link = engine.attachView({ send: (frame) => this.#relay(frame) })
    port.start()
  }

  /** Shows a notice of the door itself, in the form the engine's own notices have. */
  notify(event: StudioEvent): void {
    // Not counted: the engine's credit is for the engine's frames.
    this.#post(frameHeader(FRAME_KIND.event, 0, new TextEncoder().encode(JSON.stringify(event))))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#link?.close()
    this.#port.close()
  }

  #onMessage(data: unknown): void {
    const grant = (data as { grant?: unknown } | null)?.grant
    const honoured = typeof grant === 'number' ? this.#credit.grant(grant) : 0
    if (honoured > 0 && !this.#closed) this.#link?.grant(honoured)
  }

  #relay(frame: Uint8Array): void {
    this.#credit.sent(frame.byteLength)
    this.#post(frame)
  }

  #post(frame: Uint8Array): void {
    // A port copies the whole buffer under a view; and it must never get one in its transfer list.
    if (!this.#closed) this.#port.postMessage(frame.byteLength === frame.buffer.byteLength ? frame : frame.slice())
  }
}
