import type { JobKind } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import type { JobCommand, JobEvent, JobRequest, JobResult } from '../threads/jobMessages.ts'
import { EngineThread } from './worker.ts'

/** A job that must end in order gets this long for it. */
const CANCEL_LIMIT_MS = 10_000
/** Jobs that write into the lake or delete from it: they are asked to end, not killed. */
const ENDS_IN_ORDER: readonly JobKind[] = ['compact', 'retention']

/** Long work over bundles, one job at a time, in a thread of its own. */
export class Jobs {
  readonly #onProgress: (job: JobKind, share: number | undefined) => void
  #running: { cancel: () => void } | undefined

  constructor(onProgress: (job: JobKind, share: number | undefined) => void) {
    this.#onProgress = onProgress
  }

  /** @throws StudioError BUSY, ABORTED, or as the job says */
  async run(request: JobRequest): Promise<JobResult> {
    if (this.#running !== undefined) throw new StudioError('BUSY', 'Another job is under way. Wait for it or cancel it.')
    this.#onProgress(request.kind, 0)
    let thread: EngineThread<JobCommand, JobEvent> | undefined
    let limit: NodeJS.Timeout | undefined
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    try {
      return await new Promise<JobResult>((resolve, reject) => {
        const onEvent = (event: JobEvent): void => {
          begin()
          if (event.kind === 'begun') return
          if (event.kind === 'progress') this.#onProgress(request.kind, event.share)
          else if (event.kind === 'result') resolve(event.result)
          else reject(new StudioError(event.failure.code, event.failure.message))
        }
        const onCrash = (error: StudioError): void => {
          begin()
          reject(error)
        }
        thread = new EngineThread('job', onEvent, onCrash, request)
        const end = (): void => reject(new StudioError('ABORTED', 'The job was cancelled.'))
        const ask = (): void => {
          thread?.send({ kind: 'cancel' })
          limit ??= setTimeout(end, CANCEL_LIMIT_MS)
        }
        this.#running = { cancel: endsInOrder(request) ? ask : end }
      })
    } finally {
      clearTimeout(limit)
      // A thread that is ended while it loads native code takes the whole process with it.
      if (thread !== undefined) await begun
      await thread?.kill()
      this.#running = undefined
      this.#onProgress(request.kind, undefined)
    }
  }

  /** Ends the running job; its caller gets ABORTED. Without a job nothing happens. */
  cancel(): void {
    this.#running?.cancel()
  }
}

/** A job that writes where others do, and one that has something to say when it is stopped. */
function endsInOrder(request: JobRequest): boolean {
  return ENDS_IN_ORDER.includes(request.kind) || (request.kind === 'strategy' && request.over.mode === 'live')
}
