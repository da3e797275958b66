import { fsyncSync } from 'node:fs'

const EVERY_MS = 1000

/** Group commit on the thread: syncs when a second has gone by since the last time. */
export class SyncClock {
  readonly #fds: readonly number[]
  #lastMs = performance.now()

  constructor(fds: readonly number[]) {
    this.#fds = fds
  }

  /** Called now and then. */
  check(): void {
    if (performance.now() - this.#lastMs >= EVERY_MS) this.sync()
  }

  sync(): void {
    for (const fd of this.#fds) fsyncSync(fd)
    this.#lastMs = performance.now()
  }
}
