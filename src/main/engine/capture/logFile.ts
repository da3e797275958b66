import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { fsyncDir } from '../bundle/index.ts'

/** What the plant asks of the disk for its append-only files; tests put faults in between. */
export interface Disk {
  /** Creates a file that must not exist yet and returns a descriptor. */
  create(path: string): number
  /** Appends; may write less than given. @returns bytes written */
  append(fd: number, bytes: Uint8Array, from: number): number
  truncate(fd: number, length: number): void
  /** Makes the bytes written so far durable, off the thread. */
  sync(fd: number): Promise<void>
  syncNow(fd: number): void
  /** Makes the names in a folder durable. */
  syncFolder(path: string): void
  close(fd: number): void
}

export const hostDisk: Disk = {
  create: (path) => openSync(path, 'ax'),
  append: (fd, bytes, from) => writeSync(fd, bytes, from),
  truncate: (fd, length) => ftruncateSync(fd, length),
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => (error === null ? resolve() : reject(error)))
    }),
  syncNow: (fd) => fsyncSync(fd),
  syncFolder: fsyncDir,
  close: (fd) => closeSync(fd)
}

/** An append-only file that knows how much of it was written and how much is safe. */
export class LogFile {
  writtenBytes = 0
  /** Bytes that are known to be on the disk: acknowledged. */
  syncedBytes = 0
  readonly #disk: Disk
  #fd: number | undefined

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#fd = disk.create(path)
  }

  get dirty(): boolean {
    return this.writtenBytes > this.syncedBytes
  }

  /**
   * Appends all of `bytes` or nothing: what a failed write left behind is cut off again.
   * @throws the operating system's error
   */
  append(bytes: Uint8Array): void {
    const fd = this.#open()
    let written = 0
    try {
      while (written < bytes.length) written += this.#disk.append(fd, bytes, written)
    } catch (error) {
      if (written > 0) this.#disk.truncate(fd, this.writtenBytes)
      throw error
    }
    this.writtenBytes += written
  }

  /** Makes durable what is written at the call. A failure is final: the caller must stop acknowledging. */
  async sync(): Promise<void> {
    const upTo = this.writtenBytes
    await this.#disk.sync(this.#open())
    this.syncedBytes = Math.max(this.syncedBytes, upTo)
  }

  /** Makes everything durable, on this thread. */
  syncNow(): void {
    this.#disk.syncNow(this.#open())
    this.syncedBytes = this.writtenBytes
  }

  /** Closes the file; may be called twice. */
  close(): void {
    if (this.#fd !== undefined) this.#disk.close(this.#fd)
    this.#fd = undefined
  }

  #open(): number {
    if (this.#fd === undefined) throw new Error('broken promise: the log file is closed')
    return this.#fd
  }
}
