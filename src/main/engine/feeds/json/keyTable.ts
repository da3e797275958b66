/** Keys with one hash that are compared one by one; those beyond them are looked up by their text. */
const MOST_ALIKE = 8

interface Entry<T> {
  readonly key: Uint8Array
  readonly value: T
  readonly next: Entry<T> | undefined
  /** How many have this hash, with this one. */
  readonly count: number
}

/**
 * Values by the bytes of token ids or symbols, found by `keyHash` without making a string. That hash sees the ends of keys only: keys that
 * were made to end alike are found by their text, so that a look-up never goes through all of them.
 */
export class KeyTable<T extends object | number> {
  readonly #byHash = new Map<number, Entry<T>>()
  readonly #byText = new Map<string, T>()

  /** @returns undefined when it is unknown */
  find(buf: Uint8Array, from: number, to: number, hash: number): T | undefined {
    const first = this.#byHash.get(hash)
    for (let entry = first; entry !== undefined; entry = entry.next) if (isKey(entry.key, buf, from, to)) return entry.value
    return first !== undefined && first.count >= MOST_ALIKE ? this.#byText.get(textOf(buf, from, to)) : undefined
  }

  /** Adds a key that is not there yet. @param key is kept, so it must be a copy */
  add(key: Uint8Array, hash: number, value: T): void {
    const next = this.#byHash.get(hash)
    const count = (next?.count ?? 0) + 1
    if (count > MOST_ALIKE) this.#byText.set(textOf(key, 0, key.length), value)
    else this.#byHash.set(hash, { key, value, next, count })
  }

  clear(): void {
    this.#byHash.clear()
    this.#byText.clear()
  }
}

/** One character for each byte. */
function textOf(buf: Uint8Array, from: number, to: number): string {
  return Buffer.from(buf.buffer, buf.byteOffset + from, to - from).toString('latin1')
}

function isKey(key: Uint8Array, buf: Uint8Array, from: number, to: number): boolean {
  const length = key.length
  if (length !== to - from) return false
  for (let i = 0; i < length; i++) if (key[i] !== buf[from + i]) return false
  return true
}
