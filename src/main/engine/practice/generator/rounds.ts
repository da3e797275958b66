import type { PolymarketListing } from '../polymarketMarket.ts'
import { Random } from './random.ts'

export interface RoundSettings {
  /** A round begins at every multiple of this many seconds since the epoch, and ends where the next one begins. */
  readonly seconds: number
  /** So many markets begin and end with a round. */
  readonly markets: number
}

const COINS = ['btc', 'eth', 'sol', 'xrp'] as const
const NAMES = { btc: 'Bitcoin', eth: 'Ethereum', sol: 'Solana', xrp: 'XRP' } as const
/** Odd, so that every round of a seed draws from a sequence of its own. */
const ROUND_STEP = 0x9e3779b1

/** Which round it is. Equal seeds have equal markets in the same round, whenever the venue was started. */
export class Rounds {
  readonly settings: RoundSettings
  readonly #seed: number
  readonly #lengthMs: number
  #number: number

  /** @param nowMs Unix milliseconds */
  constructor(seed: number, settings: RoundSettings, nowMs: number) {
    this.settings = settings
    this.#seed = seed
    this.#lengthMs = settings.seconds * 1000
    this.#number = Math.floor(nowMs / this.#lengthMs)
  }

  get endMs(): number {
    return (this.#number + 1) * this.#lengthMs
  }

  /** @returns true where this instant lies in a later round, which now is the one that runs */
  moveTo(nowMs: number): boolean {
    const number = Math.floor(nowMs / this.#lengthMs)
    if (number <= this.#number) return false
    this.#number = number
    return true
  }

  /** The source of everything in the round that runs. */
  random(): Random {
    return new Random(this.#seed ^ Math.imul(this.#number, ROUND_STEP))
  }

  /** What is said of one market of the round that runs. Its id is above those of earlier rounds and of the markets that stay. */
  listing(slot: number, random: Random): PolymarketListing {
    const { seconds } = this.settings
    const startMs = this.endMs - this.#lengthMs
    const coin = COINS[slot % COINS.length]!
    const length = seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
    const volume = Math.floor(Math.exp(random.unit() * 7) * 100)
    return {
      id: `${this.#number}${String(slot).padStart(4, '0')}`,
      conditionId: `0x${random.hex(64)}`,
      tokenIds: [random.digits(76 + random.below(3)), random.digits(76 + random.below(3))],
      outcomes: ['Up', 'Down'],
      question: `Practice round ${slot}: ${NAMES[coin]} up or down until ${new Date(this.endMs).toISOString()}?`,
      slug: `practice-${coin}-updown-${length}-${startMs / 1000}-${slot}`,
      negRisk: false,
      minOrderSize: '5',
      tickSize: '0.01',
      startDate: new Date(startMs).toISOString(),
      endDate: new Date(this.endMs).toISOString(),
      volume,
      liquidity: Math.floor(volume / 3) + 100
    }
  }
}
