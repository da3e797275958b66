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
  #bytes!: Buffer
  #words!: Int32Array
  #numbers!: Float64Array

  constructor() {
    this.#look()
  }

  /**
   * Reads a message whole.
   * @param out gets all of its fields, the token's number as `token`; unknown ones are learned
   * @returns false when any byte is another one than expected; it must be read field by field then
   */
  read(buf: Uint8Array, from: number, to: number, out: PolymarketMessage): boolean {
    const length = to - from
    // Books and trades end otherwise, and need not be copied to find that out.
    if (length > LAYOUT.maxTextBytes || buf[to - 3] !== LAST_LETTER || buf[to - 8] !== FIRST_LETTER) return false
    copyBytes(buf, from, to, this.#bytes, TEXT_END - length)
    const count = this.#code.changes(TEXT_END - length, LAYOUT.rowsAt)
    if (count === 0) return false
    const before = this.generation
    for (let i = 0; i < count; i++) this.#learnToken(i)
    this.#tell(out, count, from - (TEXT_END - length), buf, before === this.generation)
    return true
  }

  #tell(out: PolymarketMessage, count: number, shift: number, buf: Uint8Array, isNumbered: boolean): void {
    const { hashes } = this
    const words = this.#words
    const numbers = this.#numbers
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
      const token = isNumbered ? words[word + ROW.token]! : 0
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

  /** Gives the token of a row its number if it has none. */
  #learnToken(row: number): void {
    const word = ROW_WORD + ((LAYOUT.rowBytes * row) >> 2)
    if (this.#words[word + ROW.token] !== 0) return
    const from = this.#words[word + ROW.assetFrom]!
    const to = this.#words[word + ROW.assetTo]!
    if (this.hashes.length > LAYOUT.mostTokens) this.#forget()
    const slot = this.#code.slot(from, to)
    if (slot === 0) return
    const known = this.#words[slot >> 2]!
    // Learning may make the memory larger, which takes the words away that were looked at before.
    const token = known === 0 ? this.#learn(slot, from, to) : known
    this.#words[word + ROW.token] = token
  }

  #learn(slot: number, from: number, to: number): number {
    const token = this.hashes.length
    const entry = LAYOUT.poolAt + token * LAYOUT.entryBytes
    const missing = entry + LAYOUT.entryBytes - this.#bytes.length
    if (missing > 0) {
      this.#memory.grow(Math.ceil(Math.max(missing, this.#bytes.length - LAYOUT.poolAt) / PAGE_BYTES))
      this.#look()
    }
    this.#words[entry >> 2] = to - from
    this.#bytes.copy(this.#bytes, entry + LAYOUT.entryHead, from, to)
    this.#words[slot >> 2] = token
    this.hashes.push(keyHash(this.#bytes, from, to))
    return token
  }

  #forget(): void {
    this.generation++
    this.hashes.length = 1
    this.#bytes.fill(0, LAYOUT.tableAt, LAYOUT.tableAt + LAYOUT.tableBytes)
  }

  #look(): void {
    this.#bytes = Buffer.from(this.#memory.buffer)
    this.#words = new Int32Array(this.#memory.buffer)
    this.#numbers = new Float64Array(this.#memory.buffer)
  }
}

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
