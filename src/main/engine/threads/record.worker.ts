import { parentPort } from 'node:worker_threads'
import type { RecordCommand, RecordEvent } from './recordMessages.ts'
import { RecordThread } from './recordThread.ts'

const port = parentPort
if (port === null) throw new Error('broken promise: this file runs as a thread')
const thread = new RecordThread((event: RecordEvent) => port.postMessage(event))
port.on('message', (command: RecordCommand) => {
  thread.handle(command)
  if (command.kind === 'close') port.close()
})
