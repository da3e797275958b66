/** Median of the newest values of a series, at most `size` of them. A push costs two short searches and one short shift. */
export class RollingMedian {
  readonly size: number
  count = 0
  /** Rises with every change of what is kept. */
  version = 0
  readonly #ring: Float64Array
  readonly #sorted: Float64Array
  #next = 0
  /** Newest values in a row that are equal. */
  #equal = 0

  constructor(size: number) {
    this.size = size
    this.#ring = new Float64Array(size)
    this.#sorted = new Float64Array(size)
  }

  /** Of an even number of values the upper of the two in the middle. NaN without values. */
  get median(): number {
    return this.count === 0 ? NaN : this.#sorted[this.count >> 1]!
  }

  push(value: number): void {
    const { size } = this
    const last = this.count === 0 ? NaN : this.#ring[(this.#next + size - 1) % size]!
    if (value === last) {
      // All kept values are this one: nothing changes.
      if (this.#equal >= size) return
      this.#equal++
    } else this.#equal = 1
    this.version++
    if (this.count < size) this.#insert(value)
    else this.#replace(this.#ring[this.#next]!, value)
    this.#ring[this.#next] = value
    this.#next = (this.#next + 1) % size
  }

  clear(): void {
    if (this.count === 0) return
    this.count = this.#next = this.#equal = 0
    this.version++
  }

  /** The values kept, oldest first. */
  values(): Float64Array {
    const out = new Float64Array(this.count)
    const first = this.count < this.size ? 0 : this.#next
    for (let i = 0; i < this.count; i++) out[i] = this.#ring[(first + i) % this.size]!
    return out
  }

  /** Takes the values of another, in the state in which it would be after the same pushes. */
  load(values: Float64Array): void {
    this.count = this.#next = this.#equal = 0
    for (const value of values) this.push(value)
  }

  #insert(value: number): void {
    let at = this.count++
    for (; at > 0 && this.#sorted[at - 1]! > value; at--) this.#sorted[at] = this.#sorted[at - 1]!
    this.#sorted[at] = value
  }

  #replace(old: number, value: number): void {
    if (old === value) return
    const sorted = this.#sorted
    let at = this.#indexOf(old)
    if (value > old) for (; at + 1 < this.count && sorted[at + 1]! < value; at++) sorted[at] = sorted[at + 1]!
    else for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!
    sorted[at] = value
  }

  #indexOf(value: number): number {
    let lo = 0
    let hi = this.count
    while (lo < hi) {
      const mid = (lo + hi) >>> 1
      if (this.#sorted[mid]! < value) lo = mid + 1
      else hi = mid
    }
    return lo
  }
}
