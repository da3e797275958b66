const MAX_NAMES = 64
const REST = 'other'

/** Counts by name. Files may hold any number of names: beyond 64 they are counted as `other`. */
export class CountMap {
  readonly #counts = new Map<string, number>()

  add(name: string): void {
    const known = this.#counts.has(name) || this.#counts.size < MAX_NAMES
    const key = known ? name : REST
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  clear(): void {
    this.#counts.clear()
  }

  /** Sorted by name. */
  toObject(): Record<string, number> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
}
