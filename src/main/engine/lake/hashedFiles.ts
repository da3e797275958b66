import { statSync } from 'node:fs'
import { fileSha256 } from './fileSha256.ts'

/** What was stated of a file. */
export interface StatedFile {
  readonly bytes: number
  readonly sha256: string
}

/** Files whose bytes were compared with what was stated of them: each once, and again when it has changed. */
export class HashedFiles {
  readonly #sound = new Map<string, string>()

  /** @returns undefined when the file is as stated, else what was expected and what was found, for a sentence */
  async difference(path: string, stated: StatedFile): Promise<string | undefined> {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return `expected ${stated.bytes} bytes, found no file`
    const state = `${stats.size} ${stats.mtimeMs} ${stats.ino} ${stated.sha256}`
    if (this.#sound.get(path) === state) return undefined
    if (stats.size !== stated.bytes) return `expected ${stated.bytes} bytes, found ${stats.size}`
    const sha256 = await fileSha256(path)
    if (sha256 !== stated.sha256) return `expected the SHA-256 ${short(stated.sha256)}, found ${short(sha256)}`
    this.#sound.set(path, state)
    return undefined
  }
}

function short(sha256: string): string {
  return `${sha256.slice(0, 12)}…`
}
