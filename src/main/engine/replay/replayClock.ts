/** Virtual time at any speed. Drift-free: time is always base + real time since then × speed, never a sum of steps. */
export class ReplayClock {
  readonly #nowNs: () => number
  #baseRelNs = 0
  #baseRealNs = 0
  #speed = 1
  #running = false

  /** @param nowNs a monotonic clock, in ns, as a number */
  constructor(nowNs: () => number) {
    this.#nowNs = nowNs
  }

  /** Virtual time, ns since the origin of the run. Infinite while it runs as fast as possible. */
  get relNs(): number {
    if (!this.#running) return this.#baseRelNs
    if (this.#speed === 0) return Infinity
    return this.#baseRelNs + (this.#nowNs() - this.#baseRealNs) * this.#speed
  }

  get running(): boolean {
    return this.#running
  }

  /** 0 = as fast as possible. */
  get speed(): number {
    return this.#speed
  }

  /** Runs on from this instant. */
  play(fromRelNs: number): void {
    this.#set(fromRelNs, true)
  }

  pause(atRelNs: number): void {
    this.#set(atRelNs, false)
  }

  /** Moves without changing whether it runs. */
  jumpTo(relNs: number): void {
    this.#set(relNs, this.#running)
  }

  /** @param atRelNs the playhead, from which the new speed counts */
  setSpeed(speed: number, atRelNs: number): void {
    this.#set(atRelNs, this.#running)
    this.#speed = speed
  }

  #set(relNs: number, running: boolean): void {
    this.#baseRelNs = relNs
    this.#baseRealNs = this.#nowNs()
    this.#running = running
  }
}
