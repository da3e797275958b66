import { setTimeout as sleep } from 'node:timers/promises'
import type { FeedTransport } from '../feeds/index.ts'
import { isPassing } from './restClient.ts'
import type { RestNote, RestRecorder, RestSink } from './restRecorder.ts'

export interface SnapshotDeskOptions {
  readonly transport: FeedTransport
  readonly recorder: RestRecorder
  readonly sink: RestSink
  /** Whether the shard's connection is open: nobody needs a book of a feed that is down. */
  readonly isOpen: (shard: number) => boolean
  readonly signal: AbortSignal
  readonly retryMs: number
}

const ATTEMPTS = 5
const AT_ONCE = 4
const OPEN_POLL_MS = 100

interface Wanted {
  readonly shard: number
  readonly key: string
}

/** Fetches full books on request: a few at once, each key once, politely again where the venue refuses. */
export class SnapshotDesk {
  readonly #options: SnapshotDeskOptions
  readonly #inFlight = new Set<string>()
  readonly #waiting: (() => void)[] = []
  #working = 0

  constructor(options: SnapshotDeskOptions) {
    this.#options = options
  }

  /** Asks for the full book of a key. A request for a key that is under way is the same request. */
  request(shard: number, key: string): void {
    const name = `${shard}/${key}`
    if (this.#inFlight.has(name) || this.#options.signal.aborted) return
    this.#inFlight.add(name)
    void this.#fetchUntilSettled({ shard, key })
  }

  async #fetchUntilSettled(wanted: Wanted): Promise<void> {
    const { signal, retryMs, isOpen } = this.#options
    try {
      for (;;) {
        while (!isOpen(wanted.shard)) await sleep(OPEN_POLL_MS, undefined, { signal })
        if (await this.#inTurn(() => this.#tryAll(wanted))) break
        await sleep(retryMs, undefined, { signal })
      }
    } catch {
      // Only the end of the run interrupts a wait; nobody is left to tell.
    }
    this.#inFlight.delete(`${wanted.shard}/${wanted.key}`)
  }

  /** Runs at most a few jobs at once, in the order in which they came. */
  async #inTurn<T>(job: () => Promise<T>): Promise<T> {
    if (this.#working >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#working += 1
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#working -= 1
      else next()
    }
  }

  /** @returns whether the matter is settled: an answer came, or a refusal that will not change */
  async #tryAll({ shard, key }: Wanted): Promise<boolean> {
    const { transport, recorder } = this.#options
    const { kind, url } = transport.snapshot(key)
    for (let attempt = 1; ; attempt++) {
      const outcome = await recorder.get(shard, kind, key, url)
      if (!isPassing(outcome)) return true
      if (attempt === ATTEMPTS) break
      await recorder.wait(outcome, attempt)
    }
    this.#giveUp(shard, kind, key, url)
    return false
  }

  #giveUp(shard: number, kind: RestNote['kind'], key: string, url: string): void {
    if (this.#options.signal.aborted) return
    const error = `failed: ${ATTEMPTS} tries brought no book; the next try is in ${this.#options.retryMs / 1000} s`
    this.#options.sink(
      shard,
      { note: 'rest', venue: this.#options.transport.venue, kind, key, url, status: 0, body: false, error },
      undefined
    )
  }
}
