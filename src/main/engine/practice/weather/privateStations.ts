import { chanceOf, wander } from './chance.ts'
import { Climate } from './climate.ts'
import { practicePlace } from './places.ts'
import type { WeatherTime } from './weatherTime.ts'

/** Private stations around each airport. */
export const PRIVATE_STATIONS = 12
const MINUTE_MS = 60_000
const STUCK = 11
const TOO_WARM = 12
const OFTEN_NULL = 10
const OFTEN_AWAY = 9

/** Ids of the invented private stations of an airport station: `KLGAP01` to `KLGAP12`. */
export function privateIds(station: string): string[] {
  return Array.from({ length: PRIVATE_STATIONS }, (_, i) => `${station}P${String(i + 1).padStart(2, '0')}`)
}

interface Units {
  readonly name: string
  readonly temp: (celsius: number) => number
  readonly wind: (kmh: number) => number
}

const UNITS: Readonly<Record<string, Units>> = {
  m: { name: 'metric', temp: (c) => c, wind: (v) => v },
  e: { name: 'imperial', temp: (c) => c * 1.8 + 32, wind: (v) => v / 1.609344 },
  h: { name: 'uk_hybrid', temp: (c) => c, wind: (v) => v / 1.609344 },
  s: { name: 'metric_si', temp: (c) => c, wind: (v) => v / 3.6 }
}

/**
 * What the service says of a private station now: most are a little off, the last four are broken in ways of their own.
 * @returns undefined for a station that has not reported for an hour, `unknown` for one that there is not
 */
export function privateReading(
  { seed, stations, time }: { seed: number; stations: readonly string[]; time: WeatherTime },
  ask: { id: string; units: string; decimal: boolean; hostMs: number }
): Readonly<Record<string, unknown>> | undefined | 'unknown' {
  const { id, hostMs } = ask
  const airport = stations.find((station) => privateIds(station).includes(id))
  const units = UNITS[ask.units]
  if (airport === undefined || units === undefined) return 'unknown'
  const n = Number(id.slice(-2))
  const obsMs = Math.floor(time.weatherMs(hostMs) / MINUTE_MS) * MINUTE_MS
  if (n === OFTEN_AWAY && chanceOf(seed, `${id} away ${Math.floor(obsMs / (180 * MINUTE_MS))}`).chance(0.4)) return undefined
  const place = practicePlace(airport)
  const site = chanceOf(seed, `${id} site`)
  const [lat, lon, offC] = [place.lat + site.unit() * 0.08 - 0.04, place.lon + site.unit() * 0.08 - 0.04, site.unit() * 1.6 - 0.8]
  const { tempC, dewpointC, windKt, windDirDeg, shortwaveWm2 } = new Climate(seed, place).at(obsMs)
  const celsius = n === STUCK ? 31.4 : tempC + offC + (n === TOO_WARM ? 9 : 0) + 0.15 * wander(seed, id, obsMs, 5 * MINUTE_MS)
  const shown = (value: number): number => (ask.decimal ? Math.round(value * 10) / 10 : Math.round(value))
  const isNull = n === OFTEN_NULL && chanceOf(seed, `${id} null ${obsMs}`).chance(0.3)
  return {
    stationID: id,
    obsTimeUtc: `${new Date(time.hostMs(obsMs)).toISOString().slice(0, 19)}Z`,
    obsTimeLocal: '',
    neighborhood: place.name,
    softwareType: 'tapedeck',
    country: 'US',
    solarRadiation: shown(shortwaveWm2),
    lon,
    lat,
    realtimeFrequency: null,
    epoch: Math.floor(time.hostMs(obsMs) / 1000),
    uv: null,
    winddir: windDirDeg,
    humidity: Math.round(100 * Math.exp((dewpointC - tempC) * 0.063)),
    qcStatus: n === TOO_WARM ? 0 : n % 3 === 0 ? -1 : 1,
    [units.name]: {
      temp: isNull ? null : shown(units.temp(celsius)),
      heatIndex: null,
      dewpt: shown(units.temp(dewpointC + offC)),
      windChill: null,
      windSpeed: shown(units.wind(windKt * 0.6 * 1.852)),
      windGust: null,
      pressure: null,
      precipRate: 0,
      precipTotal: 0,
      elev: place.elevM
    }
  }
}
