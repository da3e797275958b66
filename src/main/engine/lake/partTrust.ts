import { StudioError } from '../../../shared/errors.ts'
import { HashedFiles } from './hashedFiles.ts'
import { inLake } from './lakePaths.ts'
import type { LakePart } from './proofFile.ts'

/**
 * Parts whose bytes were compared with their proof. Parquet has no checksum that DuckDB looks at, so a flipped bit would be read as another
 * price; therefore each part is hashed once before it is read, and again when its file has changed.
 */
export class PartTrust {
  readonly #lakeDir: string
  readonly #files = new HashedFiles()

  constructor(lakeDir: string) {
    this.#lakeDir = lakeDir
  }

  /** @throws StudioError BUNDLE_DAMAGED when the part is missing or is not the one that was proved */
  async check(part: LakePart): Promise<void> {
    const path = inLake(this.#lakeDir, part.path)
    const difference = await this.#files.difference(path, part)
    if (difference !== undefined)
      throw new StudioError(
        'BUNDLE_DAMAGED',
        `A part of the lake is not the one that was proved: ${difference}. Compact the run again while its journal is there. File: ${path}`
      )
  }
}
