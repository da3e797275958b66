import { wander } from './chance.ts'
import type { PracticePlace } from './places.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Hour of local solar time at which a day is warmest. */
const WARMEST_HOUR = 15

/** The weather at one instant. Temperatures in °C, wind in knots, pressure in inches of mercury. */
export interface Weather {
  readonly tempC: number
  readonly dewpointC: number
  readonly cloudPct: number
  readonly windDirDeg: number
  readonly windKt: number
  readonly pressureInHg: number
  readonly shortwaveWm2: number
}

/** Invented summer weather: a day's warmth, slow changes over days, small ones within the hour. A function of the instant alone. */
export class Climate {
  readonly #seed: number
  readonly #place: PracticePlace

  constructor(seed: number, place: PracticePlace) {
    this.#seed = seed
    this.#place = place
  }

  at(ms: number): Weather {
    const local = this.#place.lon / 15 + (ms % DAY_MS) / HOUR_MS
    const cloudPct = 50 + 50 * clip(this.#wander('cloud', ms, 4 * HOUR_MS) * 1.4, -1, 1)
    const daily = Math.cos((2 * Math.PI * (local - WARMEST_HOUR)) / 24) * (7 - cloudPct * 0.03)
    // Slow weather is the same for all stations of a region.
    const slow = 3 * wander(this.#seed, 'airmass', ms, 30 * HOUR_MS) + 1.5 * wander(this.#seed, 'front', ms, 11 * HOUR_MS)
    const tempC = 23 + daily + slow + 0.5 * this.#wander('temp', ms, HOUR_MS / 3) + 0.4 * this.#wander('site', ms, 2 * HOUR_MS)
    const spread = 6 + 5 * this.#wander('humidity', ms, 5 * HOUR_MS)
    const sun = Math.max(0, Math.cos((2 * Math.PI * (local - 12)) / 24))
    return {
      tempC,
      dewpointC: tempC - Math.max(0.6, spread),
      cloudPct,
      windDirDeg: ((Math.round(18 + 18 * this.#wander('direction', ms, 6 * HOUR_MS)) * 10 + 350) % 360) + 10,
      windKt: Math.max(0, 8 + 8 * this.#wander('wind', ms, HOUR_MS)),
      pressureInHg: 30 + 0.35 * wander(this.#seed, 'pressure', ms, 20 * HOUR_MS),
      shortwaveWm2: 930 * sun * (1 - 0.0075 * cloudPct)
    }
  }

  #wander(name: string, ms: number, stepMs: number): number {
    return wander(this.#seed, `${this.#place.id} ${name}`, ms, stepMs)
  }
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
