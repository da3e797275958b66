import { fahrenheit1, LocalTime } from '../../../../shared/world/index.ts'
import {
  baseForecastOf,
  metarStatus,
  newDay,
  type BaseForecast,
  type DayState,
  type NowcastInput,
  type PwsInput,
  type SourceStatus
} from '../../nowcast/index.ts'
import type { StationState } from './stationState.ts'
import { zoneNamed } from './zones.ts'

const HOUR_MS = 3600_000
const newYork = new LocalTime('America/New_York')
const madrid = new LocalTime('Europe/Madrid')
/** Readings of Weather Underground carry no other network's name. */
const NO_SHARES = { synoptic: 0, madis: 0, openMeteo: 0 } as const

const bases = new WeakMap<object, Map<string, BaseForecast | undefined>>()

/** The forecast of a settlement day; made once for each forecast and day. */
export function baseOf({ forecast, timeZone }: StationState, date: string): BaseForecast | undefined {
  if (forecast === undefined) return undefined
  const known = bases.get(forecast) ?? new Map<string, BaseForecast | undefined>()
  bases.set(forecast, known)
  if (!known.has(date)) known.set(date, baseForecastOf(forecast.hours, date, zoneNamed(timeZone), 'OPEN_METEO', forecast.receivedMs))
  return known.get(date)
}

/** The settlement day as it stands; an empty one when the station has said nothing of it. */
export function dayOf(station: StationState, date: string): DayState {
  return station.day.date === date ? station.day : newDay(date)
}

/** What the model may know of a station at an instant. */
export function nowcastInput(station: StationState, nowMs: number): NowcastInput {
  const { cluster, report } = station
  const local = zoneNamed(station.timeZone).at(nowMs)
  return {
    nowMs,
    stationId: station.stationId,
    date: local.date,
    hour: local.hour,
    newYorkAhead: (newYork.at(nowMs).offsetMs - local.offsetMs) / HOUR_MS,
    madridAhead: (madrid.at(nowMs).offsetMs - local.offsetMs) / HOUR_MS,
    day: dayOf(station, local.date),
    metar: report === undefined ? undefined : { tempF: report.tempF, ageS: ageS(nowMs, report.observation.obsTimeMs) },
    qc: station.qc,
    base: baseOf(station, local.date),
    pws: cluster === undefined ? undefined : pwsInput(station, cluster, nowMs),
    sources: sourcesOf(station, nowMs)
  }
}

function pwsInput(station: StationState, cluster: NonNullable<StationState['cluster']>, nowMs: number): PwsInput {
  return {
    medianF: fahrenheit1(cluster.medianC),
    ageS: ageS(nowMs, cluster.newestMs),
    support: cluster.support,
    driftC: station.driftC,
    shares: NO_SHARES
  }
}

/** How a source of a station does at an instant. */
export interface SourceOutlook {
  readonly name: 'METAR' | 'FORECAST' | 'PWS'
  readonly status: SourceStatus
  /** Seconds since the time that its newest word is about; of a forecast, since it came. */
  readonly ageS: number | undefined
  /** Seconds from that time to when the word came; a forecast states no such time. */
  readonly latencyS: number | undefined
}

/** Sources of the station. Reports and forecasts are asked for at every station; personal stations count from when they were first heard. */
export function sourcesOf({ report, cluster, forecast }: StationState, nowMs: number): SourceOutlook[] {
  const reportS = report === undefined ? undefined : ageS(nowMs, report.observation.obsTimeMs)
  const latencyS = report === undefined ? undefined : ageS(report.receivedMs, report.observation.obsTimeMs)
  const forecastS = forecast === undefined ? undefined : ageS(nowMs, forecast.receivedMs)
  const forecastStatus = forecastS === undefined ? 'NO_DATA' : statusBy(forecastS, 6 * 3600, 24 * 3600)
  const sources: SourceOutlook[] = [
    { name: 'METAR', status: metarStatus(reportS), ageS: reportS, latencyS },
    { name: 'FORECAST', status: forecastStatus, ageS: forecastS, latencyS: undefined }
  ]
  if (cluster === undefined) return sources
  const { newestMs, receivedMs } = cluster
  const pwsS = ageS(nowMs, newestMs)
  return [...sources, { name: 'PWS', status: statusBy(pwsS, 1800, 3600), ageS: pwsS, latencyS: ageS(receivedMs, newestMs) }]
}

function statusBy(age: number, staleS: number, deadS: number): SourceStatus {
  return age > deadS ? 'DEAD' : age > staleS ? 'STALE' : 'OK'
}

/** Seconds since an instant, never less than zero: clocks of stations run ahead. */
export function ageS(nowMs: number, sinceMs: number): number {
  return Math.max(0, Math.round((nowMs - sinceMs) / 1000))
}
