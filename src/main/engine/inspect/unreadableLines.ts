import { relative } from 'node:path'
import type { NdjsonCounts } from '../bundle/index.ts'

/** Lines of a run's text files that could not be read, by file; only files that have some. */
export type UnreadableLines = Readonly<Record<string, { readonly lines: number; readonly torn_end: boolean }>>

/** Collects what was unreadable in the files of one run. */
export class UnreadableList {
  readonly #dir: string
  readonly #files: Record<string, { lines: number; torn_end: boolean }> = {}

  constructor(dir: string) {
    this.#dir = dir
  }

  add(path: string, { unreadable, tornEnd }: NdjsonCounts): void {
    if (unreadable > 0 || tornEnd) this.#files[relative(this.#dir, path).replaceAll('\\', '/')] = { lines: unreadable, torn_end: tornEnd }
  }

  toObject(): UnreadableLines {
    return this.#files
  }
}
