import type { RunRecord } from './runFiles.ts'

/** Times of one interval between heartbeats, in milliseconds: the newest samples up to a limit, and count and greatest over all. */
export class IntervalSeries {
  readonly #samples: Float64Array
  #next = 0
  #count = 0
  #max = 0

  constructor(limit: number) {
    this.#samples = new Float64Array(limit)
  }

  add(ms: number): void {
    this.#samples[this.#next] = ms
    this.#next = this.#next + 1 === this.#samples.length ? 0 : this.#next + 1
    this.#count += 1
    if (ms > this.#max || this.#count === 1) this.#max = ms
  }

  /** Fields `<name>_mean`, `_p50`, `_p95`, `_p99`, `_max`, `_count` (quantiles nearest rank), and starts the next interval. Without samples only the count is told. */
  take(name: string): RunRecord {
    const sorted = this.#samples.slice(0, Math.min(this.#count, this.#samples.length)).sort()
    const count = this.#count
    const max = this.#max
    this.#next = this.#count = this.#max = 0
    if (count === 0) return { [`${name}_count`]: 0 }
    const rank = (p: number): number => rounded(sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0)
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
    return {
      [`${name}_mean`]: rounded(mean),
      [`${name}_p50`]: rank(50),
      [`${name}_p95`]: rank(95),
      [`${name}_p99`]: rank(99),
      [`${name}_max`]: rounded(max),
      [`${name}_count`]: count
    }
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10_000) / 10_000
}
