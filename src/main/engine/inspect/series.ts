const CHUNK_VALUES = 8192

/** Nearest-rank statistics. Without a value only the count is known. */
export interface SeriesStats {
  readonly count: number
  readonly min: number | null
  readonly max: number | null
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** A growing list of finite numbers at eight bytes each. First all are added, then it is asked. */
export class Series {
  #chunks: Float64Array[] = []
  #count = 0
  #sorted: Float64Array | undefined

  /** What is no number (a missing field) is unknown and not taken. */
  add(value: number | undefined): void {
    if (value === undefined) return
    if (this.#sorted !== undefined) throw new Error('broken promise: the series was asked already')
    const at = this.#count % CHUNK_VALUES
    if (at === 0) this.#chunks.push(new Float64Array(CHUNK_VALUES))
    this.#chunks[this.#chunks.length - 1]![at] = value
    this.#count += 1
  }

  get count(): number {
    return this.#count
  }

  stats(): SeriesStats {
    const values = this.sorted()
    const at = (p: number): number | null => values[nearestRank(p, values.length)] ?? null
    return { count: values.length, min: values[0] ?? null, max: values.at(-1) ?? null, p50: at(50), p95: at(95), p99: at(99) }
  }

  /** All values ascending. */
  sorted(): Float64Array {
    if (this.#sorted !== undefined) return this.#sorted
    const all = new Float64Array(this.#count)
    this.#chunks.forEach((chunk, i) => all.set(chunk.subarray(0, Math.min(CHUNK_VALUES, this.#count - i * CHUNK_VALUES)), i * CHUNK_VALUES))
    this.#chunks = []
    this.#sorted = all.sort()
    return this.#sorted
  }
}

/** @returns the place of the p-th percentile (0 to 100) among `count` sorted values */
function nearestRank(p: number, count: number): number {
  return Math.max(0, Math.ceil((p / 100) * count) - 1)
}
