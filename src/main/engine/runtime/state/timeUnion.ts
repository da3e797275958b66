/** The time that at least one of many intervals covers. They come in nearly any order; most lie at the end. */
export class TimeUnion {
  /** Disjoint, ascending. */
  readonly #parts: { fromNs: number; toNs: number }[] = []

  add(fromNs: number, toNs: number): void {
    if (!(toNs > fromNs)) return
    const parts = this.#parts
    let behind = parts.length
    while (behind > 0 && parts[behind - 1]!.fromNs > toNs) behind--
    let first = behind
    let [from, to] = [fromNs, toNs]
    while (first > 0 && parts[first - 1]!.toNs >= from) {
      first--
      from = Math.min(from, parts[first]!.fromNs)
      to = Math.max(to, parts[first]!.toNs)
    }
    parts.splice(first, behind - first, { fromNs: from, toNs: to })
  }

  /** Sum of what is covered, cut at an end. */
  totalNs(endNs: number): number {
    return this.#parts.reduce((sum, { fromNs, toNs }) => sum + Math.max(0, Math.min(toNs, endNs) - fromNs), 0)
  }

  /** Start of the first interval; undefined without one. */
  get firstNs(): number | undefined {
    return this.#parts[0]?.fromNs
  }
}
