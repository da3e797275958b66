import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { unpublished, type RecordDisk } from './recordDisk.ts'
import { finishedOfChecks, isSalvageCopy, pendingName } from './segmentName.ts'

/**
 * Removes what a crash left beside the segments of a channel and nobody needs any more: checkpoints of segments that are in place, copies and
 * manifests that were never finished. What cannot be removed now does no harm, and the next opening tries again.
 * @param channelDir `journal/ch=…`
 * @param keep names of segments whose checkpoints stay, since nothing else says what they held
 */
export function removeLeftovers(disk: RecordDisk, channelDir: string, keep: ReadonlySet<string>): void {
  removeIfThere(disk, unpublished(join(channelDir, 'manifest.json')))
  for (const date of namesIn(channelDir).filter((name) => name.startsWith('date='))) {
    const folder = join(channelDir, date)
    const names = namesIn(folder)
    const isNeeded = (finished: string): boolean => keep.has(finished) || names.includes(pendingName(finished))
    for (const name of names) {
      const finished = finishedOfChecks(name)
      const isLeft = finished === undefined ? isSalvageCopy(name) : !isNeeded(finished)
      if (isLeft) removeIfThere(disk, join(folder, name))
    }
  }
}

export function removeIfThere(disk: RecordDisk, path: string): void {
  try {
    if (disk.exists(path)) disk.remove(path)
  } catch {
    // Nobody reads it.
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // A file where a folder should be.
    return []
  }
}
