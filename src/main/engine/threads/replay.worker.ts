import { parentPort } from 'node:worker_threads'
import type { ReplayCommand, SessionEvent } from './messages.ts'
import { ReplayThread } from './replayThread.ts'
import { transfersOf } from './transfers.ts'

const port = parentPort
if (port === null) throw new Error('broken promise: this file runs as a thread')
const thread = new ReplayThread((event: SessionEvent) => port.postMessage(event, transfersOf(event)))
port.on('message', (command: ReplayCommand) => {
  thread.handle(command)
  if (command.kind === 'close') port.close()
})
