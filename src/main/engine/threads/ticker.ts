/** Calls `tick` again and again; it says after how many ms. Pacing only: no result depends on when a tick comes. */
export class Ticker {
  readonly #tick: () => number
  #stop: (() => void) | undefined

  constructor(tick: () => number) {
    this.#tick = tick
  }

  /** Makes the next tick come at once, for example after a command. */
  wake(): void {
    this.#stop?.()
    const handle = setImmediate(() => this.#run())
    this.#stop = () => clearImmediate(handle)
  }

  stop(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  #run(): void {
    this.#stop = undefined
    const afterMs = this.#tick()
    // The tick itself may have stopped or woken the ticker.
    if (this.#stop !== undefined) return
    if (afterMs === 0) return this.wake()
    const handle = setTimeout(() => this.#run(), afterMs)
    this.#stop = () => clearTimeout(handle)
  }
}
