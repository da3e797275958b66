import type { SessionState } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import type { ReplayCommand, SessionEvent } from '../threads/messages.ts'
import { EngineThread } from './worker.ts'

type Request = Extract<ReplayCommand, { requestId: number }>
/** A request without its number. */
export type ReplayRequest = Request extends infer R ? (R extends Request ? Omit<R, 'requestId'> : never) : never

/** The replay thread as seen by its owner: requests are answered, everything else is handed on. */
export class ReplayRun {
  readonly #thread: EngineThread<ReplayCommand, SessionEvent>
  readonly #onEvent: (event: SessionEvent) => void
  readonly #waiting = new Map<number, { resolve: (state: SessionState) => void; reject: (error: Error) => void }>()
  #lastId = 0
  /** Why nobody answers any more. */
  #ended: StudioError | undefined

  constructor(onEvent: (event: SessionEvent) => void) {
    this.#onEvent = onEvent
    this.#thread = new EngineThread(
      'replay',
      (event) => this.#onMessage(event),
      (error) => this.#crashed(error)
    )
  }

  /** @throws StudioError as the replay says */
  request(request: ReplayRequest): Promise<SessionState> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const requestId = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(requestId, { resolve, reject })
      this.#thread.send({ ...request, requestId })
    })
  }

  grant(bytes: number): void {
    this.#thread.send({ kind: 'credit', bytes })
  }

  refresh(): void {
    this.#thread.send({ kind: 'refresh' })
  }

  async close(): Promise<void> {
    this.#ended ??= new StudioError('ABORTED', 'The replay was closed.')
    await this.#thread.close({ kind: 'close' })
    this.#rejectAll(this.#ended)
  }

  #onMessage(event: SessionEvent): void {
    if (event.kind === 'done') {
      this.#waiting.get(event.requestId)?.resolve(event.state)
      this.#waiting.delete(event.requestId)
    } else if (event.kind === 'failed' && event.requestId !== undefined) {
      this.#waiting.get(event.requestId)?.reject(new StudioError(event.failure.code, event.failure.message))
      this.#waiting.delete(event.requestId)
    } else this.#onEvent(event)
  }

  #crashed(error: StudioError): void {
    this.#ended = error
    this.#rejectAll(error)
    this.#onEvent({ kind: 'failed', requestId: undefined, failure: { code: error.code, message: error.message } })
  }

  #rejectAll(error: StudioError): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
