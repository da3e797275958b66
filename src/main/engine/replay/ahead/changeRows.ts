import { CHANGE_ROWS, usualChanges } from '../../feeds/mappers/index.ts'
import type { Chunk } from './aheadRing.ts'
import type { KeyNumbers } from './keyNumbers.ts'
import { CHANGE, CHANGE_WORDS, HASH_BYTES, HASH_WORDS, TOLD_ASK, TOLD_BID } from './messageWords.ts'

const { first, rowWords, HALF, WORD, BUY } = CHANGE_ROWS

/** Usual price changes, nearly all that a venue sends: from the kernel to the ring, without the steps between that other messages take. */
export class ChangeRows {
  readonly #usual = usualChanges()
  readonly #keys: KeyNumbers
  /** By token of this generation: its number among the keys; 0 = not looked up yet. */
  #numbers: number[] = []
  #generation = -1

  constructor(keys: KeyNumbers) {
    this.#keys = keys
  }

  /**
   * Writes the changes of a message at word `at`.
   * @param keysTold keys with numbers up to this one are known on the other side
   * @returns how many there are; 0 when the message must be read otherwise: then what was written has no meaning
   */
  put(chunk: Chunk, at: number, buf: Uint8Array, from: number, to: number, keysTold: number): number {
    const count = this.#usual.scan(buf, from, to)
    for (let i = 0; i < count; i++) {
      const row = first + i * rowWords
      const number = this.#numberOf(row)
      if (number === 0 || number > keysTold || !this.#put(chunk, at + i * CHANGE_WORDS, row, number)) return 0
    }
    return count
  }

  /** @returns false for a change that has no usual hash, or whose price cannot be */
  #put({ halves, words }: Chunk, at: number, row: number, number: number): boolean {
    const { numbers, words: half } = this.#usual
    const pxE6 = numbers[row + WORD.px]!
    if (!(pxE6 > 0) || half[2 * row + HALF.hashTo]! - half[2 * row + HALF.hashFrom]! !== HASH_BYTES) return false
    halves[2 * at] = half[2 * row + HALF.side] === BUY ? TOLD_BID : TOLD_ASK
    halves[2 * at + 1] = number
    words[at + CHANGE.px] = pxE6
    words[at + CHANGE.size] = numbers[row + WORD.size]!
    words[at + CHANGE.tsMs] = numbers[CHANGE_ROWS.timeAt]!
    words[at + CHANGE.bestBid] = numbers[row + WORD.bid]!
    words[at + CHANGE.bestAsk] = numbers[row + WORD.ask]!
    for (let i = 0; i < HASH_WORDS; i++) words[at + CHANGE.hash + i] = numbers[row + WORD.hash + i]!
    return true
  }

  #numberOf(row: number): number {
    const usual = this.#usual
    const token = usual.words[2 * row + HALF.token]!
    if (token === 0) return 0
    if (this.#generation !== usual.generation) {
      this.#generation = usual.generation
      this.#numbers = []
    }
    const known = this.#numbers[token]
    if (known !== undefined && known > 0) return known
    const number = this.#keys.known(usual.bytes, ...usual.assetOf(row), usual.hashes[token]!)
    while (this.#numbers.length < token) this.#numbers.push(0)
    return (this.#numbers[token] = number)
  }
}
