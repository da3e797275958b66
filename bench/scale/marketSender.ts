import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { bookText, changeTexts } from './marketMessages.ts'

// A process of its own, on the other core: a venue that answers each subscription with a first book a token, waits until all of them are
// there, and then sends changes at a steady pace over all connections, framed beforehand.
// Arguments: connections, tokens over all, messages over all, messages a second. Prints its port, then `go` when the changes can begin, which they do with
// the first line that it reads.

const [connections = 1, tokens = 2, messages = 0, perSecond = 1] = process.argv.slice(2).map(Number)
const CALM_MS = 500

interface Listener {
  readonly raw: Duplex
  readonly tokens: Set<string>
  framed: Buffer
  frameBytes: number
  sent: number
}

const listeners: Listener[] = []
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const server = createServer((_request, response) => response.writeHead(404).end())

server.on('upgrade', (request, raw, head) => {
  sockets.handleUpgrade(request, raw, head, (socket) => {
    const listener: Listener = { raw, tokens: new Set(), framed: Buffer.alloc(0), frameBytes: 0, sent: 0 }
    listeners.push(listener)
    socket.on('error', () => socket.terminate())
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text === 'PING') return socket.send('PONG')
      const { assets_ids: wanted } = JSON.parse(text) as { assets_ids?: string[] }
      for (const token of wanted ?? []) {
        if (listener.tokens.has(token)) continue
        listener.tokens.add(token)
        socket.send(bookText(token))
      }
      if (listeners.length === connections && listeners.reduce((sum, one) => sum + one.tokens.size, 0) === tokens) begin()
    })
  })
})

/** Unmasked text frame with a 16-bit length. */
function framedText(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload])
}

function begin(): void {
  for (const listener of listeners) {
    const frames = changeTexts([...listener.tokens].toSorted()).map(framedText)
    listener.framed = Buffer.concat(frames)
    listener.frameBytes = listener.framed.length / frames.length
  }
  setTimeout(() => process.stdout.write('go\n'), CALM_MS)
  // Whoever counts says when it is ready: on a busy machine the first changes would overtake the word.
  process.stdin.once('data', pace)
}

/** Sends, every millisecond, the messages that are due by then, the same number on each connection. */
function pace(): void {
  const each = messages / connections
  const begunMs = performance.now()
  const timer = setInterval(() => {
    const due = Math.min(each, Math.floor((((performance.now() - begunMs) / 1000) * perSecond) / connections))
    for (const listener of listeners) send(listener, due)
    if (due >= each) clearInterval(timer)
  }, 1)
}

function send(listener: Listener, due: number): void {
  const { raw, framed, frameBytes } = listener
  const ring = framed.length / frameBytes
  while (listener.sent < due && !raw.destroyed) {
    const first = listener.sent % ring
    const count = Math.min(due - listener.sent, ring - first)
    raw.write(framed.subarray(first * frameBytes, (first + count) * frameBytes))
    listener.sent += count
  }
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`)
})
// Ends with whoever started it.
process.stdin.on('end', () => process.exit(0)).resume()
