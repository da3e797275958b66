import type { SessionState } from '../../../shared/api/index.ts'
import { toFailure } from '../../../shared/errors.ts'
import type { SessionEvent } from '../threads/messages.ts'

/** Requests of a session that wait for their answer. Each gets one. */
export class Answers {
  readonly #host: { post(event: SessionEvent): void }
  readonly #state: () => SessionState
  readonly #waiting = new Map<number, unknown>()

  constructor(host: { post(event: SessionEvent): void }, state: () => SessionState) {
    this.#host = host
    this.#state = state
  }

  /** Does what a request asks; what it gives back becomes part of the answer. A failure is the answer itself. */
  guarded(requestId: number, work: () => unknown): void {
    this.#waiting.set(requestId, undefined)
    try {
      const value = work()
      if (value !== undefined && this.#waiting.has(requestId)) this.#waiting.set(requestId, value)
    } catch (error) {
      this.#waiting.delete(requestId)
      this.#host.post({ kind: 'failed', requestId, failure: toFailure(error) })
    }
  }

  /** What a request that still waits will be answered with. */
  value(requestId: number, value: unknown): void {
    if (this.#waiting.has(requestId)) this.#waiting.set(requestId, value)
  }

  /** Answers all. */
  send(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [requestId, value] of waiting)
      this.#host.post({ kind: 'done', requestId, state: this.#state(), ...(value !== undefined && { value }) })
  }
}
