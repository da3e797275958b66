import { keyAt, type RecordBatch, type TapeKey } from './recordBatch.ts'

/** Steps through the records of a stream of batches. */
export class RecordCursor {
  batch: RecordBatch | undefined
  row = 0
  readonly #batches: AsyncIterator<RecordBatch>

  constructor(batches: AsyncIterable<RecordBatch>) {
    this.#batches = batches[Symbol.asyncIterator]()
  }

  /** Goes to the next record. @returns false at the end */
  async next(): Promise<boolean> {
    if (this.batch !== undefined && ++this.row < this.batch.count) return true
    for (;;) {
      const { value, done } = await this.#batches.next()
      this.batch = done === true ? undefined : value
      this.row = 0
      if (this.batch === undefined) return false
      if (this.batch.count > 0) return true
    }
  }

  /** `next` where `hasMore` is true. */
  step(): true {
    this.row++
    return true
  }

  /** True when the next record needs no waiting. */
  get hasMore(): boolean {
    return this.batch !== undefined && this.row + 1 < this.batch.count
  }

  key(): TapeKey {
    return keyAt(this.batch!.view, this.batch!.starts[this.row]!)
  }

  bytes(): Uint8Array {
    const { batch, row } = this
    const start = batch!.starts[row]!
    return batch!.bytes.subarray(start, start + batch!.lengthOf(row))
  }

  /** Ends the stream early. Safe to call at the end too. */
  async close(): Promise<void> {
    await this.#batches.return?.()
  }
}
