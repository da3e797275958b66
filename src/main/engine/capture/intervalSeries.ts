import type { RunRecord } from './runFiles.ts'

/** Times of one interval between heartbeats: the newest samples up to a limit, and count and greatest over all. Whoever takes them starts the next interval. */
export class IntervalSeries {
  readonly #samples: Float64Array
  #next = 0
  #count = 0
  #max = 0

  constructor(limit: number) {
    this.#samples = new Float64Array(limit)
  }

  add(value: number): void {
    this.#samples[this.#next] = value
    this.#next = this.#next + 1 === this.#samples.length ? 0 : this.#next + 1
    this.#count += 1
    if (value > this.#max || this.#count === 1) this.#max = value
  }

  /** @param ps quantiles from 0 to 100; @returns one value each, nearest rank, 0 for all when there is no sample */
  takeQuantiles(ps: readonly number[]): number[] {
    const sorted = this.#takeSorted()
    return ps.map((p) => nearestRank(sorted, p))
  }

  /** For milliseconds: fields `<name>_mean`, `_p50`, `_p95`, `_p99`, `_max`, `_count`. Without samples only the count is told. */
  takeFields(name: string): RunRecord {
    const count = this.#count
    const max = this.#max
    const sorted = this.#takeSorted()
    if (count === 0) return { [`${name}_count`]: 0 }
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
    return {
      [`${name}_mean`]: rounded(mean),
      [`${name}_p50`]: rounded(nearestRank(sorted, 50)),
      [`${name}_p95`]: rounded(nearestRank(sorted, 95)),
      [`${name}_p99`]: rounded(nearestRank(sorted, 99)),
      [`${name}_max`]: rounded(max),
      [`${name}_count`]: count
    }
  }

  #takeSorted(): Float64Array {
    const sorted = this.#samples.slice(0, Math.min(this.#count, this.#samples.length)).sort()
    this.#next = this.#count = this.#max = 0
    return sorted
  }
}

function nearestRank(sorted: Float64Array, p: number): number {
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0
}

function rounded(ms: number): number {
  return Math.round(ms * 10_000) / 10_000
}
