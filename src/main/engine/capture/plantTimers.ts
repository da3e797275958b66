/** The longest time that one timer of the system takes; a longer one would strike at once. */
const LONGEST_MS = 2_147_483_647

/** What a run does from time to time, until it ends. */
export class PlantTimers {
  readonly #intervals: NodeJS.Timeout[] = []
  readonly #pending = new Set<NodeJS.Timeout>()
  readonly #guarded: (job: () => void) => void

  /** @param guarded runs a job and sees to what it throws */
  constructor(guarded: (job: () => void) => void) {
    this.#guarded = guarded
  }

  every(ms: number, job: () => void): void {
    this.#intervals.push(setInterval(() => this.#guarded(job), ms))
  }

  after(ms: number, job: () => void): void {
    const step = Math.min(ms, LONGEST_MS)
    const timer = setTimeout(() => {
      this.#pending.delete(timer)
      if (ms > step) this.after(ms - step, job)
      else this.#guarded(job)
    }, step)
    this.#pending.add(timer)
  }

  clear(): void {
    for (const timer of [...this.#intervals, ...this.#pending]) clearTimeout(timer)
    this.#pending.clear()
  }
}
