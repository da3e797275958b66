import { Worker } from 'node:worker_threads'
import { StudioError } from '../../../shared/errors.ts'
import { workerEntry, type WorkerName } from '../threads/workerEntry.ts'

/** How long a thread may take to close its files after it was told to; longer means that it hangs. */
const CLOSE_LIMIT_MS = 10_000

/** A thread of the engine with typed messages. It ends by being told to, is waited for, and is killed only when it hangs. */
export class EngineThread<Command extends object, Event> {
  readonly #worker: Worker
  readonly #exited: Promise<void>
  #ended = false

  /**
   * @param onEvent called for each message of the thread
   * @param onCrash called once when the thread dies unasked
   */
  constructor(name: WorkerName, onEvent: (event: Event) => void, onCrash: (error: StudioError) => void, workerData?: unknown) {
    this.#worker = new Worker(workerEntry(name), { workerData, name: `tapedeck ${name}` })
    this.#worker.on('message', onEvent)
    let fault: unknown
    this.#worker.on('error', (error) => (fault = error))
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        if (!this.#ended && (code !== 0 || fault !== undefined))
          onCrash(
            new StudioError(
              'INTERNAL',
              `The ${name} part of Tapedeck stopped unexpectedly: ${fault instanceof Error ? fault.message : 'no reason given'}. What was written is safe.`,
              { cause: fault }
            )
          )
        this.#ended = true
        resolve()
      })
    })
  }

  send(command: Command, transfer: Parameters<Worker['postMessage']>[1] = []): void {
    if (!this.#ended) this.#worker.postMessage(command, transfer)
  }

  /** Ends the thread at once, for one that holds nothing that must be closed in order. Safe to call twice. */
  async kill(): Promise<void> {
    this.#ended = true
    await this.#worker.terminate()
  }

  /** Sends the last command and waits for the end. Safe to call twice. */
  async close(last: Command): Promise<void> {
    if (!this.#ended) {
      this.#worker.postMessage(last)
      this.#ended = true
      const limit = setTimeout(() => void this.#worker.terminate(), CLOSE_LIMIT_MS)
      await this.#exited
      clearTimeout(limit)
    }
    await this.#exited
  }
}
