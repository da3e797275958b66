import { readdirSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { isAlive, startedBy } from './processMark.ts'

const NOBODY_KNOWS = '-'
let used = 0

/**
 * A file name that says who is at work in a folder: process, thread, and when that thread began, so that a later one with its numbers does not
 * count. All of it is in the name, so the file is never seen half written. Each call gives another one.
 */
export function workMark(prefix: string): string {
  const tid = ownTid()
  const started = tid === undefined ? undefined : startedBy(statOf(process.pid, tid))
  return `${prefix}${[process.pid, tid ?? NOBODY_KNOWS, started?.replaceAll('/', '_') ?? NOBODY_KNOWS, threadId, used++].join('.')}`
}

/** Marks in a folder of threads that live, without `own`, in a fixed order; those of threads that are gone are removed. */
export function othersAtWork(folder: string, prefix: string, own: string): string[] {
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix) && name !== own)
  const gone = names.filter((name) => isGone(name.slice(prefix.length)))
  for (const name of gone) rmSync(join(folder, name), { force: true })
  return names.filter((name) => !gone.includes(name)).sort()
}

/** Linux: the number that the system knows this thread by. A worker that is ended in the middle leaves its process alive. */
function ownTid(): number | undefined {
  try {
    const [, tid] = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? []
    return tid === undefined ? undefined : Number(tid)
  } catch {
    return undefined
  }
}

function statOf(pid: number, tid: number): string {
  return `/proc/${pid}/task/${tid}/stat`
}

function isGone(mark: string): boolean {
  const [pid, tid, started] = mark.split('.')
  if (!isAlive(Number(pid))) return true
  if (started === undefined || started === NOBODY_KNOWS) return false
  const now = startedBy(statOf(Number(pid), Number(tid)))
  if (now !== undefined) return now !== started.replaceAll('_', '/')
  // Of a process that may not be looked at, nothing is known of its threads.
  return startedBy(`/proc/${pid}/stat`) !== undefined
}
