import { WebSocket } from 'ws'
import { assignShards } from '../../src/main/engine/capture/index.ts'
import { tokenIds } from './marketMessages.ts'
import { SHARDS, startSender, type SenderLoad } from './startSender.ts'

const LIST = 0x5b

/** The limit: as many connections as the plant has, with its socket options, that do nothing but count. @returns seconds from the first change sent to the last one received */
export async function bareAtScale(load: SenderLoad): Promise<number> {
  const sender = await startSender(load)
  const sockets: WebSocket[] = []
  let begunMs = 0
  let count = 0
  void sender.ready.then(() => {
    begunMs = performance.now()
    sender.begin()
  })
  try {
    await new Promise<void>((resolve, reject) => {
      for (const { keys } of assignShards(tokenIds(2 * load.markets), SHARDS)) {
        const socket = new WebSocket(sender.url, { perMessageDeflate: false, maxPayload: 64 * 1024 * 1024, skipUTF8Validation: true })
        sockets.push(socket)
        socket.on('error', reject)
        socket.on('open', () => socket.send(JSON.stringify({ type: 'market', assets_ids: keys })))
        socket.on('message', (data: Buffer) => {
          // First books come in lists, before the changes.
          if (data[0] !== LIST && ++count === load.messages) resolve()
        })
      }
    })
    return (performance.now() - begunMs) / 1000
  } finally {
    for (const socket of sockets) socket.terminate()
    await sender.stop()
  }
}
