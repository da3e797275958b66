import { createServer, type Server, type Socket } from 'node:net'
import type { RestSink } from '../restRecorder.ts'
import type { RunRecord } from '../runFiles.ts'

/** A nowcast with all its buckets and reasons takes a few kilobytes. */
const MAX_LINE_BYTES = 64 * 1024
const MAX_CONNECTIONS = 8
const NEWLINE = 10
const BRACE = 123
const BLANKS: ReadonlySet<number> = new Set([32, 9, 13, NEWLINE])

export interface ModelSocketOptions {
  /** 0 lets the system choose. */
  readonly port: number
  readonly sink: RestSink
  readonly signal: AbortSignal
  readonly log: (type: string, fields: RunRecord) => void
}

/** A TCP port on this machine at which an outside model publishes its nowcasts, one JSON object a line. Each line is recorded as it came. */
export class ModelSocket {
  #lines = 0
  #tooLong = 0
  #strangers = 0
  #port = 0
  readonly #options: ModelSocketOptions
  readonly #server: Server
  readonly #open = new Set<Socket>()

  constructor(options: ModelSocketOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.maxConnections = MAX_CONNECTIONS
    // A port in use must not end a recording of the market.
    this.#server.on('error', (error) => options.log('model_socket', { ok: false, port: options.port, error: error.message }))
    this.#server.listen(options.port, '127.0.0.1', () => {
      const address = this.#server.address()
      this.#port = typeof address === 'object' && address !== null ? address.port : 0
      options.log('model_socket', { ok: true, port: this.#port })
    })
    options.signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** Part of the field `world` of a heartbeat. */
  facts(): RunRecord {
    return {
      model: { port: this.#port, connections: this.#open.size, lines: this.#lines, too_long: this.#tooLong, strangers: this.#strangers }
    }
  }

  #accept(socket: Socket): void {
    this.#open.add(socket)
    let rest: Buffer = Buffer.alloc(0)
    let begun = false
    socket.on('data', (bytes: Buffer) => {
      const first = begun ? undefined : bytes.find((byte) => !BLANKS.has(byte))
      begun ||= first !== undefined
      // A model begins with an object. A page in a browser of this machine can reach the port too, and begins with a method's name.
      if (first !== undefined && first !== BRACE) {
        this.#strangers++
        socket.destroy()
      }
      if (socket.destroyed) return
      rest = this.#takeLines(rest.length === 0 ? bytes : Buffer.concat([rest, bytes]))
      if (rest.length <= MAX_LINE_BYTES) return
      this.#tooLong++
      socket.destroy()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#open.delete(socket))
  }

  /** @returns the bytes behind the last whole line */
  #takeLines(bytes: Buffer): Buffer {
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#line(bytes.subarray(from, end))
      from = end + 1
    }
    return bytes.subarray(from)
  }

  #line(bytes: Buffer): void {
    const line = bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes
    if (line.every((byte) => BLANKS.has(byte))) return
    if (line.length > MAX_LINE_BYTES) {
      this.#tooLong++
      return
    }
    this.#lines++
    const url = `tcp://127.0.0.1:${this.#port}`
    this.#options.sink(0, { note: 'rest', venue: 'model', kind: 'model_line', key: '', url, status: 200, body: true }, line)
  }

  #close(): void {
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
  }
}
