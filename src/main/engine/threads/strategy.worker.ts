import { parentPort, workerData } from 'node:worker_threads'
import { StrategyThread } from '../runtime/host/index.ts'
import type { StrategyBirth, StrategyCommand, StrategyEvent } from './strategyMessages.ts'

const port = parentPort
if (port === null) throw new Error('broken promise: this file runs as a thread')
const post = (event: StrategyEvent): void =>
  port.postMessage(event, event.kind === 'answer' ? [event.rows.buffer, event.intents.numbers.buffer] : [])
const thread = new StrategyThread(workerData as StrategyBirth, post)
port.on('message', (command: StrategyCommand) => {
  if (command.kind === 'close') port.close()
  else thread.handle(command)
})
await thread.load()
