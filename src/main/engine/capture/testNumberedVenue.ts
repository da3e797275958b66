import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

/** For tests: a bare loopback Polymarket with one market per two tokens that sends frames, numbered from 0 on each connection, as fast as it is told to, and nothing else. */
export interface NumberedVenue {
  readonly url: string
  readonly tokens: readonly string[]
  /** Frames sent so far, over all connections. */
  sent(): number
  /** Sends no more frames to anyone who is connected; keep-alives are still answered. */
  hush(): void
  close(): Promise<void>
}

export interface NumberedVenueOptions {
  readonly tokens: number
  readonly framesPerSecond: number
  /** How it answers a subscription; default: it is accepted in any form. */
  readonly accepts?: (message: Record<string, unknown>) => boolean
}

const TICK_MS = 5

export async function startNumberedVenue(options: NumberedVenueOptions): Promise<NumberedVenue> {
  const tokens = Array.from({ length: options.tokens }, (_, i) => `${1000 + i}`)
  const server = createServer((_request, response) => response.writeHead(404).end())
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  /** Number of the next frame of each subscribed connection. */
  const active = new Map<WebSocket, number>()
  sockets.on('connection', (socket) => {
    socket.on('close', () => active.delete(socket))
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text === 'PING') return socket.send('PONG')
      if (options.accepts?.(JSON.parse(text) as Record<string, unknown>) ?? true) active.set(socket, active.get(socket) ?? 0)
    })
  })
  let sent = 0
  const timer = setInterval(() => {
    const burst = Math.max(1, Math.round((options.framesPerSecond * TICK_MS) / 1000 / Math.max(1, active.size)))
    for (const [socket, first] of active) {
      for (let n = first; n < first + burst; n++) socket.send(`{"n":${n},"pad":"${'x'.repeat(n % 300)}"}`)
      active.set(socket, first + burst)
      sent += burst
    }
  }, TICK_MS)
  await listening(server)
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    sent: () => sent,
    hush: () => active.clear(),
    close: async () => {
      clearInterval(timer)
      for (const socket of sockets.clients) socket.terminate()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    }
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve))
}
