import { fahrenheit1, type LocalTime } from '../../../shared/world/index.ts'
import type { BaseForecast, NowcastInput } from './types.ts'

const VALID_MS = 6 * 3600_000
/** Fewer known hours of a day than this are no forecast of it. */
const LEAST_HOURS = 12

/** One hour of a forecast as it came. */
export interface HourValue {
  readonly timeMs: number
  readonly temperatureC?: number
}

/**
 * The part of a forecast that lies in one settlement day. On a day of 25 hours the first of the two equal hours counts; an hour that is
 * not there takes the value of the one before it.
 * @returns undefined when too little of the day is covered
 */
export function baseForecastOf(
  hours: readonly HourValue[],
  date: string,
  zone: LocalTime,
  source: string,
  receivedMs: number
): BaseForecast | undefined {
  const known = new Map<number, number>()
  for (const { timeMs, temperatureC } of hours) {
    if (temperatureC === undefined) continue
    const local = zone.at(timeMs)
    const hour = Math.floor(local.hour)
    if (local.date === date && !known.has(hour)) known.set(hour, fahrenheit1(temperatureC))
  }
  if (known.size < LEAST_HOURS) return undefined
  let last = known.get(Math.min(...known.keys()))!
  const hourlyF = Array.from({ length: 24 }, (_, hour) => (last = known.get(hour) ?? last))
  const maxF = Math.max(...hourlyF)
  return { hourlyF, maxF, peakHour: hourlyF.indexOf(maxF), source, receivedMs }
}

export function isValid(base: BaseForecast | undefined, nowMs: number): base is BaseForecast {
  return base !== undefined && nowMs - base.receivedMs <= VALID_MS
}

/** What the model starts from: the forecast, or a guess from the last report. */
export interface Anchor {
  readonly maxF: number
  readonly peakHour: number
  readonly source: string
  readonly hourlyF: readonly number[] | undefined
}

const FALLBACK_RISE_F = 5
const FALLBACK_MAX_F = 50
const FALLBACK_PEAK_HOUR = 14

export function anchorOf({ base, nowMs, metar }: NowcastInput): Anchor {
  if (isValid(base, nowMs)) return base
  const maxF = metar === undefined ? FALLBACK_MAX_F : metar.tempF + FALLBACK_RISE_F
  return { maxF, peakHour: FALLBACK_PEAK_HOUR, source: 'FALLBACK', hourlyF: undefined }
}
