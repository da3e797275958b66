import { writeFileSync } from 'node:fs'
import { hostLakeDisk, type LakeDisk } from './lakeDisk.ts'

/** Looking is not changing: these are never refused. */
const READS: ReadonlySet<string> = new Set(['exists', 'readText'])

/** For tests: a disk under a lake that refuses. */
export interface FaultyLakeDisk {
  readonly disk: LakeDisk
  /** Names of the calls so far that could have been refused. */
  readonly calls: string[]
  refused: number
}

/** @param isRefused asked before each call that changes something, with its name and its number from 0 */
export function faultyLakeDisk(isRefused: (call: string, n: number) => boolean, code: 'EIO' | 'ENOSPC'): FaultyLakeDisk {
  const state: FaultyLakeDisk = { disk: hostLakeDisk, calls: [], refused: 0 }
  const refuse = (call: string): void => {
    state.calls.push(call)
    if (!isRefused(call, state.calls.length - 1)) return
    state.refused++
    throw Object.assign(new Error(`${code}: the test refuses ${call}`), { code })
  }
  const disk: LakeDisk = Object.fromEntries(
    Object.entries(hostLakeDisk).map(([name, work]) => [name, READS.has(name) ? work : refusing(name, work as AnyCall, refuse)])
  ) as unknown as LakeDisk
  return Object.assign(state, { disk })
}

type AnyCall = (...given: readonly unknown[]) => unknown

function refusing(name: string, work: AnyCall, refuse: (call: string) => void): AnyCall {
  return (...given) => {
    if (name === 'close') {
      // The descriptor is gone in any case.
      work(...given)
      return refuse(name)
    }
    try {
      refuse(name)
    } catch (error) {
      // A full disk leaves half of it behind.
      if (name === 'write') {
        const [fd, bytes, from] = given as [number, Uint8Array, number]
        work(fd, bytes.subarray(0, from + ((bytes.length - from) >> 1)), from)
      } else if (name === 'expectFile') writeFileSync(given[0] as string, 'PAR1 half a part')
      throw error
    }
    return work(...given)
  }
}
