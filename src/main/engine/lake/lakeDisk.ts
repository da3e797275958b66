import { closeSync, copyFileSync, fsyncSync, linkSync, mkdtempSync, openSync, rmdirSync, rmSync } from 'node:fs'
import { hostRecordDisk, type RecordDisk } from '../record/index.ts'

/** What the lake asks of the disk beside what the recorder asks. Everything that changes a lake goes through here, so that a test can put a fault at any place. */
export interface LakeDisk extends RecordDisk {
  /** Makes a folder with a name of its own that begins with `prefix`. @returns its path */
  makeWorkFolder(prefix: string): string
  /** Gives a file another name; it is copied where the file system has no links. */
  link(from: string, to: string): void
  /** Removes a folder with all that is in it. */
  removeTree(path: string): void
  /** @returns false when the folder is still there, because something is in it */
  removeIfEmpty(path: string): boolean
  /** Asked before DuckDB writes a file by itself. */
  expectFile(path: string): void
  /** Makes a file durable that DuckDB wrote. */
  syncFile(path: string): void
}

export const hostLakeDisk: LakeDisk = {
  ...hostRecordDisk,
  makeWorkFolder: (prefix) => mkdtempSync(prefix),
  link: (from, to) => {
    try {
      linkSync(from, to)
    } catch {
      copyFileSync(from, to)
    }
  },
  removeTree: (path) => rmSync(path, { recursive: true, force: true }),
  removeIfEmpty: (path) => {
    try {
      rmdirSync(path)
      return true
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT'
    }
  },
  expectFile: () => undefined,
  syncFile: (path) => {
    const fd = openSync(path, 'r+')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}
