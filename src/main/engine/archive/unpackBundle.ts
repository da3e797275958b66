import { mkdir, rm } from 'node:fs/promises'
import type { ArchiveEntry, EntrySource } from './archiveEntry.ts'
import { archiveFault } from './archiveFaults.ts'
import { archiveKind } from './archiveKind.ts'
import { bundleRoot } from './bundleRoot.ts'
import { installBundle } from './installBundle.ts'
import { tarEntries } from './tarEntries.ts'
import { UnpackBudget, type UnpackLimits } from './unpackBudget.ts'
import { makeWorkFolder } from './workFolder.ts'
import { writeEntries } from './writeEntries.ts'
import { zipEntries } from './zipEntries.ts'

export interface UnpackOptions {
  readonly signal?: AbortSignal
  /** Share of the archive that has been read, 0..1, never falling. */
  readonly onProgress?: (share: number) => void
  readonly limits?: Partial<UnpackLimits>
}

/**
 * Unpacks the one run bundle of a .zip, .tar, .tar.gz or .tar.zst to `<intoDir>/<run id>`.
 * The archive is taken as hostile: see ARCHIVE_UNSAFE. Work happens in a hidden folder in `intoDir`, the bundle appears
 * in one step when all of it is on disk, and nothing is left behind by a failure or an abort.
 * @returns the bundle's folder; of the run that is there already when it has the very same manifest
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_EXISTS, ARCHIVE_DAMAGED, ARCHIVE_UNSAFE, DISK_FULL, FILE_FAILED, ABORTED
 */
export async function unpackBundle(archivePath: string, intoDir: string, options: UnpackOptions = {}): Promise<string> {
  const signal = options.signal ?? new AbortController().signal
  let work: string | undefined
  try {
    signal.throwIfAborted()
    const kind = await archiveKind(archivePath)
    await mkdir(intoDir, { recursive: true })
    const budget = await UnpackBudget.of(archivePath, intoDir, options.limits ?? {})
    work = await makeWorkFolder(intoDir)
    const source: EntrySource = {
      path: archivePath,
      signal,
      onUnpacked: (bytes) => budget.count(bytes),
      onProgress: rising(options.onProgress)
    }
    const entries: AsyncIterable<ArchiveEntry> = kind === 'zip' ? zipEntries(source) : tarEntries(source, kind)
    await writeEntries(entries, work, budget, signal)
    const root = await bundleRoot(work, archivePath)
    signal.throwIfAborted()
    return await installBundle(root, intoDir, archivePath)
  } catch (error) {
    throw archiveFault(error, archivePath, signal)
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true })
  }
}

function rising(listener: ((share: number) => void) | undefined): (share: number) => void {
  let last = -1
  return (share) => {
    if (listener === undefined || share <= last) return
    last = share
    listener(share)
  }
}
