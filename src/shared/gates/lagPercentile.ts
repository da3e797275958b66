/** Lags are written in steps of a thousandth of a millisecond. */
const STEPS_PER_MS = 1000
const COUNTED_MS = 100

/** Percentile of all loop lags of a run of any length, exact to the step in which they are written, in a fixed number of bytes up to 100 ms. */
export class LagPercentile {
  readonly #counts = new Uint32Array(COUNTED_MS * STEPS_PER_MS + 1)
  /** Longer ones, ascending: each of them fails by itself, so they are rare or the run is lost anyway. */
  readonly #long: number[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  /** @param lagMs 0 or more */
  add(lagMs: number): void {
    this.#count++
    if (lagMs <= COUNTED_MS) this.#counts[Math.round(Math.max(0, lagMs) * STEPS_PER_MS)]!++
    else this.#long.splice(placeOf(this.#long, lagMs), 0, lagMs)
  }

  clear(): void {
    this.#counts.fill(0)
    this.#long.length = 0
    this.#count = 0
  }

  /** Nearest rank; undefined while there is none. @param percent 0 to 100 */
  at(percent: number): number | undefined {
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count))
    const counted = this.#count - this.#long.length
    if (rank > counted) return this.#long[rank - counted - 1]
    let before = 0
    for (let step = 0; step < this.#counts.length; step++) {
      before += this.#counts[step]!
      if (before >= rank) return step / STEPS_PER_MS
    }
    return undefined
  }
}

function placeOf(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}
