import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { StudioEvent } from '../../shared/api/index.ts'
import { StudioError, type Failure } from '../../shared/errors.ts'
import { securityHeaders } from '../../shared/page/index.ts'
import type { Engine } from '../engine/index.ts'
import { LocalOnly } from './localOnly.ts'
import { answer, servePage } from './pageFiles.ts'
import { CLOSE, ScreenSocket } from './screenSocket.ts'
import { newToken, tokenMatches } from './token.ts'
import { Uploads } from './upload.ts'

export interface StudioServerOptions {
  readonly engine: Engine
  /** Folder of the built screen. */
  readonly rendererDir: string
  /** Folder for uploads on their way into the library. */
  readonly dataDir: string
  readonly host?: '127.0.0.1'
  /** 0 = any free port. */
  readonly port: number
  /** Given by tests only; drawn at random otherwise. */
  readonly token?: string
  /** Given by tests only. */
  readonly tokenWithinMs?: number
  /** Given by tests only. */
  readonly freeBytes?: () => Promise<number>
}

export interface StudioServer {
  /** The address to open; its fragment carries the token and never reaches a server or a log of one. */
  readonly url: string
  readonly port: number
  readonly token: string
  /** Shows a notice of the door itself on every screen; one that no screen saw yet is kept for the first. */
  notify(event: StudioEvent): void
  /** Ends every connection. The engine stays: it belongs to the caller. Safe to call twice. */
  close(): Promise<void>
}

/** A command is small; only an upload is large, and goes another way. */
const MAX_MESSAGE_BYTES = 1024 * 1024
const MAX_SCREENS = 32
const MAX_UPLOADS = 2

/**
 * Serves the studio to browsers of this machine, on the loopback address only.
 * @throws StudioError PORT_IN_USE when another program has the port, FILE_FAILED when the system refuses it
 */
export async function startStudioServer(options: StudioServerOptions): Promise<StudioServer> {
  const door = new Door(options)
  await door.listen()
  return door
}

class Door implements StudioServer {
  readonly token: string
  readonly #options: StudioServerOptions
  readonly #host: string
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
  readonly #screens = new Set<ScreenSocket>()
  readonly #unseen: StudioEvent[] = []
  readonly #uploads: Uploads
  #uploading = 0
  #local = new LocalOnly('')
  #closing: Promise<void> | undefined

  constructor(options: StudioServerOptions) {
    this.#options = options
    this.token = options.token ?? newToken()
    this.#host = options.host ?? '127.0.0.1'
    this.#uploads = new Uploads(options.engine, options.dataDir, options.freeBytes)
    this.#http = createServer((request, response) => void this.#onRequest(request, response))
    // An upload of many gigabytes may take longer than the default five minutes.
    this.#http.requestTimeout = 0
    this.#http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
  }

  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? this.#options.port
  }

  get url(): string {
    return `${this.#local.origin}/#token=${this.token}`
  }

  async listen(): Promise<void> {
    const { port } = this.#options
    await new Promise<void>((done, fail) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) => fail(listenFault(error, port)))
      this.#http.listen({ host: this.#host, port, exclusive: true }, done)
    })
    this.#local = new LocalOnly(`${this.#host}:${this.port}`)
    await this.#uploads.sweep(Date.now())
  }

  notify(event: StudioEvent): void {
    if (this.#screens.size === 0) this.#unseen.push(event)
    for (const screen of this.#screens) screen.notify(event)
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((done) => {
      for (const screen of this.#screens) screen.close(CLOSE.goingAway, 'the studio was closed')
      this.#http.close(() => done())
      // Screens get a moment to read why, before the connections end.
      setTimeout(() => {
        for (const socket of this.#sockets.clients) socket.terminate()
        this.#http.closeAllConnections()
      }, 50)
    })
    return this.#closing
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = securityHeaders([`ws://${this.#host}:${this.port}`])
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    try {
      await this.#route(request, response)
    } catch (error) {
      // Nothing is known to throw here; if something does, one request fails and not the studio.
      if (!response.headersSent) answer(response, 500, error instanceof Error ? error.message : '')
      else response.destroy()
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#local.hostOk(request)) return answer(response, 403, `Open the studio as ${this.#local.origin}.`)
    const path = (request.url ?? '').split('?', 1)[0]
    if (path === '/upload') return this.#onUpload(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405)
    if (path === '/health') return json(response, 200, { ok: true })
    return servePage(request, response, this.#options.rendererDir)
  }

  async #onUpload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return answer(response, 405, 'Only POST is answered here.')
    const known = this.#local.originOk(request) && tokenMatches(request.headers['x-tapedeck-token'], this.token)
    if (!known) return refuseUpload(response, 403, { code: 'USAGE', message: 'The upload was refused: it did not come from the studio.' })
    if (this.#uploading >= MAX_UPLOADS)
      return refuseUpload(response, 503, { code: 'BUSY', message: 'Other uploads are under way. Try again when they are done.' })
    this.#uploading++
    try {
      const name = new URL(request.url ?? '', this.#local.origin).searchParams.get('name') ?? ''
      const reply = await this.#uploads.receive(request, name)
      if (response.destroyed) return
      // The rest of a file that was refused is not waited for.
      if (!request.complete) response.setHeader('Connection', 'close')
      json(response, 200, reply)
    } finally {
      this.#uploading--
    }
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined)
    if (request.url !== '/studio') return refuseUpgrade(socket, '404 Not Found')
    if (!this.#local.hostOk(request) || !this.#local.originOk(request)) return refuseUpgrade(socket, '403 Forbidden')
    if (this.#sockets.clients.size >= MAX_SCREENS || this.#closing !== undefined) return refuseUpgrade(socket, '503 Service Unavailable')
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#onSocket(webSocket))
  }

  #onSocket(socket: WebSocket): void {
    const { engine, tokenWithinMs } = this.#options
    const screen = new ScreenSocket({
      socket,
      engine,
      token: this.token,
      ...(tokenWithinMs !== undefined && { tokenWithinMs }),
      onAttached: () => {
        this.#screens.add(screen)
        for (const event of this.#unseen.splice(0)) screen.notify(event)
      }
    })
    socket.on('close', () => this.#screens.delete(screen))
  }
}

/** The file itself is not waited for. */
function refuseUpload(response: ServerResponse, status: number, failure: Failure): void {
  response.setHeader('Connection', 'close')
  json(response, status, { ok: false, failure })
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(JSON.stringify(body))
}

function listenFault(error: NodeJS.ErrnoException, port: number): StudioError {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${port} is already in use by another program. Choose another one with --port, or leave it out to get a free one.`
    return new StudioError('PORT_IN_USE', message, { cause: error })
  }
  return new StudioError('FILE_FAILED', `Port ${port} could not be opened: ${error.message}. Choose another one with --port.`, {
    cause: error
  })
}
