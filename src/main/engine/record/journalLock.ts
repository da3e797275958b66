import { closeSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { StudioError } from '../../../shared/errors.ts'
import { ownMark, stateOfProcess, type ProcessMark } from '../bundle/index.ts'

const PAUSE_MS = 50
const TRIES = 200
const PREFIX = '.salvage-lock.'
const NOBODY_KNOWS = '-'
let used = 0

/**
 * Puts a journal right while nobody else does: two at once would each take away what the other reads. Whoever comes lays down a file with its own
 * name, and looks for others after that: of two that come at once, at least one sees the other. Nobody takes away the name of a living process,
 * and what a killed one left counts for nothing.
 * @throws StudioError BUSY when another process or thread does not get done
 */
export async function withJournalLock<T>(root: string, work: () => Promise<T>): Promise<T> {
  const own = nameOf(ownMark())
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      // Nothing can be written here, so nothing can be put right either.
      if (!layDown(join(root, own))) return await work()
      const others = othersIn(root, own)
      if (others.length === 0) return await work()
      // Of those that wait, the first by name stays, so that not all of them step back for ever.
      if (others.some((name) => name < own)) rmSync(join(root, own), { force: true })
      await wait(PAUSE_MS)
    }
  } finally {
    rmSync(join(root, own), { force: true })
  }
  const first = othersIn(root, own)[0] ?? own
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

/** Names of living processes and threads; those of processes that are gone are removed. */
function othersIn(root: string, own: string): string[] {
  const names = readdirSync(root).filter((name) => name.startsWith(PREFIX) && name !== own)
  const gone = names.filter((name) => stateOfProcess(markOf(name)) === 'gone')
  for (const name of gone) rmSync(join(root, name), { force: true })
  return names.filter((name) => !gone.includes(name)).sort()
}

/** The whole mark is in the name: a file is never seen half written. */
function nameOf({ pid, started = NOBODY_KNOWS }: ProcessMark): string {
  return `${PREFIX}${[pid, started.replaceAll('/', '_'), threadId, used++].join('.')}`
}

function markOf(name: string): ProcessMark {
  const [pid, started] = name.slice(PREFIX.length).split('.')
  return { pid: Number(pid), started: started === NOBODY_KNOWS ? undefined : started?.replaceAll('_', '/') }
}
