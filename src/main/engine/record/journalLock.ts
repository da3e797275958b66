import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { StudioError } from '../../../shared/errors.ts'
import { othersAtWork, workMark } from '../bundle/index.ts'

const PAUSE_MS = 50
const TRIES = 200
const PREFIX = '.salvage-lock.'

/**
 * Puts a journal right while nobody else does: two at once would each take away what the other reads. Whoever comes lays down a file with its own
 * name, and looks for others after that: of two that come at once, at least one sees the other. Nobody takes away the name of a living thread,
 * and what a killed process or an ended thread left counts for nothing.
 * @throws StudioError BUSY when another process or thread does not get done
 */
export async function withJournalLock<T>(root: string, work: () => Promise<T>): Promise<T> {
  const own = workMark(PREFIX)
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      // Nothing can be written here, so nothing can be put right either.
      if (!layDown(join(root, own))) return await work()
      const others = othersAtWork(root, PREFIX, own)
      if (others.length === 0) return await work()
      // Of those that wait, the first by name stays, so that not all of them step back for ever.
      if (others.some((name) => name < own)) rmSync(join(root, own), { force: true })
      await wait(PAUSE_MS)
    }
  } finally {
    rmSync(join(root, own), { force: true })
  }
  const first = othersAtWork(root, PREFIX, own)[0] ?? own
  throw new StudioError(
    'BUSY',
    `This journal is being put right by another program. Try again in a moment; if no other Tapedeck is at work, delete this file: ${join(root, first)}`
  )
}

/** @returns false where nothing can be written */
function layDown(path: string): boolean {
  try {
    closeSync(openSync(path, 'w'))
    return true
  } catch {
    return false
  }
}
