import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { hostClock } from '../clock.ts'

/** Kills that find their process at its end are tried again, so often in all for each that counts. */
const TRIES = 8

export interface Killing {
  /** Arguments of Node for one piece of work, which says something on stdout when it begins and ends by itself. */
  readonly args: readonly string[]
  /** Called when the process is gone by SIGKILL, and not otherwise. */
  readonly check: () => Promise<void>
}

export interface KillingOptions {
  /** Processes that must be killed at work. */
  readonly kills: number
  /** Processes at the same time. */
  readonly lanes: number
  /** A fresh piece of work. */
  readonly prepare: (n: number) => Killing
}

/**
 * For tests: does a piece of work again and again in a process of its own and kills it with SIGKILL, each time at another moment, spread evenly over
 * the time that the work took when it was left alone. Only processes that were at work when they were killed count.
 * @returns how many were killed, and how many had ended before
 */
export async function killedAtWork({ kills, lanes, prepare }: KillingOptions): Promise<{ killed: number; ended: number; workMs: number }> {
  let workMs = await timeOf(prepare(0))
  const result = { killed: 0, ended: 0 }
  let next = 0
  const lane = async (): Promise<void> => {
    for (let n = next++; n < kills; n = next++) {
      let isKilled = false
      for (let attempt = 0; attempt < TRIES && !isKilled; attempt++) {
        const work = prepare(1 + n + attempt * kills)
        const afterMs = (workMs * (n + 0.5)) / kills / (1 + attempt)
        const tookMs = await killAfter(work, afterMs)
        isKilled = tookMs === undefined
        if (tookMs !== undefined) {
          result.ended++
          workMs = Math.min(workMs, Math.max(tookMs, workMs * 0.8))
        } else {
          result.killed++
          await work.check()
        }
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return { ...result, workMs }
}

async function begun({ args }: Killing): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

async function timeOf(work: Killing): Promise<number> {
  const child = await begun(work)
  const from = nowMs()
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the work fails by itself, with ${code}`)
  return nowMs() - from
}

/** @returns undefined when it was killed at work, else how long it took */
async function killAfter(work: Killing, afterMs: number): Promise<number | undefined> {
  const child = await begun(work)
  const from = nowMs()
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
  const [, signal] = await ended
  clearTimeout(timer)
  return signal === 'SIGKILL' ? undefined : nowMs() - from
}

function nowMs(): number {
  return Number(hostClock.monoNs()) / 1e6
}
