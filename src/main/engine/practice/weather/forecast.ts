import { chanceOf, wander } from './chance.ts'
import { Climate, type Weather } from './climate.ts'
import { practicePlace } from './places.ts'
import type { WeatherTime } from './weatherTime.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The forecast is too warm by this on average, and wanders around it. */
const BIAS_C = 1.2
/** How often a new run of the model changes the forecast, in the weather's time. */
const RUN_MS = 6 * HOUR_MS

const UNITS: Readonly<Record<string, string>> = {
  temperature_2m: '°C',
  cloud_cover: '%',
  shortwave_radiation: 'W/m²',
  wind_speed_10m: 'km/h',
  wind_direction_10m: '°'
}

export interface ForecastAsk {
  readonly lat: number
  readonly lon: number
  readonly names: readonly string[]
  readonly unixTime: boolean
  readonly pastDays: number
  readonly days: number
  readonly hostMs: number
}

/** @returns the body of an hourly forecast for the nearest station's weather; undefined when a name is not known */
export function forecastBody(
  { seed, stations, time }: { seed: number; stations: readonly string[]; time: WeatherTime },
  ask: ForecastAsk
): Readonly<Record<string, unknown>> | undefined {
  if (ask.names.some((name) => !Object.hasOwn(UNITS, name))) return undefined
  const places = stations.map(practicePlace)
  const far = (place: { lat: number; lon: number }): number => (place.lat - ask.lat) ** 2 + (place.lon - ask.lon) ** 2
  const place = places.toSorted((a, b) => far(a) - far(b))[0]
  if (place === undefined) return undefined
  const climate = new Climate(seed, place)
  const first = Math.floor(ask.hostMs / DAY_MS) * DAY_MS - ask.pastDays * DAY_MS
  const run = Math.floor(time.weatherMs(ask.hostMs) / RUN_MS)
  const ofRun = chanceOf(seed, `${place.id} run ${run}`).unit() - 0.5
  const hours = Array.from({ length: (ask.pastDays + ask.days) * 24 }, (_, i) => first + i * HOUR_MS)
  const valueAt = (name: string, hostMs: number): number | null => {
    const ms = time.weatherMs(hostMs)
    if (chanceOf(seed, `${name} null ${ms}`).chance(0.02)) return null
    return valueOf(name, climate.at(ms), BIAS_C + ofRun + wander(seed, `${place.id} forecast`, ms, 6 * HOUR_MS))
  }
  return {
    latitude: place.lat,
    longitude: place.lon,
    generationtime_ms: 0.1,
    utc_offset_seconds: 0,
    timezone: 'GMT',
    timezone_abbreviation: 'GMT',
    elevation: place.elevM,
    hourly_units: { time: ask.unixTime ? 'unixtime' : 'iso8601', ...Object.fromEntries(ask.names.map((name) => [name, UNITS[name]])) },
    hourly: {
      time: hours.map((ms) => (ask.unixTime ? ms / 1000 : new Date(ms).toISOString().slice(0, 16))),
      ...Object.fromEntries(ask.names.map((name) => [name, hours.map((ms) => valueAt(name, ms))]))
    }
  }
}

function valueOf(name: string, weather: Weather, errorC: number): number {
  switch (name) {
    case 'temperature_2m':
      return Math.round((weather.tempC + errorC) * 10) / 10
    case 'cloud_cover':
      return Math.round(weather.cloudPct)
    case 'shortwave_radiation':
      return Math.round(weather.shortwaveWm2)
    case 'wind_speed_10m':
      return Math.round(weather.windKt * 18.52) / 10
    default:
      return weather.windDirDeg
  }
}
