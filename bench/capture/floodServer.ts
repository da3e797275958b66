import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { samplePayloads } from '../log/payloads.ts'

// A process of its own, on the other core: sends each client that asks for anything a number of text messages that are framed beforehand.
// Arguments: number of messages (a multiple of the distinct payloads), messages a second (0 = as fast as they are taken). Prints its port.

const WS_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const [messages = 0, perSecond = 0] = process.argv.slice(2).map(Number)
const payloads = samplePayloads()
const framed = Buffer.concat(payloads.map(framedText))
const frameBytes = framed.length / payloads.length
const totalBytes = messages * frameBytes

/** Unmasked text frame with a 16-bit length. */
function framedText(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload])
}

function accept(socket: Socket): void {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.once('data', (request) => {
    const key = /sec-websocket-key: *(\S+)/i.exec(request.toString('latin1'))?.[1] ?? ''
    const answer = createHash('sha1')
      .update(key + WS_GUID)
      .digest('base64')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n\r\n`)
    socket.once('data', () => {
      if (perSecond === 0) flood(socket)
      else trickle(socket)
    })
  })
}

function flood(socket: Socket): void {
  let sent = 0
  const more = (): void => {
    while (sent < totalBytes && !socket.destroyed) {
      sent += framed.length
      if (!socket.write(framed)) break
    }
    if (sent < totalBytes && !socket.destroyed) socket.once('drain', more)
  }
  more()
}

/** Sends, every millisecond, the messages that are due by then. */
function trickle(socket: Socket): void {
  const begunMs = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.min(messages, Math.floor(((performance.now() - begunMs) / 1000) * perSecond))
    while (sent < due) {
      const first = sent % payloads.length
      const count = Math.min(due - sent, payloads.length - first)
      socket.write(framed.subarray(first * frameBytes, (first + count) * frameBytes))
      sent += count
    }
    if (sent >= messages || socket.destroyed) clearInterval(timer)
  }, 1)
}

const server = createServer(accept)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`)
})
// Ends with whoever started it.
process.stdin.on('end', () => process.exit(0)).resume()
