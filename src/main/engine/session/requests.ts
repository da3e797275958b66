import { StudioError } from '../../../shared/errors.ts'
import type { SessionEvent } from '../threads/messages.ts'
import type { ReplayAnswer } from './replayRun.ts'

interface Waiting {
  resolve(answer: ReplayAnswer): void
  reject(error: Error): void
}

/** Requests to a thread that wait for their answer. */
export class Requests {
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  /** Why nobody answers any more. */
  #ended: StudioError | undefined

  /** @param send carries the request out under its number */
  ask(send: (requestId: number) => void): Promise<ReplayAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const requestId = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(requestId, { resolve, reject })
      send(requestId)
    })
  }

  /** @returns true when the event was an answer */
  settle(event: SessionEvent): boolean {
    if (event.kind === 'done') this.#waiting.get(event.requestId)?.resolve(event)
    else if (event.kind === 'failed' && event.requestId !== undefined)
      this.#waiting.get(event.requestId)?.reject(new StudioError(event.failure.code, event.failure.message))
    else return false
    if (event.requestId !== undefined) this.#waiting.delete(event.requestId)
    return true
  }

  /** Refuses what waits and all that comes later. */
  end(why: StudioError): void {
    this.#ended ??= why
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}
