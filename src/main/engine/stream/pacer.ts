/** Calls `work` again and again; it says after how many ms. No result depends on when that is. */
export class Pacer {
  readonly #work: () => number
  #cancel: (() => void) | undefined

  constructor(work: () => number) {
    this.#work = work
  }

  /** Work comes at once. */
  wake(): void {
    this.#cancel?.()
    const handle = setImmediate(() => this.#run())
    this.#cancel = () => clearImmediate(handle)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #run(): void {
    const afterMs = this.#work()
    // The work itself may have stopped it.
    if (this.#cancel === undefined) return
    if (afterMs === 0) return this.wake()
    const handle = setTimeout(() => this.#run(), afterMs)
    this.#cancel = () => clearTimeout(handle)
  }
}
