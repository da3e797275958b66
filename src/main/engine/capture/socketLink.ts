import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'

const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024

export interface SocketLinkOptions {
  readonly url: string
  readonly userAgent: string
  readonly handshakeTimeoutMs: number
  readonly onOpen: () => void
  readonly onMessage: (data: Buffer, binary: boolean) => void
  /** Comes once, whatever became of the socket. @param retryAfterNs what the venue asked for when it refused */
  readonly onClose: (code: number, reason: string, retryAfterNs: number) => void
}

/** One WebSocket with the options that a recording needs. */
export class SocketLink {
  readonly url: string
  readonly #socket: WebSocket

  constructor(options: SocketLinkOptions) {
    this.url = options.url
    const socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      maxPayload: MAX_PAYLOAD_BYTES,
      // The bytes are kept as they come; what is wrong with them is for the reader to say.
      skipUTF8Validation: true,
      followRedirects: false,
      handshakeTimeout: options.handshakeTimeoutMs,
      headers: { 'User-Agent': options.userAgent }
    })
    socket.binaryType = 'nodebuffer'
    this.#socket = socket
    let failure = ''
    let retryAfterNs = 0
    socket.on('open', options.onOpen)
    socket.on('message', options.onMessage)
    socket.on('error', (error) => {
      failure ||= (error as NodeJS.ErrnoException).code ?? error.message
    })
    socket.on('unexpected-response', (request, response: IncomingMessage) => {
      failure = `the venue answered with status ${response.statusCode ?? 0} to the request to connect`
      retryAfterNs = Number(response.headers['retry-after'] ?? 0) * 1e9 || 0
      request.destroy()
      socket.terminate()
    })
    socket.on('close', (code, reason) => options.onClose(code, failure === '' ? reason.toString('utf8') : failure, retryAfterNs))
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  /** Ends it at once. */
  terminate(): void {
    this.#socket.terminate()
  }

  /** Says goodbye, and ends it when the other side does not. */
  async close(waitMs: number): Promise<void> {
    const socket = this.#socket
    if (socket.readyState === WebSocket.CLOSED) return
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => socket.terminate(), waitMs)
      socket.once('close', () => {
        clearTimeout(limit)
        resolve()
      })
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
      else socket.close(1000)
    })
  }
}
