import type { CaptureConfig } from '../config.ts'
import { placeOf, statedZone, stationId } from './checkWorld.ts'
import type { CaptureSecrets } from './secrets.ts'

export const WORLD_KINDS = ['metar', 'pws', 'forecast'] as const
export type WorldKind = (typeof WORLD_KINDS)[number]

/** One address that is asked again and again. */
export interface WorldTarget {
  readonly kind: WorldKind
  /** The airport station that the answer is kept under. */
  readonly station: string
  /** Without the key; this is what is written. */
  readonly url: string
  /** Added to `url` when asking. */
  readonly secretQuery: string
  readonly intervalMs: number
  /** Where the settings state one. */
  readonly timeZone?: string | undefined
}

/** Reports of the last hours are asked for again and again, so that a late one or a correction is not missed. */
const METAR_HOURS = 3
const HOURLY = 'temperature_2m,cloud_cover,shortwave_radiation,wind_speed_10m,wind_direction_10m'

/** What the settings ask for. Private stations need the key. */
export function worldTargets(config: CaptureConfig, { pwsKey }: CaptureSecrets): WorldTarget[] {
  const { worldMetarIntervalSeconds, worldPwsIntervalSeconds, worldForecastIntervalSeconds } = config
  const places = config.worldStations.flatMap((text) => placeOf(text) ?? [])
  const metars = places.map(({ id }) => ({
    ...target('metar', id, worldMetarIntervalSeconds),
    url: address(config.worldMetarBaseUrl, '/api/data/metar', { ids: id, format: 'json', hours: METAR_HOURS })
  }))
  const readings = config.worldPwsStations.map((text) => ({
    ...target('pws', stationId(text), worldPwsIntervalSeconds),
    url: address(config.worldPwsBaseUrl, '/v2/pws/observations/current', {
      stationId: text.slice(text.indexOf(':') + 1),
      format: 'json',
      units: 'm',
      numericPrecision: 'decimal'
    }),
    secretQuery: `&${new URLSearchParams({ apiKey: pwsKey ?? '' }).toString()}`
  }))
  const forecasts = places.map(({ id, lat, lon }) => ({
    ...target('forecast', id, worldForecastIntervalSeconds),
    url: address(config.worldForecastBaseUrl, '/v1/forecast', {
      latitude: lat,
      longitude: lon,
      hourly: HOURLY,
      timeformat: 'unixtime',
      timezone: 'UTC',
      past_days: 1,
      forecast_days: 3
    })
  }))
  return [...metars, ...(pwsKey === undefined ? [] : readings), ...forecasts]
    .filter(({ intervalMs }) => intervalMs > 0)
    .map((one) => ({ ...one, timeZone: statedZone(config, one.station) }))
}

function target(kind: WorldKind, station: string, seconds: number | null): Omit<WorldTarget, 'url'> {
  return { kind, station, secretQuery: '', intervalMs: (seconds ?? 0) * 1000 }
}

function address(base: string, path: string, query: Record<string, string | number>): string {
  const fields = Object.entries(query).map(([name, value]) => [name, String(value)])
  return `${base.replace(/\/$/, '')}${path}?${new URLSearchParams(fields).toString().replaceAll('%2C', ',')}`
}
