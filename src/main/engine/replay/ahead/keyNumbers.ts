interface Known {
  readonly number: number
  readonly key: Uint8Array
  readonly next: Known | undefined
}

/** Numbers token ids and symbols from 1 as they are met. Which of them the tape takes is the tape's business. */
export class KeyNumbers {
  readonly #byHash = new Map<number, Known>()
  #count = 0

  /** Numbers given so far. */
  get count(): number {
    return this.#count
  }

  /** @returns the number of these bytes */
  of(buf: Uint8Array, from: number, to: number, hash: number): number {
    const first = this.#byHash.get(hash)
    for (let known = first; known !== undefined; known = known.next) if (isKey(known.key, buf, from, to)) return known.number
    const number = ++this.#count
    this.#byHash.set(hash, { number, key: new Uint8Array(buf.subarray(from, to)), next: first })
    return number
  }
}

function isKey(key: Uint8Array, buf: Uint8Array, from: number, to: number): boolean {
  const length = key.length
  if (to - from !== length) return false
  for (let i = 0; i < length; i++) if (key[i] !== buf[from + i]) return false
  return true
}
