import { chanceOf } from './chance.ts'
import { Climate, type Weather } from './climate.ts'
import type { Report } from './metarText.ts'
import type { PracticePlace } from './places.ts'
import type { WeatherTime } from './weatherTime.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Minute of the hour of a regular report. */
const REGULAR_MINUTE = 51
/** No report comes later than this. */
const LATEST_MS = 45 * MINUTE_MS

/** The reports of one station: hourly ones, special ones, late ones, wrong ones and corrections. A function of the instant alone. */
export class Reports {
  readonly #seed: number
  readonly #place: PracticePlace
  readonly #time: WeatherTime
  readonly #climate: Climate

  constructor(seed: number, place: PracticePlace, time: WeatherTime) {
    this.#seed = seed
    this.#place = place
    this.#time = time
    this.#climate = new Climate(seed, place)
  }

  /** What has been published by now of the last hours of weather, newest first. A report may stand there twice, as the real service does it. */
  published(hostMs: number, hours: number): Report[] {
    const now = this.#time.weatherMs(hostMs)
    const from = now - hours * HOUR_MS
    const found: Report[] = []
    for (let hour = Math.floor((from - LATEST_MS) / HOUR_MS); hour <= Math.floor(now / HOUR_MS); hour++) found.push(...this.#ofHour(hour))
    const first = this.#time.hostMs(from)
    return found
      .filter(({ obsMs, publishedMs }) => publishedMs <= hostMs && obsMs >= first)
      .toSorted((a, b) => b.obsMs - a.obsMs || b.publishedMs - a.publishedMs)
  }

  #ofHour(hour: number): Report[] {
    const chance = chanceOf(this.#seed, `${this.#place.id} reports ${hour}`)
    const regularMs = hour * HOUR_MS + REGULAR_MINUTE * MINUTE_MS
    const delayMs = chance.chance(0.08) ? (12 + chance.below(30)) * MINUTE_MS : (2 + chance.unit() * 4) * MINUTE_MS
    const isWrong = chance.chance(0.04)
    const weather = this.#climate.at(regularMs)
    const regular = this.#report('METAR', regularMs, delayMs, isWrong ? misread(weather, chance.chance(0.5)) : weather)
    const reports = [regular]
    if (chance.chance(0.06)) reports.push(regular)
    if (isWrong || chance.chance(0.04))
      reports.push({ ...this.#report('METAR', regularMs, delayMs + (3 + chance.below(9)) * MINUTE_MS, weather), corrected: true })
    if (!chance.chance(0.25)) return reports
    const specialMs = hour * HOUR_MS + (4 + chance.below(42)) * MINUTE_MS
    return [
      ...reports,
      { ...this.#report('SPECI', specialMs, (1 + chance.below(3)) * MINUTE_MS, this.#climate.at(specialMs)), bodyOnly: chance.chance(0.5) }
    ]
  }

  #report(kind: Report['kind'], obsMs: number, delayMs: number, weather: Weather): Report {
    const { hostMs } = { hostMs: (ms: number) => this.#time.hostMs(ms) }
    return {
      place: this.#place,
      kind,
      obsMs: hostMs(obsMs),
      publishedMs: hostMs(obsMs + delayMs),
      corrected: false,
      bodyOnly: false,
      weather
    }
  }
}

/** A dew point above the temperature, or a temperature far off. */
function misread(weather: Weather, dewpoint: boolean): Weather {
  return dewpoint ? { ...weather, dewpointC: weather.tempC + 2 } : { ...weather, tempC: weather.tempC + 14 }
}
