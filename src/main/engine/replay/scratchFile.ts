import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where bytes of a scratch file lie. */
export interface ScratchSpan {
  readonly offset: number
  readonly bytes: number
}

/**
 * A temporary file of this process alone. Its name is taken away at once where the system allows that, so that not even a killed process
 * leaves it behind; elsewhere it goes when it is closed.
 */
export class ScratchFile {
  readonly #dir: string
  readonly #fd: number
  #length = 0
  #closed = false

  /** @param name begins the name of its folder @throws the operating system's error */
  constructor(name: string) {
    this.#dir = mkdtempSync(join(tmpdir(), `tapedeck-${name}-`))
    try {
      this.#fd = openSync(join(this.#dir, 'scratch'), 'w+')
    } finally {
      this.#forget()
    }
  }

  /** Bytes in it. */
  get length(): number {
    return this.#length
  }

  /** @throws the operating system's error; nothing counts as written then */
  append(bytes: Uint8Array): ScratchSpan {
    const offset = this.#length
    for (let put = 0; put < bytes.length;) put += writeSync(this.#fd, bytes, put, bytes.length - put, offset + put)
    this.#length += bytes.length
    return { offset, bytes: bytes.length }
  }

  read({ offset, bytes }: ScratchSpan): Uint8Array {
    const out = new Uint8Array(bytes)
    for (let got = 0; got < bytes;) {
      const more = readSync(this.#fd, out, got, bytes - got, offset + got)
      if (more === 0) throw new Error('broken promise: a scratch file is whole while it is open')
      got += more
    }
    return out
  }

  /** May be called twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#fd)
    this.#forget()
  }

  #forget(): void {
    try {
      rmSync(this.#dir, { recursive: true, force: true })
    } catch {
      // A system that keeps the name of an open file gives it up when it is closed.
    }
  }
}
