import { join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import { othersAtWork, workMark } from '../bundle/index.ts'
import { hostLakeDisk, type LakeDisk } from './lakeDisk.ts'

const PREFIX = '.lock.'
/** Marks of this thread. One that bears its name and is not among them was left behind by a disk that refused to remove it. */
const held = new Set<string>()

/** Held while a lake is changed: one compaction or retention at a time. */
export interface LakeLock {
  /** Safe to call twice. */
  release(): void
}

/**
 * Lays down a file that says who is at work, and looks for others after that: of two that come at once, at least one sees the other. What a
 * killed process left counts for nothing, also when another program has its number by now.
 * @throws StudioError BUSY when somebody else is at work, FILE_FAILED when the lake's folder cannot be made
 */
export function lockLake(lakeDir: string, disk: LakeDisk = hostLakeDisk): LakeLock {
  makeFolder(disk, lakeDir)
  const own = workMark(PREFIX)
  disk.close(disk.create(join(lakeDir, own)))
  held.add(own)
  const [other] = othersAtWork(lakeDir, PREFIX, own).filter((name) => !isLeft(name, own))
  if (other === undefined) return { release: () => release(disk, lakeDir, own) }
  release(disk, lakeDir, own)
  const [process] = other.slice(PREFIX.length).split('.')
  throw new StudioError(
    'BUSY',
    `Another compaction or retention is at work on this lake (process ${process}). Wait for it to end. Folder: ${lakeDir}`
  )
}

/** A mark of this very thread, which has nothing under way by that name. */
function isLeft(name: string, own: string): boolean {
  const threadOf = (mark: string): string => mark.slice(0, mark.lastIndexOf('.'))
  return threadOf(name) === threadOf(own) && !held.has(name)
}

function makeFolder(disk: LakeDisk, dir: string): void {
  try {
    disk.makeFolder(dir)
  } catch (error) {
    throw new StudioError('FILE_FAILED', `The folder of the lake could not be made (${(error as Error).message}).`, { cause: error })
  }
}

/** The work is done by then: a mark that cannot be removed now is seen through by whoever comes next. */
function release(disk: LakeDisk, lakeDir: string, own: string): void {
  held.delete(own)
  try {
    disk.remove(join(lakeDir, own))
  } catch {
    // Nothing is lost by it.
  }
}
