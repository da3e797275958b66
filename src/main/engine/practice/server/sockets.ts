import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'

import type { Clock } from '../../clock.ts'
import type { FaultDesk } from '../faults/faultDesk.ts'
import type { PracticeVenueName } from '../frame.ts'
import type { VenueSource } from '../source.ts'
import { BinanceSocket } from './binanceSocket.ts'
import { Connection } from './connection.ts'
import type { Hub } from './hub.ts'
import { isLocal } from './httpRoutes.ts'
import { PolymarketSocket } from './polymarketSocket.ts'
import { socketAddress, type SocketAddress } from './socketAddress.ts'

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

export interface SocketsOptions {
  readonly clock: Clock
  readonly hub: Hub
  readonly desk: FaultDesk
  readonly source: VenueSource
  readonly onOpen: (connection: Connection) => void
  readonly onSubscribed: (connection: Connection) => void
  readonly onRefused: (connection: Connection, reason: string) => void
  readonly onClosed: (connection: Connection, code: number) => void
}

/** Accepts WebSockets on the paths of both venues and speaks their protocols. */
export class Sockets {
  readonly #options: SocketsOptions
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    autoPong: false
  })
  readonly #waiting = new Map<Duplex, NodeJS.Timeout>()
  readonly #polymarket: PolymarketSocket | undefined
  readonly #binance: BinanceSocket
  #lastId = 0

  constructor(options: SocketsOptions) {
    this.#options = options
    const { hub, source, onSubscribed, onRefused } = options
    this.#polymarket = source.polymarket && new PolymarketSocket(hub, source.polymarket, onSubscribed, onRefused)
    this.#binance = new BinanceSocket(hub, onSubscribed, onRefused)
  }

  get connectionsSoFar(): number {
    return this.#lastId
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (!isLocal(request))
      return refuseUpgrade(socket, 403, 'The practice venue only answers programs on this machine, by its loopback address.')
    const address = socketAddress(request.url ?? '/')
    if (!address) return refuseUpgrade(socket, 404, 'WebSockets are served at /ws/market, /stream?streams=... and /ws/<stream>.')
    if (!this.#options.source[address.venue]) return refuseUpgrade(socket, 404, `This practice venue has no ${address.venue} data.`)
    const delayMs = this.#options.desk.upgradeDelayMs(address.path)
    if (delayMs <= 0) return this.#accept(request, socket, head, address)
    const timer = setTimeout(() => {
      this.#waiting.delete(socket)
      if (!socket.destroyed) this.#accept(request, socket, head, address)
    }, delayMs)
    this.#waiting.set(socket, timer)
  }

  /** Drops upgrades that are still being delayed. */
  close(): void {
    for (const [socket, timer] of this.#waiting) {
      clearTimeout(timer)
      socket.destroy()
    }
    this.#waiting.clear()
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Buffer, address: SocketAddress): void {
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#open(ws, socket, address))
  }

  #open(ws: WebSocket, socket: Duplex, address: SocketAddress): void {
    const { clock, hub, onOpen, onClosed, desk } = this.#options
    const connection = new Connection(++this.#lastId, address.venue, ws, socket, address.combined, clock)
    hub.connections.set(connection.id, connection)
    ws.on('message', (data, isBinary) => {
      connection.lastHeardNs = clock.monoNs()
      this.#receive(address.venue, connection, data as Buffer, isBinary)
    })
    ws.on('ping', (data) => {
      connection.lastHeardNs = clock.monoNs()
      if (!connection.silent) ws.pong(data)
    })
    ws.on('pong', () => (connection.lastPongNs = connection.lastHeardNs = clock.monoNs()))
    // A protocol error closes the socket; `close` follows and says so.
    ws.on('error', () => undefined)
    ws.on('close', (code) => {
      desk.connectionClosed(connection)
      onClosed(connection, code)
      hub.remove(connection)
    })
    onOpen(connection)
    if (address.venue === 'binance') this.#binance.open(connection, address.streams)
  }

  #receive(venue: PracticeVenueName, connection: Connection, data: Buffer, isBinary: boolean): void {
    if (venue === 'binance') this.#binance.receive(connection, data, isBinary)
    else this.#polymarket?.receive(connection, data, isBinary)
  }
}

function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const body = Buffer.from(JSON.stringify({ error: reason }))
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body.toString()}`
  )
}
