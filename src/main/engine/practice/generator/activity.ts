import type { Random } from './random.ts'

const WAVE_NS = 30e9

/** The whole venue breathes: 30 % above and below its mean rate in half a minute. @returns nanoseconds until the next message */
export function intervalNs(meanNs: number, atNs: number): number {
  return meanNs / (1 + 0.3 * Math.sin((2 * Math.PI * atNs) / WAVE_NS))
}

/** Chooses which market moves next: a few are popular, most are not, and a shock makes one busy for a while. */
export class ActivityPicker {
  readonly #random: Random
  readonly #cumulative: Float64Array
  readonly #hot: { index: number; left: number }[] = []

  constructor(count: number, random: Random) {
    this.#random = random
    this.#cumulative = new Float64Array(count)
    let sum = 0
    for (let i = 0; i < count; i++) this.#cumulative[i] = sum += 1 / (i + 2) ** 0.6
  }

  pick(): number {
    const slot = this.#random.below(8)
    const hot = this.#hot[slot]
    if (hot && this.#random.chance(0.7)) {
      if (--hot.left <= 0) this.#hot.splice(slot, 1)
      return hot.index
    }
    return this.#search(this.#random.unit() * this.#cumulative.at(-1)!)
  }

  /** Makes a market busy for its next few dozen messages. */
  heat(index: number): void {
    if (this.#hot.length < 8) this.#hot.push({ index, left: 20 + this.#random.below(80) })
  }

  #search(target: number): number {
    let low = 0
    let high = this.#cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#cumulative[middle]! <= target) low = middle + 1
      else high = middle
    }
    return low
  }
}
