import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { StudioError } from '../../../shared/errors.ts'
import { ownMark, parseMark, stateOfProcess } from '../bundle/index.ts'

const PAUSE_MS = 50
const TRIES = 200
let used = 0

/**
 * Puts a journal right while nobody else does: two at once would each take away what the other reads.
 * @throws StudioError BUSY when another process or thread does not get done
 */
export async function withJournalLock<T>(root: string, work: () => Promise<T>): Promise<T> {
  const path = join(root, '.salvage.lock')
  for (let tries = 0; tries < TRIES; tries++) {
    const taken = take(path)
    if (taken === 'held') {
      if (!wasLeft(path)) await wait(PAUSE_MS)
      continue
    }
    try {
      return await work()
    } finally {
      if (taken === 'taken') rmSync(path, { force: true })
    }
  }
  throw new StudioError(
    'BUSY',
    `This journal is being put right by another program. Try again in a moment; if no other Tapedeck is at work, delete this file: ${path}`
  )
}

/** impossible: nothing can be written here, so nothing can be put right either. */
function take(path: string): 'taken' | 'held' | 'impossible' {
  const own = ownPath(path)
  try {
    writeFileSync(own, JSON.stringify(ownMark()))
    // In one step, with its content: it is never seen half written.
    linkSync(own, path)
    return 'taken'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'held' : 'impossible'
  } finally {
    rmSync(own, { force: true })
  }
}

/** Takes the lock of a process that is gone away. @returns true when the lock is free now */
function wasLeft(path: string): boolean {
  const text = textOf(path)
  if (text === undefined) return true
  const mark = parseMark(text)
  if (mark !== undefined && stateOfProcess(mark) !== 'gone') return false
  const own = ownPath(path)
  try {
    renameSync(path, own)
    // Another one may have taken it meanwhile: that one keeps it.
    if (textOf(own) !== text) linkSync(own, path)
  } catch {
    // Somebody else was quicker.
  } finally {
    rmSync(own, { force: true })
  }
  return true
}

function ownPath(path: string): string {
  return `${path}.${process.pid}-${threadId}-${used++}`
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
