import { parentPort, workerData } from 'node:worker_threads'
import { toFailure } from '../../../shared/errors.ts'
import type { JobCommand, JobEvent, JobRequest } from './jobMessages.ts'
import { doJob } from './jobThread.ts'

const port = parentPort
if (port === null) throw new Error('broken promise: this file runs as a thread')
const post = (event: JobEvent): void => port.postMessage(event)

// Most jobs are cancelled by ending their thread: they only read, or write into a folder of their own. One that writes elsewhere is asked first.
const stop = new AbortController()
port.on('message', (_: JobCommand) => stop.abort())
post({ kind: 'begun' })
// The answer is the last thing: the thread then ends by itself.
doJob(workerData as JobRequest, (share) => post({ kind: 'progress', share }), stop.signal)
  .then(
    (result) => post({ kind: 'result', result }),
    (error: unknown) => post({ kind: 'failed', failure: toFailure(error) })
  )
  .finally(() => port.close())
