/** The newest samples of a series, up to a limit; quantiles are nearest rank. */
export class SampleWindow {
  readonly #samples: Float64Array
  #next = 0
  #count = 0

  constructor(limit: number) {
    this.#samples = new Float64Array(limit)
  }

  add(value: number): void {
    this.#samples[this.#next] = value
    this.#next = (this.#next + 1) % this.#samples.length
    if (this.#count < this.#samples.length) this.#count += 1
  }

  /** @param ps quantiles from 0 to 100; @returns one value each, 0 for all when there is no sample */
  quantiles(ps: readonly number[]): number[] {
    const sorted = this.#samples.slice(0, this.#count).sort()
    return ps.map((p) => sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0)
  }
}
