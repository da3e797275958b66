import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { FrameCursor } from './frameCursor.ts'
import { headerBytes, idxEntryBytes, type FrameVersion } from './frameLayout.ts'
import { fsyncDir } from './publish.ts'

const CHUNK_BYTES = 1024 * 1024
const TWO_32 = 4_294_967_296

/**
 * Collects the entries of a new index, in a temporary file beside the old one or, where the folder cannot be written, in memory.
 * End with `publish()` or `discard()`.
 */
export class IdxRebuild {
  readonly #path: string
  readonly #temporary: string
  readonly #entryBytes: number
  readonly #version: FrameVersion
  readonly #kept: Buffer[] = []
  #fd: number | undefined
  #chunk: Buffer
  #used = 0
  entries = 0

  constructor(idxPath: string, version: FrameVersion, inMemory: boolean) {
    this.#path = idxPath
    this.#temporary = `${idxPath}.tmp-${process.pid}`
    this.#version = version
    this.#entryBytes = idxEntryBytes(version)
    this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    if (!inMemory) this.#fd = openOrUndefined(this.#temporary)
  }

  /** Takes over whole entries as they are. */
  copy(entries: Buffer): void {
    for (let at = 0; at < entries.length; at += this.#entryBytes) {
      const to = this.#room()
      entries.copy(this.#chunk, to, at, at + this.#entryBytes)
    }
  }

  /** Adds the entry of the cursor's current record: its offset, and the header's own bytes from the time stamps on. */
  add(cursor: FrameCursor): void {
    const to = this.#room()
    this.#chunk.writeUInt32LE(cursor.offset % TWO_32, to)
    this.#chunk.writeUInt32LE(Math.floor(cursor.offset / TWO_32), to + 4)
    const header = cursor.payloadStart - headerBytes(cursor.version)
    if (cursor.version === this.#version) {
      cursor.payloadBuffer.copy(this.#chunk, to + 8, header + 12, cursor.payloadStart)
      return
    }
    this.#chunk.fill(0, to + 8, to + this.#entryBytes)
    cursor.payloadBuffer.copy(this.#chunk, to + 8, header + 12, header + 20)
    cursor.payloadBuffer.copy(this.#chunk, to + this.#entryBytes - 8, cursor.payloadStart - 8, cursor.payloadStart)
  }

  /**
   * Puts the new index in place.
   * @returns its entries when they had to stay in memory, undefined when they are on disk
   */
  publish(): Buffer | undefined {
    this.#flush()
    if (this.#fd === undefined) return Buffer.concat(this.#kept)
    fsyncSync(this.#fd)
    closeSync(this.#fd)
    this.#fd = undefined
    renameSync(this.#temporary, this.#path)
    fsyncDir(dirname(this.#path))
    return undefined
  }

  discard(): void {
    if (this.#fd === undefined) return
    closeSync(this.#fd)
    this.#fd = undefined
    rmSync(this.#temporary, { force: true })
  }

  #room(): number {
    if (this.#used + this.#entryBytes > this.#chunk.length) this.#flush()
    const at = this.#used
    this.#used += this.#entryBytes
    this.entries += 1
    return at
  }

  #flush(): void {
    const bytes = this.#chunk.subarray(0, this.#used)
    if (this.#fd === undefined) this.#kept.push(Buffer.from(bytes))
    else for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at)
    this.#used = 0
  }
}

function openOrUndefined(path: string): number | undefined {
  try {
    return openSync(path, 'w')
  } catch {
    return undefined
  }
}
