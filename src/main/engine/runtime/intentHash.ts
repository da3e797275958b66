import { createHash } from 'node:crypto'
import type { CheckedIntent } from './host/checkedIntent.ts'

const CHUNK_CHARACTERS = 64 * 1024

/**
 * The line of one intent in the hash, newline included: seq|strategy_id|intent_type|market_id|side|price_e6|size_e6|tif|urgency|tag.
 * A cancel leaves side to urgency empty. Source: the capture system's runtime; its order of fields is fixed.
 */
export function intentLine(seq: number, strategyId: string, intent: CheckedIntent): string {
  const head = `${seq}|${strategyId}|${intent.type}|${intent.marketId}|`
  if (intent.type === 'cancel') return `${head}|||||${intent.tag}\n`
  return `${head}${intent.side}|${intent.priceE6 ?? ''}|${intent.sizeE6}|${intent.tif}|${intent.urgency}|${intent.tag}\n`
}

/** SHA-256 over the lines of all intents. Of no intent it is the hash of nothing. */
export class IntentHash {
  readonly #hash = createHash('sha256')
  #waiting = ''

  add(seq: number, strategyId: string, intent: CheckedIntent): void {
    this.#waiting += intentLine(seq, strategyId, intent)
    if (this.#waiting.length >= CHUNK_CHARACTERS) this.#flush()
  }

  /** In hex. May be asked for at any time; adding goes on behind. */
  digest(): string {
    this.#flush()
    return this.#hash.copy().digest('hex')
  }

  #flush(): void {
    if (this.#waiting !== '') this.#hash.update(this.#waiting, 'utf8')
    this.#waiting = ''
  }
}
