/** Columns of one event in `EventBatch.rows`. */
export const ROW = { market: 0, bidPxE6: 1, bidSizeE6: 2, askPxE6: 3, askSizeE6: 4, exchTsMs: 5, recvRelNs: 6 } as const
export const ROW_LENGTH = 7

/**
 * Canonical events in the order in which they are processed, one row of numbers each: Float64Array [event][ROW].
 * NaN stands for "absent" inside the rows only. The sequence number of row i is `firstSeq` + i.
 */
export class EventBatch {
  rows: Float64Array<ArrayBuffer>
  count = 0
  firstSeq = 1

  constructor(capacity: number) {
    this.rows = new Float64Array(capacity * ROW_LENGTH)
  }

  get capacity(): number {
    return this.rows.length / ROW_LENGTH
  }

  /** Grows by itself: one frame may hold more events than were planned for. */
  push(market: number, bidPx: number, bidSize: number, askPx: number, askSize: number, exchTsMs: number, recvRelNs: number): void {
    let at = this.count * ROW_LENGTH
    if (at === this.rows.length) this.#grow()
    const { rows } = this
    rows[at++] = market
    rows[at++] = bidPx
    rows[at++] = bidSize
    rows[at++] = askPx
    rows[at++] = askSize
    rows[at++] = exchTsMs
    rows[at] = recvRelNs
    this.count++
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(ROW_LENGTH, this.rows.length * 2))
    larger.set(this.rows)
    this.rows = larger
  }
}
