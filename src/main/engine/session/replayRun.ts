import type { SessionState } from '../../../shared/api/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import type { ReplayCommand, SessionEvent } from '../threads/messages.ts'
import { Requests } from './requests.ts'
import { EngineThread } from './worker.ts'

type Request = Extract<ReplayCommand, { requestId: number }>
/** A request without its number. */
export type ReplayRequest = Request extends infer R ? (R extends Request ? Omit<R, 'requestId'> : never) : never

/** What a request was answered with. */
export interface ReplayAnswer {
  readonly state: SessionState
  /** Of a question: what was asked for. */
  readonly value?: unknown
}

/** The replay thread as seen by its owner: requests are answered, everything else is handed on. */
export class ReplayRun {
  readonly #thread: EngineThread<ReplayCommand, SessionEvent>
  readonly #onEvent: (event: SessionEvent) => void
  readonly #requests = new Requests()

  constructor(onEvent: (event: SessionEvent) => void) {
    this.#onEvent = onEvent
    this.#thread = new EngineThread(
      'replay',
      (event) => {
        if (!this.#requests.settle(event)) this.#onEvent(event)
      },
      (error) => this.#crashed(error)
    )
  }

  /** @throws StudioError as the replay says */
  request(request: ReplayRequest): Promise<ReplayAnswer> {
    return this.#requests.ask((requestId) => this.#thread.send({ ...request, requestId }))
  }

  grant(bytes: number): void {
    this.#thread.send({ kind: 'credit', bytes })
  }

  refresh(): void {
    this.#thread.send({ kind: 'refresh' })
  }

  async close(): Promise<void> {
    await this.#thread.close({ kind: 'close' })
    this.#requests.end(new StudioError('ABORTED', 'The replay was closed.'))
  }

  #crashed(error: StudioError): void {
    this.#requests.end(error)
    this.#onEvent({ kind: 'failed', requestId: undefined, failure: { code: error.code, message: error.message } })
  }
}
