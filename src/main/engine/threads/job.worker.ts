import { parentPort, workerData } from 'node:worker_threads'
import { toFailure } from '../../../shared/errors.ts'
import type { JobEvent, JobRequest } from './jobMessages.ts'
import { doJob } from './jobThread.ts'

const port = parentPort
if (port === null) throw new Error('broken promise: this file runs as a thread')
const post = (event: JobEvent): void => port.postMessage(event)

// A job is cancelled by ending its thread: it only reads, or writes into a folder of its own.
doJob(workerData as JobRequest, (share) => post({ kind: 'progress', share })).then(
  (result) => post({ kind: 'result', result }),
  (error: unknown) => post({ kind: 'failed', failure: toFailure(error) })
)
