import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { StudioError } from '../../shared/errors.ts'
import type { StreamSource } from '../engine/index.ts'
import { serveEventStream, type EventStream } from './sse.ts'
import { STREAM_CLOSE, StreamSocket } from './streamSocket.ts'
import { newToken, tokenMatches } from './token.ts'

export interface StreamServerOptions {
  readonly source: StreamSource
  /** 127.0.0.1 unless it is to be open to others on purpose. */
  readonly host?: string
  /** 0 = any free port. */
  readonly port: number
  /** Origins of pages that may connect; none unless named. */
  readonly origins?: readonly string[]
  /** Given by tests only; drawn at random otherwise. */
  readonly token?: string
  /** Given by tests only. */
  readonly silentMs?: number
  /** Given by tests only. */
  readonly finishMs?: number
}

export interface StreamServer {
  readonly port: number
  readonly token: string
  /** Addresses with the token in them. */
  readonly wsUrl: string
  readonly sseUrl: string
  /** Ends every connection; the source stays, it belongs to the caller. Safe to call twice. */
  close(): Promise<void>
}

/** A command is small. */
const MAX_MESSAGE_BYTES = 64 * 1024
const MAX_CLIENTS = 32
/** How long clients that are behind are waited for at the end. */
const FINISH_MS = 5000
const LOOPBACK = '127.0.0.1'

/**
 * Serves a run's events to programs: over WebSocket, and over HTTP as an event stream.
 * @throws StudioError PORT_IN_USE, FILE_FAILED when the system refuses host or port
 */
export async function startStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const server = new Serving(options)
  await server.listen()
  return server
}

class Serving implements StreamServer {
  readonly token: string
  readonly #options: StreamServerOptions
  readonly #host: string
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
  readonly #clients = new Set<StreamSocket>()
  readonly #eventStreams = new Set<EventStream>()
  #closing: Promise<void> | undefined

  constructor(options: StreamServerOptions) {
    this.#options = options
    this.token = options.token ?? newToken()
    this.#host = options.host ?? LOOPBACK
    this.#http = createServer((request, response) => this.#onRequest(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
  }

  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? this.#options.port
  }

  get wsUrl(): string {
    return `ws://${this.#authority}/stream?token=${this.token}`
  }

  get sseUrl(): string {
    return `http://${this.#authority}/events?token=${this.token}`
  }

  async listen(): Promise<void> {
    const { port } = this.#options
    await new Promise<void>((done, fail) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) => fail(listenFault(error, this.#host, port)))
      this.#http.listen({ host: this.#host, port, exclusive: true }, done)
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Who is behind gets its tail first, or is told what it does not get. */
  async #close(): Promise<void> {
    const finishMs = this.#options.finishMs ?? FINISH_MS
    await Promise.all([...this.#clients, ...this.#eventStreams].map((client) => client.finish(finishMs)))
    await new Promise<void>((done) => {
      for (const client of this.#clients) client.close(STREAM_CLOSE.goingAway, 'the server was closed')
      for (const stream of this.#eventStreams) stream.end()
      this.#http.close(() => done())
      setTimeout(() => {
        for (const socket of this.#sockets.clients) socket.terminate()
        this.#http.closeAllConnections()
      }, 50)
    })
  }

  get #authority(): string {
    return `${isIP(this.#host) === 6 ? `[${this.#host}]` : this.#host}:${this.port}`
  }

  /** Programs send no origin. A page of a browser does, and none of them is ours; by DNS rebinding a foreign name may point here. */
  #isForeign(request: IncomingMessage): boolean {
    const { origin } = request.headers
    if (origin !== undefined && this.#options.origins?.includes(origin) !== true) return true
    if (this.#host !== LOOPBACK) return false
    const { host } = request.headers
    return host !== `${LOOPBACK}:${this.port}` && host !== `localhost:${this.port}`
  }

  #hasToken(request: IncomingMessage, query: URLSearchParams): boolean {
    const bearer = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1]
    return tokenMatches(bearer ?? query.get('token'), this.token)
  }

  /** @returns why it is refused, as status code; undefined when it is not */
  #refusal(request: IncomingMessage, url: URL, wanted: string): number | undefined {
    if (this.#isForeign(request)) return 403
    if (url.pathname !== wanted) return 404
    if (!this.#hasToken(request, url.searchParams)) return 401
    if (this.#closing !== undefined || this.#clients.size + this.#eventStreams.size >= MAX_CLIENTS) return 503
    return undefined
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = addressOf(request)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (request.method !== 'GET') return answer(response, 405)
    if (url === undefined) return answer(response, 400)
    if (url.pathname === '/health' && !this.#isForeign(request)) {
      const { mode } = this.#options.source.facts
      return answer(response, 200, JSON.stringify({ ok: true, mode, clients: this.#clients.size + this.#eventStreams.size }))
    }
    const refused = this.#refusal(request, url, '/events')
    if (refused !== undefined) return answer(response, refused)
    if (request.headers.origin !== undefined) response.setHeader('Access-Control-Allow-Origin', request.headers.origin)
    const stream = serveEventStream(request, response, this.#options.source, url.searchParams)
    if (stream === undefined) return
    this.#eventStreams.add(stream)
    response.on('close', () => this.#eventStreams.delete(stream))
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined)
    const url = addressOf(request)
    const refused = url === undefined ? 400 : this.#refusal(request, url, '/stream')
    if (refused !== undefined) return void socket.end(`HTTP/1.1 ${refused} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    const { source, silentMs } = this.#options
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = new StreamSocket({ socket: webSocket, source, ...(silentMs !== undefined && { silentMs }) })
      this.#clients.add(client)
      webSocket.on('close', () => this.#clients.delete(client))
    })
  }
}

function addressOf(request: IncomingMessage): URL | undefined {
  return URL.canParse(request.url ?? '', 'http://x') ? new URL(request.url ?? '', 'http://x') : undefined
}

function answer(response: ServerResponse, status: number, body = ''): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(body)
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): StudioError {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${port} is already in use by another program. Choose another one with --port, or leave it out to get a free one.`
    return new StudioError('PORT_IN_USE', message, { cause: error })
  }
  return new StudioError(
    'FILE_FAILED',
    `Port ${port} of ${host} could not be opened: ${error.message}. Choose others with --host and --port.`,
    {
      cause: error
    }
  )
}
