import { copyBytes } from '../json/copyBytes.ts'
import { keyHash } from '../json/keyHash.ts'
import { changeKernelCode, HEAD, LAYOUT, ROW, ROW_NUMBER, TEXT_END, type ChangeKernelCode } from './changeKernel.ts'
import { EVENT, type PolymarketMessage } from './messageScan.ts'

const PAGE_BYTES = 65_536
const START_TOKENS = 1024

/**
 * Reads price_change messages that are spelled exactly as the venue spells them, and numbers the token ids in them: nearly all messages are.
 * One for a thread: a WebAssembly memory reserves much address space.
 */
export class UsualChanges {
  /** Rises when all numbers have been forgotten. */
  generation = 0
  /** Hash of the id of token n, as `keyHash` gives it. */
  readonly hashes: number[] = [0]
  readonly #memory = new WebAssembly.Memory({ initial: Math.ceil((LAYOUT.poolAt + START_TOKENS * LAYOUT.entryBytes) / PAGE_BYTES) })
  readonly #code: ChangeKernelCode = changeKernelCode(this.#memory)
  /** The message that was read last, by `LAYOUT`; other objects once the memory has grown. */
  bytes!: Buffer
  words!: Int32Array
  numbers!: Float64Array

  constructor() {
    this.#look()
  }

  /**
   * Reads a message whole into `words` and `numbers`, and learns its tokens. Ranges there are those of a message that ends at `TEXT_END`.
   * @returns how many changes it has; 0 when any byte is another one than expected: it must be read field by field then
   */
  scan(buf: Uint8Array, from: number, to: number): number {
    const length = to - from
    // Books and trades end otherwise, and need not be copied to find that out.
    if (length > LAYOUT.maxTextBytes || buf[to - 3] !== LAST_LETTER || buf[to - 8] !== FIRST_LETTER) return 0
    copyBytes(buf, from, to, this.bytes, TEXT_END - length)
    const count = this.#code.changes(TEXT_END - length, LAYOUT.rowsAt)
    const before = this.generation
    for (let i = 0; i < count; i++) this.#learnToken(i)
    if (before !== this.generation) this.#forgetRows(count)
    return count
  }

  /**
   * The same, told.
   * @param out gets all fields, the token's number as `token`
   * @returns false when it must be read field by field
   */
  read(buf: Uint8Array, from: number, to: number, out: PolymarketMessage): boolean {
    const count = this.scan(buf, from, to)
    if (count > 0) this.#tell(out, count, to - TEXT_END, buf)
    return count > 0
  }

  #tell(out: PolymarketMessage, count: number, shift: number, buf: Uint8Array): void {
    const { hashes } = this
    const words = this.words
    const numbers = this.numbers
    out.reset()
    out.whole.marketFrom = words[HEAD_WORD + HEAD.marketFrom]! + shift
    out.whole.marketTo = words[HEAD_WORD + HEAD.marketTo]! + shift
    out.tsFrom = words[HEAD_WORD + HEAD.tsFrom]! + shift
    out.tsTo = words[HEAD_WORD + HEAD.tsTo]! + shift
    out.timestampMs = numbers[LAYOUT.timeAt >> 3]!
    out.event = EVENT.priceChange
    out.changesKey = 'price_changes'.length
    for (let i = 0; i < count; i++) {
      const word = ROW_WORD + ((LAYOUT.rowBytes * i) >> 2)
      const number = word >> 1
      const change = out.nextChange()
      change.assetFrom = words[word + ROW.assetFrom]! + shift
      change.assetTo = words[word + ROW.assetTo]! + shift
      const token = words[word + ROW.token]!
      change.token = token
      change.assetHash = token === 0 ? keyHash(buf, change.assetFrom, change.assetTo) : hashes[token]!
      change.side = words[word + ROW.side]!
      change.hashFrom = words[word + ROW.hashFrom]! + shift
      change.hashTo = words[word + ROW.hashTo]! + shift
      change.pxE6 = numbers[number + ROW_NUMBER.px]!
      change.sizeE6 = numbers[number + ROW_NUMBER.size]!
      change.bestBidE6 = numbers[number + ROW_NUMBER.bid]!
      change.bestAskE6 = numbers[number + ROW_NUMBER.ask]!
    }
  }

  /** Where the token id of a row stands in `bytes`. @param row its first word of 64 bits */
  assetOf(row: number): [from: number, to: number] {
    return [this.words[2 * row + ROW.assetFrom]!, this.words[2 * row + ROW.assetTo]!]
  }

  /** Gives the token of a row its number if it has none. */
  #learnToken(row: number): void {
    const word = ROW_WORD + ((LAYOUT.rowBytes * row) >> 2)
    if (this.words[word + ROW.token] !== 0) return
    const from = this.words[word + ROW.assetFrom]!
    const to = this.words[word + ROW.assetTo]!
    if (this.hashes.length > LAYOUT.mostTokens) this.#forget()
    const slot = this.#code.slot(from, to)
    if (slot === 0) return
    const known = this.words[slot >> 2]!
    // Learning may make the memory larger, which takes the words away that were looked at before.
    const token = known === 0 ? this.#learn(slot, from, to) : known
    this.words[word + ROW.token] = token
  }

  #learn(slot: number, from: number, to: number): number {
    const token = this.hashes.length
    const entry = LAYOUT.poolAt + token * LAYOUT.entryBytes
    const missing = entry + LAYOUT.entryBytes - this.bytes.length
    if (missing > 0) {
      this.#memory.grow(Math.ceil(Math.max(missing, this.bytes.length - LAYOUT.poolAt) / PAGE_BYTES))
      this.#look()
    }
    this.words[entry >> 2] = to - from
    this.bytes.copy(this.bytes, entry + LAYOUT.entryHead, from, to)
    this.words[slot >> 2] = token
    this.hashes.push(keyHash(this.bytes, from, to))
    return token
  }

  /** Of numbers that were given before others were forgotten none holds. */
  #forgetRows(count: number): void {
    for (let i = 0; i < count; i++) this.words[ROW_WORD + ((LAYOUT.rowBytes * i) >> 2) + ROW.token] = 0
  }

  #forget(): void {
    this.generation++
    this.hashes.length = 1
    this.bytes.fill(0, LAYOUT.tableAt, LAYOUT.tableAt + LAYOUT.tableBytes)
  }

  #look(): void {
    this.bytes = Buffer.from(this.#memory.buffer)
    this.words = new Int32Array(this.#memory.buffer)
    this.numbers = new Float64Array(this.#memory.buffer)
  }
}

/** Where `scan` leaves changes, in words of 64 bits: `HALF` are halves of them, the others numbers × 1e6 and the bytes of the hash. */
export const CHANGE_ROWS = {
  first: LAYOUT.rowsAt >> 3,
  rowWords: LAYOUT.rowBytes >> 3,
  timeAt: LAYOUT.timeAt >> 3,
  HALF: ROW,
  WORD: ROW_NUMBER,
  /** `HALF.side` of a bid. */
  BUY: 1
} as const

/** Of `change"}`, with which the message ends. */
const FIRST_LETTER = 99
const LAST_LETTER = 101
const HEAD_WORD = LAYOUT.headAt >> 2
const ROW_WORD = LAYOUT.rowsAt >> 2

let shared: UsualChanges | undefined

/** The one of this thread. */
export function usualChanges(): UsualChanges {
  return (shared ??= new UsualChanges())
}
