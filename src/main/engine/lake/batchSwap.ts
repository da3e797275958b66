import { RecordBatch } from './recordBatch.ts'

/** Two batches in turn: while one is being written, the other is filled. At most one write is under way. */
export class BatchSwap {
  /** The one to fill. */
  batch: RecordBatch
  readonly #bytes: number
  readonly #write: (full: RecordBatch) => Promise<void>
  #spare: RecordBatch | undefined
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false

  /** @param bytes first size of a batch */
  constructor(bytes: number, write: (full: RecordBatch) => Promise<void>) {
    this.#bytes = bytes
    this.#write = write
    this.batch = new RecordBatch(bytes)
  }

  get isWriting(): boolean {
    return this.#isWriting
  }

  /** Starts to write what is there, once the write before is done. @throws what that write threw */
  async swap(): Promise<void> {
    await this.#writing
    const full = this.batch
    this.batch = this.#spare ?? new RecordBatch(this.#bytes)
    this.#spare = undefined
    this.#writing = this.#writeOut(full)
    // It is heard where it is waited for.
    this.#writing.catch(() => undefined)
  }

  /** Waits until nothing is under way. @throws what the last write threw */
  async settle(): Promise<void> {
    await this.#writing
  }

  async #writeOut(full: RecordBatch): Promise<void> {
    this.#isWriting = true
    try {
      await this.#write(full)
    } finally {
      this.#isWriting = false
    }
    full.clear()
    this.#spare = full
  }
}
