import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { lakePaths } from './lakePaths.ts'

/** Held while a lake is changed: one compaction or retention at a time. */
export interface LakeLock {
  /** Safe to call twice. */
  release(): void
}

/** @throws StudioError BUSY when another process holds the lock and is alive, FILE_FAILED when the lake's folder cannot be made */
export function lockLake(lakeDir: string): LakeLock {
  const { lock } = lakePaths(lakeDir)
  makeFolder(lakeDir)
  for (let attempt = 0; attempt < 3; attempt++) {
    if (take(lock)) return { release: () => rmSync(lock, { force: true }) }
    const holder = holderOf(lock)
    if (holder !== undefined && isAlive(holder))
      throw new StudioError(
        'BUSY',
        `Another compaction or retention is at work on this lake (process ${holder}). Wait for it to end. Folder: ${lakeDir}`
      )
    // Its process is gone: what it left half done is finished or undone by whoever comes next.
    rmSync(lock, { force: true })
  }
  throw new StudioError('BUSY', `The lock of this lake could not be taken. Try again. Folder: ${lakeDir}`)
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true })
  } catch (error) {
    throw new StudioError('FILE_FAILED', `The folder of the lake could not be made (${(error as Error).message}).`, { cause: error })
  }
}

function take(path: string): boolean {
  try {
    const fd = openSync(path, 'wx')
    try {
      writeSync(fd, String(process.pid))
    } finally {
      closeSync(fd)
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
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
