import { closeSync, existsSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs'
import { hostDisk, type Disk } from '../../src/main/engine/capture/index.ts'
import { inWorkFolder } from '../workFolder.ts'

const MEGABYTE = 1024 * 1024

/**
 * A scratch file whose blocks have been written before: the first write into fresh blocks of a virtual disk is several times slower, for
 * ours and theirs alike, and would hide the difference.
 */
export function warmFile(name: string, bytes: number): string {
  const path = inWorkFolder(name)
  if (existsSync(path) && statSync(path).size >= bytes) return path
  const fd = openSync(path, 'w')
  const block = Buffer.alloc(MEGABYTE, 1)
  for (let at = 0; at < bytes; at += MEGABYTE) writeSync(fd, block)
  fsyncSync(fd)
  closeSync(fd)
  return path
}

/** The plant's disk, but over files that exist: it writes over them from their start. */
export const warmDisk: Disk = { ...hostDisk, create: (path) => openSync(path, 'r+') }
