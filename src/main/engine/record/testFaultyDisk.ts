import { hostRecordDisk, type RecordDisk } from './recordDisk.ts'

export type DiskCall =
  | 'makeFolder'
  | 'create'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'syncNow'
  | 'close'
  | 'rename'
  | 'copy'
  | 'syncFolder'
  | 'remove'

/** For tests: a disk that refuses. */
export class FaultyDisk implements RecordDisk {
  /** Calls so far that could have been refused. */
  calls = 0
  refused = 0
  readonly #isRefused: (call: DiskCall, n: number) => boolean
  readonly #code: string

  /** @param isRefused asked before each call, with its number from 0 */
  constructor(isRefused: (call: DiskCall, n: number) => boolean, code = 'EIO') {
    this.#isRefused = isRefused
    this.#code = code
  }

  makeFolder(path: string): void {
    this.#ask('makeFolder')
    hostRecordDisk.makeFolder(path)
  }

  create(path: string): number {
    this.#ask('create')
    return hostRecordDisk.create(path)
  }

  /** A refused write leaves half of the bytes behind, as a full disk does. */
  write(fd: number, bytes: Uint8Array, from: number): number {
    try {
      this.#ask('write')
    } catch (error) {
      const half = bytes.subarray(0, from + ((bytes.length - from) >> 1))
      if (half.length > from) hostRecordDisk.write(fd, half, from)
      throw error
    }
    return hostRecordDisk.write(fd, bytes, from)
  }

  truncate(fd: number, length: number): void {
    this.#ask('truncate')
    hostRecordDisk.truncate(fd, length)
  }

  async sync(fd: number): Promise<void> {
    this.#ask('sync')
    await hostRecordDisk.sync(fd)
  }

  syncNow(fd: number): void {
    this.#ask('syncNow')
    hostRecordDisk.syncNow(fd)
  }

  close(fd: number): void {
    // The descriptor is gone in any case.
    hostRecordDisk.close(fd)
    this.#ask('close')
  }

  rename(from: string, to: string): void {
    this.#ask('rename')
    hostRecordDisk.rename(from, to)
  }

  copy(from: string, to: string): void {
    this.#ask('copy')
    hostRecordDisk.copy(from, to)
  }

  syncFolder(path: string): void {
    this.#ask('syncFolder')
    hostRecordDisk.syncFolder(path)
  }

  remove(path: string): void {
    this.#ask('remove')
    hostRecordDisk.remove(path)
  }

  exists(path: string): boolean {
    return hostRecordDisk.exists(path)
  }

  readText(path: string): string | undefined {
    return hostRecordDisk.readText(path)
  }

  #ask(call: DiskCall): void {
    if (!this.#isRefused(call, this.calls++)) return
    this.refused++
    throw Object.assign(new Error(`${this.#code}: the test refuses ${call}`), { code: this.#code })
  }
}
