import { parentPort } from 'node:worker_threads'
import type { LiveCommand, LiveEvent } from './messages.ts'
import { TapeThread } from './tapeThread.ts'
import { transfersOf } from './transfers.ts'

const port = parentPort
if (port === null) throw new Error('broken promise: this file runs as a thread')
const thread = new TapeThread((event: LiveEvent) => port.postMessage(event, transfersOf(event)))
port.on('message', (command: LiveCommand) => {
  thread.handle(command)
  if (command.kind === 'close') port.close()
})
