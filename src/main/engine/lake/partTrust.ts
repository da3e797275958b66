import { statSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { fileSha256 } from './fileSha256.ts'
import { inLake } from './lakePaths.ts'
import type { LakePart } from './proofFile.ts'

/**
 * Parts whose bytes were compared with their proof. Parquet has no checksum that DuckDB looks at, so a flipped bit would be read as another
 * price; therefore each part is hashed once before it is read, and again when its file has changed.
 */
export class PartTrust {
  readonly #lakeDir: string
  readonly #trusted = new Map<string, string>()

  constructor(lakeDir: string) {
    this.#lakeDir = lakeDir
  }

  /** @throws StudioError BUNDLE_DAMAGED when the part is missing or is not the one that was proved */
  async check(part: LakePart): Promise<void> {
    const path = inLake(this.#lakeDir, part.path)
    const stats = statSync(path, { throwIfNoEntry: false })
    const state = `${stats?.size} ${stats?.mtimeMs} ${stats?.ino}`
    if (this.#trusted.get(path) === state) return
    if (stats === undefined) throw new StudioError('BUNDLE_DAMAGED', `A part of the lake is missing. File: ${path}`)
    if (stats.size !== part.bytes || (await fileSha256(path)) !== part.sha256)
      throw new StudioError(
        'BUNDLE_DAMAGED',
        `A part of the lake is not the one that was proved: its bytes have changed. Compact the run again while its journal is there. File: ${path}`
      )
    this.#trusted.set(path, state)
  }
}
