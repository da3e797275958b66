import { WebSocket } from 'ws'
import type { Work } from '../measure.ts'

/** The limit: a client with the plant's socket options that does nothing but count. */
export async function bareReceive(url: string, messages: number): Promise<Work> {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 64 * 1024 * 1024, skipUTF8Validation: true })
  let begun = 0
  let count = 0
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => {
      begun = performance.now()
      socket.send('{"type":"market"}')
    })
    socket.on('message', () => {
      if (++count === messages) resolve()
    })
  })
  const seconds = (performance.now() - begun) / 1000
  socket.terminate()
  return { count, seconds }
}
