import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Puts a whole file in place so that a crash leaves either the old or the new one: temporary file, fsync, rename, fsync of the folder.
 * @throws the operating system's error; nothing is left behind then
 */
export function publishFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp-${process.pid}`
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  try {
    const fd = openSync(temporary, 'w')
    try {
      let written = 0
      while (written < bytes.length) written += writeSync(fd, bytes, written)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  fsyncDir(dirname(path))
}

/** Makes new names in a folder durable. Where a platform cannot sync a folder, its rename is durable by other means and nothing is done. */
export function fsyncDir(dir: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
