import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib'

const LEVEL = 1
const OUT_BYTES = 64 * 1024

/** One zstd frame that grows: text goes in, compressed bytes come out. Compresses off the thread; one call at a time. */
export class ZstdStream {
  readonly #stream: ZstdCompress
  #fault: Error | undefined
  #waiting: (() => void) | undefined
  #last: Promise<void> = Promise.resolve()

  /** @param onBytes takes compressed bytes, in order; what it throws ends the call that is under way */
  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#stream = createZstdCompress({
      chunkSize: OUT_BYTES,
      params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 }
    })
    this.#stream.on('data', (bytes: Uint8Array) => {
      if (this.#fault !== undefined) return
      try {
        onBytes(bytes)
      } catch (error) {
        this.#fault = error as Error
      }
    })
    this.#stream.on('error', (error) => {
      this.#fault ??= error
      this.#waiting?.()
    })
  }

  /**
   * Settles when the compressor can take more; it may still be at work on this piece, which must stay as it is until `flush` or `end`.
   * @throws what `onBytes` threw, for this piece or one before
   */
  async write(text: Uint8Array): Promise<void> {
    this.#check()
    const before = this.#last
    this.#last = new Promise((resolve) => {
      this.#waiting = resolve
      this.#stream.write(text, () => resolve())
    })
    // One piece is in work and the next one waits beside it, so that the compressor never stands still.
    await before
    this.#check()
  }

  /** Afterwards everything written so far can be read from what came out. */
  flush(): Promise<void> {
    return this.#call((done) => this.#stream.flush(constants.ZSTD_e_flush, done))
  }

  /** Completes the frame. */
  end(): Promise<void> {
    return this.#call((done) => {
      this.#stream.once('end', done)
      this.#stream.end()
    })
  }

  /** Frees the memory without completing the frame. Safe to call twice. */
  destroy(): void {
    this.#stream.destroy()
  }

  async #call(begin: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting = resolve
      if (this.#fault !== undefined) resolve()
      else begin(resolve)
    })
    // What came out is handed over a moment after the call is answered when the stream holds it back.
    while (this.#fault === undefined && this.#stream.readableLength > 0) await new Promise((resolve) => setImmediate(resolve))
    this.#check()
  }

  #check(): void {
    if (this.#fault !== undefined) throw this.#fault
  }
}
