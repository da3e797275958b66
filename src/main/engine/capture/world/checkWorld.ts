import { StudioError } from '../../../../shared/errors.ts'
import { isTimeZone } from '../../../../shared/world/index.ts'
import { knownStation } from '../../feeds/index.ts'
import type { CaptureConfig } from '../config.ts'
import { isOnThisMachine } from './thisMachine.ts'

export interface Place {
  readonly id: string
  readonly lat: number
  readonly lon: number
}

/** Below it a stranger's service would be asked impolitely, and its answers change no faster. */
const POLITE_SECONDS = { metar: 30, pws: 30, forecast: 600 } as const

/** Addresses of the weather services that a run asks. */
export function worldAddresses(config: CaptureConfig): Readonly<Record<string, string>> {
  const { worldStations, worldPwsStations, worldMetarBaseUrl, worldPwsBaseUrl, worldForecastBaseUrl } = config
  if (worldStations.length === 0) return {}
  return { worldMetarBaseUrl, worldForecastBaseUrl, ...(worldPwsStations.length === 0 ? {} : { worldPwsBaseUrl }) }
}

/** A station with its place: as given, else as known. */
export function placeOf(text: string): Place | undefined {
  const [id = '', lat, lon] = text.split(':')
  return lat === undefined || lon === undefined ? knownStation(id) : { id, lat: Number(lat), lon: Number(lon) }
}

/** @throws StudioError CONFIG_INVALID for stations without a place, private stations of no station, and impolite intervals */
export function checkWorld(config: CaptureConfig): void {
  const ids = config.worldStations.map(stationId)
  for (const text of config.worldStations) checkPlace(text)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw new StudioError('CONFIG_INVALID', `Setting world_stations names ${twice} twice. Name each station once.`)
  const stray = config.worldPwsStations.find((text) => !ids.includes(stationId(text)))
  if (stray !== undefined)
    throw new StudioError(
      'CONFIG_INVALID',
      `Setting world_pws_stations has "${stray}", but ${stationId(stray)} is not in world_stations. Add it there, or leave the private station out.`
    )
  for (const text of config.worldStationTimeZones) checkZone(text, ids)
  if (ids.length === 0) return
  checkPace('world_metar', config.worldMetarBaseUrl, config.worldMetarIntervalSeconds, POLITE_SECONDS.metar)
  checkPace('world_pws', config.worldPwsBaseUrl, config.worldPwsIntervalSeconds, POLITE_SECONDS.pws)
  checkPace('world_forecast', config.worldForecastBaseUrl, config.worldForecastIntervalSeconds, POLITE_SECONDS.forecast)
}

/** The time zone that the settings state for a station. */
export function statedZone({ worldStationTimeZones }: CaptureConfig, id: string): string | undefined {
  return worldStationTimeZones.find((text) => text.startsWith(`${id}=`))?.slice(id.length + 1)
}

function checkZone(text: string, ids: readonly string[]): void {
  const [id = '', zone = ''] = text.split('=')
  if (!ids.includes(id))
    throw new StudioError(
      'CONFIG_INVALID',
      `Setting world_station_time_zones has "${text}", but ${id} is not in world_stations. Add it there, or leave the time zone out.`
    )
  if (!isTimeZone(zone))
    throw new StudioError(
      'CONFIG_INVALID',
      `Setting world_station_time_zones has "${text}", but there is no time zone ${zone}. A name such as America/Denver is expected.`
    )
}

/** The airport station that a station's or a private station's text names. */
export function stationId(text: string): string {
  return (text.split(':', 1)[0] ?? '').toUpperCase()
}

function checkPlace(text: string): void {
  const place = placeOf(text)
  if (place === undefined)
    throw new StudioError(
      'CONFIG_INVALID',
      `Setting world_stations names ${text}, whose place is not known here. Give its latitude and longitude, for example ${text}:40.78:-73.88.`
    )
  if (Math.abs(place.lat) > 90 || Math.abs(place.lon) > 180)
    throw new StudioError(
      'CONFIG_INVALID',
      `Setting world_stations has "${text}", but a latitude of -90 to 90 and a longitude of -180 to 180 are expected.`
    )
}

function checkPace(name: string, url: string, seconds: number | null, least: number): void {
  if (seconds === null || seconds >= least || isOnThisMachine(url)) return
  throw new StudioError(
    'CONFIG_INVALID',
    `Setting ${name}_interval_seconds is ${seconds}, but at least ${least} is allowed for a service that is not on this machine: ${new URL(url).origin}`
  )
}
