/** How long the callbacks of one strategy took. */
export class CallbackStats {
  count = 0
  totalNs = 0
  maxNs = 0
  overruns = 0

  add(ns: number, limitNs: number): void {
    this.totalNs += ns
    if (ns > this.maxNs) this.maxNs = ns
    if (ns > limitNs) this.overruns++
  }

  plain(): PlainCallbackStats {
    const { count, totalNs, maxNs, overruns } = this
    return { count, mean_ns: count === 0 ? 0 : Math.round(totalNs / count), max_ns: Math.round(maxNs), overruns }
  }
}

/** Keys as printed. Times are 0 where they were not taken. */
export interface PlainCallbackStats {
  readonly count: number
  readonly mean_ns: number
  readonly max_ns: number
  readonly overruns: number
}
