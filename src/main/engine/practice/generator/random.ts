/** A small seeded source of randomness (xoshiro128**), so that a generated market is the same on every machine. */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** @param seed any integer; equal seeds give equal sequences */
  constructor(seed: number) {
    const next = splitMix32(seed)
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next()
  }

  /** @returns an integer from 0 to 2^32 - 1 */
  u32(): number {
    const scaled = Math.imul(this.#b, 5)
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** @returns a number from 0 (included) to 1 (excluded) */
  unit(): number {
    return this.u32() / 0x1_0000_0000
  }

  /** @returns an integer from 0 (included) to bound (excluded) */
  below(bound: number): number {
    return Math.floor(this.unit() * bound)
  }

  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** @returns an integer from 0 up, each further step half as likely as `mean` says; never more than 200 */
  geometric(mean: number): number {
    const steps = Math.floor(-Math.log(1 - this.unit()) * mean)
    return steps > 200 ? 200 : steps
  }

  /** @returns a symmetric value with heavy tails: usually within ±1, once in a hundred beyond ±10, cut at ±60 */
  fatTailed(): number {
    const size = Math.min(60, 1 / Math.sqrt(1 - this.unit()) - 1)
    return this.chance(0.5) ? size : -size
  }

  /** @returns `digits` decimal digits, the first one not zero */
  digits(digits: number): string {
    let text = String(1 + this.below(9))
    while (text.length < digits) text += String(this.u32() % 1_000_000_000).padStart(9, '0')
    return text.slice(0, digits)
  }

  /** @returns `length` hexadecimal digits */
  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.u32().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
}

/** Spreads one seed over the four words of state; xoshiro must not start from zeros. */
function splitMix32(seed: number): () => number {
  let state = (seed ^ Math.floor(seed / 0x1_0000_0000)) | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}
