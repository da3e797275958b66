import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import { framesFileName } from './frameLayout.ts'

const LEAD_BYTES = 64

/** Reads ranges of the frame logs of a running capture: the log is the queue for a consumer that has fallen behind. */
export class FrameRangeReader {
  readonly #captureDir: string
  readonly #fds = new Map<number, number>()
  #buffer = Buffer.allocUnsafeSlow(LEAD_BYTES + 256 * 1024)

  /** @param captureDir the `capture/` folder of the run */
  constructor(captureDir: string) {
    this.#captureDir = captureDir
  }

  /**
   * @returns exactly `byteLength` bytes of the shard's `.frames` file from `fileOffset`; a view that is valid until the next call
   * @throws StudioError BUNDLE_DAMAGED when the file ends before
   */
  read(shard: number, fileOffset: number, byteLength: number): Buffer {
    if (LEAD_BYTES + byteLength > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(LEAD_BYTES + byteLength)
    const fd = this.#fd(shard)
    let got = 0
    while (got < byteLength) {
      const n = readSync(fd, this.#buffer, LEAD_BYTES + got, byteLength - got, fileOffset + got)
      if (n === 0)
        throw new StudioError(
          'BUNDLE_DAMAGED',
          `Shard ${shard} of the frame log ends at ${fileOffset + got}, but ${byteLength} bytes were expected from offset ${fileOffset}.`
        )
      got += n
    }
    return this.#buffer.subarray(LEAD_BYTES, LEAD_BYTES + byteLength)
  }

  /** Closes the files; may be called twice. */
  close(): void {
    for (const fd of this.#fds.values()) closeSync(fd)
    this.#fds.clear()
  }

  #fd(shard: number): number {
    const open = this.#fds.get(shard)
    if (open !== undefined) return open
    const fd = openSync(join(this.#captureDir, framesFileName(shard)), 'r')
    this.#fds.set(shard, fd)
    return fd
  }
}
