import { join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import { HashedFiles } from './hashedFiles.ts'
import type { JournalSegment } from './journalFiles.ts'

/**
 * Journal segments whose bytes were compared with their manifest. A flipped bit may decode without a fault until the end of its segment, and by
 * then its events would have been played; therefore each segment is hashed once before it is read.
 */
export class SegmentTrust {
  readonly #files = new HashedFiles()

  /** @throws StudioError BUNDLE_DAMAGED when the segment is missing or is not the one that the manifest lists */
  async check(journalDir: string, segment: JournalSegment): Promise<void> {
    const path = join(journalDir, ...segment.path.split('/'))
    const difference = await this.#files.difference(path, segment)
    if (difference !== undefined)
      throw new StudioError('BUNDLE_DAMAGED', `A journal segment is not the one that its manifest lists: ${difference}. File: ${path}`)
  }
}
