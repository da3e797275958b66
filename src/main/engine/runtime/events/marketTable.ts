import { keyHash, KeyTable } from '../../feeds/index.ts'

/** Markets that one run may name. A venue that names more is faulty or hostile. */
export const MAX_MARKETS = 100_000
const MAX_ID_BYTES = 200
/** A mark in front of an id is a part of it: without it two markets would have one name. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Numbers of market ids in the order in which they are met, from 0. Found by bytes, without making a string. */
export class MarketTable {
  readonly ids: string[] = []
  readonly #byKey = new KeyTable<number>()
  readonly #byId = new Map<string, number>()

  /** @returns -1 when it is no usable id or there are too many */
  ofBytes(buf: Uint8Array, from: number, to: number): number {
    const hash = keyHash(buf, from, to)
    // A copy: `slice` of a Buffer is none, and the bytes are overwritten by the next frames.
    return this.#byKey.find(buf, from, to, hash) ?? this.#add(new Uint8Array(buf.subarray(from, to)), hash)
  }

  ofText(id: string): number {
    const known = this.#byId.get(id)
    if (known !== undefined) return known
    const key = new TextEncoder().encode(id)
    return this.#add(key, keyHash(key, 0, key.length))
  }

  /** @returns undefined for a market that was never met */
  find(id: string): number | undefined {
    return this.#byId.get(id)
  }

  #add(key: Uint8Array, hash: number): number {
    if (key.length === 0 || key.length > MAX_ID_BYTES || this.ids.length >= MAX_MARKETS) return -1
    const market = this.ids.length
    const id = utf8.decode(key)
    this.ids.push(id)
    this.#byId.set(id, market)
    this.#byKey.add(key, hash, market)
    return market
  }
}
