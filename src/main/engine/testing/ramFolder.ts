import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/**
 * For tests: where folders lie that many processes are killed over or that are changed thousands of times. Memory where the system has a disk of
 * it: a killed process loses nothing that it wrote, on any disk, and it is the same files at a fraction of the time.
 */
export function ramFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
}
