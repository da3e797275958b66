import { closeSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Checkpoint } from './segmentWriter.ts'

const SELF = /^(\{"bytes":\d+,"lines":\d+,"crc32":\d+,"end_t":-?\d+),"self":(\d+)\}$/

/** Checkpoints in a file's text that prove themselves, in ascending order of bytes; torn and altered lines are left out. */
export function parseCheckpoints(text: string): Checkpoint[] {
  const found = text.split('\n').flatMap((line) => {
    const parts = SELF.exec(line)
    return parts !== null && Number(parts[2]) === crc32(parts[1]!) ? [JSON.parse(`${parts[1]}}`) as Checkpoint] : []
  })
  return found.sort((a, b) => a.bytes - b.bytes)
}

export interface Proved {
  /** The last checkpoint that the file still fits. */
  readonly check: Checkpoint | undefined
  /** The last one that was written. */
  readonly last: Checkpoint | undefined
}

/** Finds how much of a file is as it was acknowledged. Reads the file once. @throws the operating system's error */
export function provedBytes(path: string, checks: readonly Checkpoint[]): Proved {
  const last = checks.at(-1)
  const fd = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(256 * 1024)
    let check: Checkpoint | undefined
    let at = 0
    let crc = 0
    for (const candidate of checks) {
      while (at < candidate.bytes) {
        const read = readSync(fd, buffer, 0, Math.min(buffer.length, candidate.bytes - at), at)
        if (read === 0) return { check, last }
        crc = crc32(buffer.subarray(0, read), crc)
        at += read
      }
      if (crc === candidate.crc32) check = candidate
    }
    return { check, last }
  } finally {
    closeSync(fd)
  }
}
