import type { CommandName, CommandReply, StudioCommand, StudioTransport } from '../../shared/api/index.ts'

/** The parts of a WebSocket that the transport needs; a test hands in its own. */
export interface SocketLike {
  binaryType: BinaryType
  send(data: string): void
  close(): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
}

type Answer = (reply: CommandReply<CommandName>) => void

const LOST = 'The connection to the studio was lost. Trying again; nothing that was recorded is lost.'
/** The server's close code for a wrong token: it was started anew since this page was opened. */
const REFUSED_CODE = 4401
const REFUSED = 'The studio does not know this page any more: it was started anew. Open the address that it printed last.'

/**
 * Browser mode's way to the studio: one WebSocket. First message `{"token"}`, then commands as `{"id","command"}`, answered by
 * `{"id","reply"}`; frames are binary; grants are `{"grant"}`.
 */
export function webSocketTransport(socket: SocketLike, token: string): StudioTransport {
  const pending = new Map<number, Answer>()
  const waiting: string[] = []
  let nextId = 1
  let open = false
  let closed = false
  let onFrame: (frame: Uint8Array) => void = () => undefined
  let onClosed: (reason: string) => void = () => undefined

  const send = (text: string): void => {
    if (open) socket.send(text)
    else waiting.push(text)
  }
  const end = (reason: string): void => {
    if (closed) return
    closed = true
    for (const answer of pending.values()) answer({ ok: false, failure: { code: 'ABORTED', message: reason } })
    pending.clear()
    onClosed(reason)
  }

  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    open = true
    socket.send(JSON.stringify({ token }))
    for (const text of waiting.splice(0)) socket.send(text)
  })
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) onFrame(new Uint8Array(data))
    else if (typeof data === 'string') settle(data, pending)
  })
  socket.addEventListener('close', ({ code }) => end(code === REFUSED_CODE ? REFUSED : LOST))
  // The close that follows an error tells the reason; without one the socket never opened.
  socket.addEventListener('error', () => {
    if (!open) end(LOST)
  })

  return {
    call<N extends CommandName>(command: Extract<StudioCommand, { cmd: N }>) {
      return new Promise<CommandReply<N>>((resolve) => {
        if (closed) return resolve({ ok: false, failure: { code: 'ABORTED', message: LOST } })
        const id = nextId++
        pending.set(id, resolve as Answer)
        send(JSON.stringify({ id, command }))
      })
    },
    onFrame: (listener) => {
      onFrame = listener
    },
    grant: (bytes) => send(JSON.stringify({ grant: bytes })),
    onClosed: (listener) => {
      onClosed = listener
    },
    close() {
      onClosed = () => undefined
      socket.close()
    }
  }
}

function settle(text: string, pending: Map<number, Answer>): void {
  const message = JSON.parse(text) as { id?: number; reply?: CommandReply<CommandName> }
  if (message.id === undefined || message.reply === undefined) return
  const answer = pending.get(message.id)
  pending.delete(message.id)
  answer?.(message.reply)
}
