import { renameSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { publishFile } from '../bundle/index.ts'

/** A whole file that is replaced while recording: the thread does not wait for the disk, and of several texts the newest is kept. */
export class BehindFile {
  readonly #path: string
  readonly #refused: (error: unknown) => void
  #next: string | undefined
  #writing: Promise<void> | undefined
  #wasPut = false
  /** Counts what was put on the thread: a text from before must not come after it. */
  #nowCount = 0

  constructor(path: string, refused: (error: unknown) => void) {
    this.#path = path
    this.#refused = refused
  }

  /** Something was put, so that the file is there or will be. */
  get wasPut(): boolean {
    return this.#wasPut
  }

  put(text: string): void {
    this.#wasPut = true
    this.#next = text
    this.#writing ??= this.#writeAll()
  }

  /** Writes and makes durable on this thread, when the run has ended. @throws the operating system's error */
  putNow(text: string): void {
    this.#wasPut = true
    this.#next = undefined
    this.#nowCount += 1
    publishFile(this.#path, text)
  }

  /** Everything that was put is on the disk, or was refused. */
  async settled(): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    try {
      for (let text = this.#next; text !== undefined; text = this.#next) {
        this.#next = undefined
        await this.#write(text)
      }
    } catch (error) {
      this.#refused(error)
    } finally {
      this.#writing = undefined
    }
  }

  async #write(text: string): Promise<void> {
    const nowCount = this.#nowCount
    const temporary = `${this.#path}.behind-${process.pid}`
    try {
      const file = await open(temporary, 'w')
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      // Looked at and renamed in one turn of the loop, so that nothing can come in between.
      if (nowCount === this.#nowCount) renameSync(temporary, this.#path)
      else await rm(temporary, { force: true })
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(dirname(this.#path))
  }
}

/** Where a platform cannot sync a folder, its rename is durable by other means. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(dir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
