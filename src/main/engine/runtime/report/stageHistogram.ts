/** Ranges of equal buckets, one behind the other: up to 20 ms by 50 us, to 100 ms by 1 ms, to 500 ms by 5 ms; the last bucket takes the rest. */
const RANGES = [
  { fromUs: 0, stepUs: 50, toUs: 20_000 },
  { fromUs: 20_000, stepUs: 1000, toUs: 100_000 },
  { fromUs: 100_000, stepUs: 5000, toUs: 500_000 }
] as const

/** Upper bound of each bucket but the last, in us. */
const BOUNDS: readonly number[] = RANGES.flatMap(({ fromUs, stepUs, toUs }) =>
  Array.from({ length: (toUs - fromUs) / stepUs }, (_, i) => fromUs + (i + 1) * stepUs)
)
export const BUCKETS = BOUNDS.length + 1

/** Keys as printed. */
export interface StageSummary {
  readonly count: number
  readonly p50_us: number
  readonly p90_us: number
  readonly p99_us: number
  readonly max_us: number
}

/** Latencies of one stage in buckets. A value on a bound belongs to the bucket that ends there. */
export class StageHistogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #count = 0
  #maxUs = 0

  add(ns: number): void {
    const us = ns > 0 ? ns / 1000 : 0
    this.#counts[bucketOf(us)]!++
    this.#count++
    if (us > this.#maxUs) this.#maxUs = us
  }

  /** The bucket's upper bound at rank ceil(q × count) − 1; in the last bucket the largest value itself. 0 without values. */
  quantileUs(q: number): number {
    if (this.#count === 0) return 0
    const rank = Math.max(0, Math.ceil(q * this.#count) - 1)
    let below = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.#counts[bucket]!
      if (below > rank) return this.#boundOf(bucket)
    }
    return this.#boundOf(BUCKETS - 1)
  }

  summary(): StageSummary {
    return {
      count: this.#count,
      p50_us: this.quantileUs(0.5),
      p90_us: this.quantileUs(0.9),
      p99_us: this.quantileUs(0.99),
      max_us: this.quantileUs(1)
    }
  }

  #boundOf(bucket: number): number {
    return BOUNDS[bucket] ?? Math.round(this.#maxUs)
  }
}

function bucketOf(us: number): number {
  let before = 0
  for (const { fromUs, stepUs, toUs } of RANGES) {
    if (us <= toUs) return before + Math.max(0, Math.ceil((us - fromUs) / stepUs) - 1)
    before += (toUs - fromUs) / stepUs
  }
  return BUCKETS - 1
}
