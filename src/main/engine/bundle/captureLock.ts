import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { bundlePaths } from './manifest.ts'
import { ownMark, parseMark, stateOf, type ProcessMark } from './processMark.ts'

/** A running capture writes its metrics every second; older ones mean that the process id of the lock belongs to another program by now. */
const FRESH_MS = 15_000

/** The lock is padded: cut short, it frees the space that the last words of a run need on a full disk. */
const RESERVE_BYTES = 64 * 1024

/** Says that this process writes the bundle from now on. */
export function writeCaptureLock(dir: string): void {
  writeFileSync(bundlePaths(dir).lock, `${lockText()}\n`.padEnd(RESERVE_BYTES))
}

/** Gives the lock's reserved space back to the disk; the lock stays. */
export function releaseReserve(dir: string): void {
  truncateSync(bundlePaths(dir).lock, lockText().length)
}

function lockText(): string {
  return JSON.stringify(ownMark())
}

/** Says that the bundle is complete. May be called twice. */
export function removeCaptureLock(dir: string): void {
  rmSync(bundlePaths(dir).lock, { force: true })
}

/**
 * A stopped or very slow recorder is one too, as long as its process lives. Of this process only the signs of life count, since a thread of it
 * may have ended alone.
 * @param nowWallMs the host's wall time
 * @returns whether a living process is writing the bundle right now
 */
export function isBeingCaptured(dir: string, nowWallMs: number): boolean {
  const paths = bundlePaths(dir)
  const mark = lockedBy(paths.lock)
  if (mark === undefined) return false
  const state = stateOf(mark)
  if (state === 'gone') return false
  if (state === 'running' && mark.pid !== process.pid) return true
  const written = Math.max(modifiedMs(paths.lock), modifiedMs(paths.globalMetrics))
  return Math.abs(nowWallMs - written) < FRESH_MS
}

function lockedBy(path: string): ProcessMark | undefined {
  try {
    return parseMark(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
