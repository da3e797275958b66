import { KeyTable } from '../../feeds/mappers/index.ts'

/** Numbers token ids and symbols from 1 as they are met. Which of them the tape takes is the tape's business. */
export class KeyNumbers {
  readonly #table = new KeyTable<number>()
  #count = 0

  /** Numbers given so far. */
  get count(): number {
    return this.#count
  }

  /** @returns the number of these bytes; 0 when they have none yet */
  known(buf: Uint8Array, from: number, to: number, hash: number): number {
    return this.#table.find(buf, from, to, hash) ?? 0
  }

  /** @returns the number of these bytes */
  of(buf: Uint8Array, from: number, to: number, hash: number): number {
    const known = this.#table.find(buf, from, to, hash)
    if (known !== undefined) return known
    this.#table.add(new Uint8Array(buf.subarray(from, to)), hash, ++this.#count)
    return this.#count
  }
}
