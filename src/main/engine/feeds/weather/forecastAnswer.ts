import { z } from 'zod'
import { answerBody } from './answerText.ts'
import type { Forecast, ForecastHour } from './observation.ts'
import { present, rounded, within } from './optionalFields.ts'

/** Hours that are read: more than the service has for past and future together. */
const MAX_HOURS = 5000
const LOCAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/

type Convert = (value: number) => number
const same: Convert = (value) => value
const TEMPERATURE: Readonly<Record<string, Convert>> = { '°C': same, '°F': (f) => ((f - 32) * 5) / 9 }
const WIND: Readonly<Record<string, Convert>> = {
  'km/h': same,
  'm/s': (v) => v * 3.6,
  'mp/h': (v) => v * 1.609344,
  mph: (v) => v * 1.609344,
  kn: (v) => v * 1.852
}

interface Column {
  readonly name: string
  readonly field: Exclude<keyof ForecastHour, 'timeMs'>
  /** Units that the service knows, and how each becomes ours. */
  readonly units: Readonly<Record<string, Convert>>
  readonly low: number
  readonly high: number
}

const COLUMNS: readonly Column[] = [
  { name: 'temperature_2m', field: 'temperatureC', units: TEMPERATURE, low: -100, high: 100 },
  { name: 'cloud_cover', field: 'cloudCoverPct', units: { '%': same }, low: 0, high: 100 },
  { name: 'shortwave_radiation', field: 'shortwaveWm2', units: { 'W/m²': same }, low: 0, high: 2000 },
  { name: 'wind_speed_10m', field: 'windSpeedKmh', units: WIND, low: 0, high: 500 },
  { name: 'wind_direction_10m', field: 'windDirDeg', units: { '°': same }, low: 0, high: 360 }
]

const forecastSchema = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  utc_offset_seconds: z.number().min(-86_400).max(86_400).nullish(),
  hourly_units: z.record(z.string(), z.unknown()).catch({}),
  hourly: z.record(z.string(), z.unknown())
})

/**
 * Reads an hourly forecast; of an answer for several places, the first. Values that are null, out of bounds or in a unit that is not known
 * are absent. @returns undefined where the answer is no forecast. Never throws.
 */
export function parseForecastAnswer(body: Uint8Array): Forecast | undefined {
  const answer = answerBody(body)
  if (answer.kind !== 'json') return undefined
  const parsed = forecastSchema.safeParse(Array.isArray(answer.value) ? (answer.value as unknown[])[0] : answer.value)
  if (!parsed.success) return undefined
  const { latitude: lat, longitude: lon, hourly, hourly_units: units, utc_offset_seconds: offsetSeconds } = parsed.data
  const times = hourly['time']
  if (!Array.isArray(times)) return undefined
  const hours: ForecastHour[] = []
  for (const [i, time] of times.slice(0, MAX_HOURS).entries()) {
    const timeMs = instantOf(time, offsetSeconds ?? undefined)
    if (timeMs !== undefined) hours.push({ timeMs, ...valuesAt(hourly, units, i) })
  }
  return hours.length === 0 ? undefined : { lat, lon, hours: hours.toSorted((a, b) => a.timeMs - b.timeMs) }
}

/** Text is local time of the place, without an offset; a number is Unix seconds. */
function instantOf(time: unknown, offsetSeconds: number | undefined): number | undefined {
  if (typeof time === 'number') return within(Math.round(time * 1000), 0, 4_102_444_800_000)
  if (typeof time !== 'string' || !LOCAL_TIME.test(time) || offsetSeconds === undefined) return undefined
  const local = Date.parse(`${time}Z`)
  return Number.isNaN(local) ? undefined : local - offsetSeconds * 1000
}

function valuesAt(hourly: Record<string, unknown>, units: Record<string, unknown>, i: number): Partial<ForecastHour> {
  const values = COLUMNS.map(({ name, field, units: known, low, high }) => {
    const value: unknown = Array.isArray(hourly[name]) ? (hourly[name] as unknown[])[i] : undefined
    const convert = Object.hasOwn(known, String(units[name])) ? known[String(units[name])] : undefined
    if (typeof value !== 'number' || convert === undefined) return [field, undefined] as const
    return [field, within(rounded(convert(value), 2), low, high)] as const
  })
  return present(Object.fromEntries(values))
}
