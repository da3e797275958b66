import {
  closeSync,
  copyFileSync,
  existsSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync
} from 'node:fs'
import { dirname } from 'node:path'
import { fsyncDir } from '../bundle/index.ts'

/** What the recorder asks of the disk. Everything that it writes goes through here, so that a test can put a fault at any place. */
export interface RecordDisk {
  makeFolder(path: string): void
  /** Creates a file that must not exist yet and returns a descriptor. */
  create(path: string): number
  /** Appends; may write less than given. @returns bytes written */
  write(fd: number, bytes: Uint8Array, from: number): number
  truncate(fd: number, length: number): void
  /** Makes the bytes written so far durable, off the thread. */
  sync(fd: number): Promise<void>
  syncNow(fd: number): void
  close(fd: number): void
  rename(from: string, to: string): void
  /** Replaces what is there. */
  copy(from: string, to: string): void
  /** Makes names in a folder durable. */
  syncFolder(path: string): void
  remove(path: string): void
  exists(path: string): boolean
  /** @returns undefined when there is no such file */
  readText(path: string): string | undefined
}

export const hostRecordDisk: RecordDisk = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  create: (path) => openSync(path, 'ax'),
  write: (fd, bytes, from) => writeSync(fd, bytes, from),
  truncate: (fd, length) => ftruncateSync(fd, length),
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => (error === null ? resolve() : reject(error)))
    }),
  syncNow: (fd) => fsyncSync(fd),
  close: (fd) => closeSync(fd),
  rename: (from, to) => renameSync(from, to),
  copy: (from, to) => copyFileSync(from, to),
  syncFolder: (path) => fsyncDir(path),
  remove: (path) => rmSync(path, { force: true }),
  exists: (path) => existsSync(path),
  readText: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
}

/** Writes all of `bytes`. @throws the operating system's error */
export function writeAll(disk: RecordDisk, fd: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += disk.write(fd, bytes, written)
}

/** What `publishText` writes before it gets its name; a crash may leave it. */
export function unpublished(path: string): string {
  return `${path}.tmp`
}

/** Puts a whole file in place: a crash leaves the old or the new one. @throws the operating system's error; the old file stays then */
export function publishText(disk: RecordDisk, path: string, text: string): void {
  const temporary = unpublished(path)
  disk.remove(temporary)
  try {
    const fd = disk.create(temporary)
    try {
      writeAll(disk, fd, Buffer.from(text, 'utf8'))
      disk.syncNow(fd)
    } finally {
      disk.close(fd)
    }
    disk.rename(temporary, path)
  } catch (error) {
    disk.remove(temporary)
    throw error
  }
  disk.syncFolder(dirname(path))
}
