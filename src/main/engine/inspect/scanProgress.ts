import { statSync } from 'node:fs'
import type { NdjsonScanOptions } from '../bundle/index.ts'
import type { ScanOptions } from './scanOptions.ts'

/** Progress over several files, by bytes. */
export class ScanProgress {
  readonly scan: NdjsonScanOptions
  readonly #total: number
  #done = 0

  constructor(paths: readonly string[], options: ScanOptions) {
    this.#total = paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0)
    this.scan = {
      signal: options.signal,
      onBytes: (bytes) => {
        this.#done += bytes
        options.onProgress?.(Math.min(1, this.#done / Math.max(1, this.#total)))
      }
    }
  }
}
