import { createHash } from 'node:crypto'
import type { CheckedIntent } from './host/checkedIntent.ts'

const CHUNK_BYTES = 64 * 1024
/** Bytes that a character of a text takes at most. */
const MAX_UTF8 = 3
/** Bytes of a line that are in none of the intent's own texts, at most. */
const REST_BYTES = 128
/** Texts whose bytes are kept; a run has few: its markets, strategies and tags. */
const MOST_TEXTS = 50_000
const [BAR, NEWLINE, ZERO] = [124, 10, 48]

/**
 * SHA-256 over the lines of all intents; of no intent it is the hash of nothing. A line is
 * seq|strategy_id|intent_type|market_id|side|price_e6|size_e6|tif|urgency|tag and a newline; a cancel leaves side to urgency empty, a market
 * order the price. Source: the capture system's runtime; its order of fields is fixed. Lines are written as bytes: there are millions of them.
 */
export class IntentHash {
  readonly #hash = createHash('sha256')
  readonly #texts = new Map<string, Buffer>()
  #bytes = Buffer.allocUnsafeSlow(2 * CHUNK_BYTES)
  #at = 0

  add(seq: number, strategyId: string, intent: CheckedIntent): void {
    const { type, marketId, tag } = intent
    this.#room(MAX_UTF8 * (strategyId.length + marketId.length + tag.length) + REST_BYTES)
    this.#number(seq)
    this.#field(strategyId)
    this.#field(type)
    this.#field(marketId)
    if (type === 'cancel') for (let empty = 0; empty < 5; empty++) this.#bytes[this.#at++] = BAR
    else {
      this.#field(intent.side)
      this.#bytes[this.#at++] = BAR
      if (intent.priceE6 !== undefined) this.#number(intent.priceE6)
      this.#bytes[this.#at++] = BAR
      this.#number(intent.sizeE6)
      this.#field(intent.tif)
      this.#field(intent.urgency)
    }
    this.#field(tag)
    this.#bytes[this.#at++] = NEWLINE
  }

  /** In hex. May be asked for at any time; adding goes on behind. */
  digest(): string {
    this.#flush()
    return this.#hash.copy().digest('hex')
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    this.#flush()
    if (bytes > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(2 * bytes)
  }

  #flush(): void {
    this.#hash.update(this.#bytes.subarray(0, this.#at))
    this.#at = 0
  }

  #field(text: string): void {
    const from = this.#bytesOf(text)
    const { length } = from
    const bytes = this.#bytes
    let at = this.#at
    bytes[at++] = BAR
    for (let i = 0; i < length; i++) bytes[at++] = from[i]!
    this.#at = at
  }

  #bytesOf(text: string): Buffer {
    let known = this.#texts.get(text)
    if (known === undefined) {
      if (this.#texts.size === MOST_TEXTS) this.#texts.clear()
      this.#texts.set(text, (known = Buffer.from(text, 'utf8')))
    }
    return known
  }

  /** A whole number that is not negative. */
  #number(value: number): void {
    const bytes = this.#bytes
    let length = 1
    for (let limit = 10; value >= limit; limit *= 10) length++
    let rest = value
    for (let at = this.#at + length - 1; at >= this.#at; at--) {
      const tenth = Math.floor(rest / 10)
      bytes[at] = ZERO + (rest - tenth * 10)
      rest = tenth
    }
    this.#at += length
  }
}
