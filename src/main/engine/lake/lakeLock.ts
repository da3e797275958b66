import { readFileSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { writeAll } from '../record/index.ts'
import { hostLakeDisk, type LakeDisk } from './lakeDisk.ts'
import { lakePaths } from './lakePaths.ts'

/** Locks of this process. One that bears its number and is not among them was left behind by a disk that refused to remove it. */
const held = new Set<string>()

/** Held while a lake is changed: one compaction or retention at a time. */
export interface LakeLock {
  /** Safe to call twice. */
  release(): void
}

/** @throws StudioError BUSY when another process holds the lock and is alive, FILE_FAILED when the lake's folder cannot be made */
export function lockLake(lakeDir: string, disk: LakeDisk = hostLakeDisk): LakeLock {
  const { lock } = lakePaths(lakeDir)
  makeFolder(disk, lakeDir)
  for (let attempt = 0; attempt < 3; attempt++) {
    if (take(disk, lock)) return { release: () => release(disk, lock) }
    const holder = holderOf(lock)
    if (holder !== undefined && (holder === process.pid ? held.has(lock) : isAlive(holder)))
      throw new StudioError(
        'BUSY',
        `Another compaction or retention is at work on this lake (process ${holder}). Wait for it to end. Folder: ${lakeDir}`
      )
    // Its process is gone: what it left half done is finished or undone by whoever comes next.
    disk.remove(lock)
  }
  throw new StudioError('BUSY', `The lock of this lake could not be taken. Try again. Folder: ${lakeDir}`)
}

function makeFolder(disk: LakeDisk, dir: string): void {
  try {
    disk.makeFolder(dir)
  } catch (error) {
    throw new StudioError('FILE_FAILED', `The folder of the lake could not be made (${(error as Error).message}).`, { cause: error })
  }
}

/** The work is done by then: a lock that cannot be removed now is seen through by whoever comes next. */
function release(disk: LakeDisk, path: string): void {
  held.delete(path)
  try {
    disk.remove(path)
  } catch {
    // Nothing is lost by it.
  }
}

function take(disk: LakeDisk, path: string): boolean {
  try {
    const fd = disk.create(path)
    try {
      writeAll(disk, fd, Buffer.from(`${process.pid}\n`))
    } finally {
      disk.close(fd)
    }
    held.add(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function holderOf(path: string): number | undefined {
  try {
    // Without its line end it was cut off by a full disk, and may name somebody else.
    const [, pid] = /^([1-9]\d*)\n$/.exec(readFileSync(path, 'utf8')) ?? []
    return pid === undefined ? undefined : Number(pid)
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
