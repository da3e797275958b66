import { randomDigits } from '../log/seededDigits.ts'

/** How a message differs from what the venue sends every day. */
export const ODD = ['reordered', 'unknown field', 'escaped', 'cut', 'no number'] as const
export type Odd = (typeof ODD)[number]

const TOKENS = 400
const LEVELS = 20

/** Polymarket messages spelled as the venue spells them, from a seed. Prices and sizes have at most six decimals, so that a double is exact. */
export class PolymarketTexts {
  readonly #digits: (count: number) => string
  readonly #tokens: readonly string[]
  readonly #market: string
  #state: number
  #timeMs = 1_700_000_000_000

  constructor(seed: number) {
    this.#state = seed
    this.#digits = randomDigits(seed)
    this.#tokens = Array.from({ length: TOKENS }, () => `1${this.#digits(76)}`)
    this.#market = `0x${this.#digits(64)}`
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 4_294_967_296) * n)
  }

  /** Two changes, one for each token of a market. */
  change(): string {
    const px = 1 + this.below(998)
    const at = 2 * this.below(TOKENS / 2)
    const change = (token: string, thousandths: number, side: string): string =>
      `{"asset_id":"${token}", "price":"${price(thousandths)}", "size":"${this.#size(true)}", "side":"${side}", "hash":"${this.#hash()}", "best_bid":"${price(thousandths - 1)}", "best_ask":"${price(thousandths + 1)}"}`
    const both = [change(this.#tokens[at]!, px, 'BUY'), change(this.#tokens[at + 1]!, 1000 - px, 'SELL')]
    return `{"market":"${this.#market}", "price_changes":[${both.join(', ')}], "timestamp":"${this.#time()}", "event_type":"price_change"}`
  }

  /** A whole book of 20 bids and 20 asks, the best level last. */
  book(): string {
    const token = this.#tokens[this.below(TOKENS)]!
    const mid = 100 + this.below(800)
    const side = (sign: number): string => {
      let text = ''
      for (let i = LEVELS; i > 0; i--)
        text += `${text === '' ? '' : ', '}{"price":"${price(mid + sign * 2 * i)}", "size":"${this.#size(false)}"}`
      return text
    }
    return `{"market":"${this.#market}", "asset_id":"${token}", "bids":[${side(-1)}], "asks":[${side(1)}], "hash":"${this.#hash()}", "timestamp":"${this.#time()}", "event_type":"book"}`
  }

  odd(text: string, how: Odd): string {
    switch (how) {
      case 'reordered':
        return JSON.stringify(reversedKeys(JSON.parse(text)))
      case 'unknown field':
        return `{"seq":${this.below(1e6)},${text.slice(1)}`
      case 'escaped':
        return text.replace('"price":"0', '"price":"\\u0030')
      case 'cut':
        return text.slice(0, this.below(text.length - 1) + 1)
      case 'no number':
        return text.replace('"price":"0', '"price":"O')
    }
  }

  #size(mayBeZero: boolean): string {
    const hundredths = this.below(1_000_000)
    if (mayBeZero && hundredths % 5 === 0) return '0'
    return hundredths % 3 === 0
      ? String(1 + hundredths)
      : `${1 + Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`
  }

  #hash(): string {
    return this.#digits(40)
  }

  #time(): string {
    this.#timeMs += this.below(20)
    return String(this.#timeMs)
  }
}

const PRICES = Array.from({ length: 1001 }, (_, i) => (i / 1000).toString())

function price(thousandths: number): string {
  return PRICES[thousandths]!
}

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, field]) => [key, reversedKeys(field)])
  )
}
