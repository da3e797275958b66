import { readFileSync } from 'node:fs'

/** Which process it is that holds something. */
export interface ProcessMark {
  readonly pid: number
  /** When it began, in the words of the operating system; undefined where that cannot be known. Tells it from a later one with its number. */
  readonly started?: string | undefined
}

export function ownMark(): ProcessMark {
  return { pid: process.pid, started: startOf(process.pid) }
}

/** @returns undefined when this is no mark */
export function parseMark(text: string): ProcessMark | undefined {
  try {
    const { pid, started } = JSON.parse(text) as { pid?: unknown; started?: unknown }
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
    return { pid, started: typeof started === 'string' ? started : undefined }
  } catch {
    return undefined
  }
}

/**
 * running: it is this process. gone: there is none with this number, or it is another one. unclear: there is one with this number, and nothing
 * says which.
 */
export function stateOf({ pid, started }: ProcessMark): 'running' | 'gone' | 'unclear' {
  if (!isAlive(pid)) return 'gone'
  const now = startOf(pid)
  if (started === undefined || now === undefined) return 'unclear'
  return now === started ? 'running' : 'gone'
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function startOf(pid: number): string | undefined {
  return startedBy(`/proc/${pid}/stat`)
}

/** Linux: ticks since the machine began, and which beginning that was. @param path of the `stat` file of a process or thread */
export function startedBy(path: string): string | undefined {
  try {
    const stat = readFileSync(path, 'latin1')
    // The name of the program, in brackets, may hold anything.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return ticks === undefined ? undefined : `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`
  } catch {
    return undefined
  }
}
