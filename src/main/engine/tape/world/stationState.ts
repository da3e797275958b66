import { STATION_BASE, type QcState } from '../../../../shared/channels/index.ts'
import { zoneNamed } from './zones.ts'
import type { Forecast, MetarObservation } from '../../feeds/index.ts'
import { knownStation } from '../../feeds/index.ts'
import { newDay, type DayState } from '../../nowcast/index.ts'

/** The newest reading of one personal station. */
export interface PwsReading {
  readonly pwsId: string
  readonly obsTimeMs: number
  readonly tempC: number
}

/** The newest report that is fit for use. */
export interface UsableReport {
  readonly observation: MetarObservation
  readonly tempF: number
  /** When it came, Unix ms. */
  readonly receivedMs: number
  readonly eventId: string
}

export interface KnownCluster {
  readonly medianC: number
  readonly madC: number
  readonly support: number
  /** Time of the newest reading in it. */
  readonly newestMs: number
  /** When it was made, Unix ms. */
  readonly receivedMs: number
  readonly eventId: string
}

export interface KnownForecast {
  readonly hours: Forecast['hours']
  readonly receivedMs: number
  /** Id of the frame that brought it: there is no event of its own. */
  readonly correlationId: string
}

/** All that a tape knows of one station. Never changed: another takes its place, so a keyframe just keeps it. */
export interface StationState {
  /** Number in record headers. */
  readonly id: number
  readonly stationId: string
  readonly timeZone: string
  readonly name: string | undefined
  readonly lat: number | undefined
  readonly lon: number | undefined
  /** Reports that came already: time and text. The newest so many. */
  readonly seen: ReadonlySet<string>
  /** Time of the newest report whose time can be, fit for use or not. */
  readonly newestMs: number | undefined
  readonly qc: QcState
  readonly report: UsableReport | undefined
  readonly day: DayState
  readonly readings: readonly PwsReading[]
  readonly cluster: KnownCluster | undefined
  readonly forecast: KnownForecast | undefined
  /** Cluster minus report when both were last seen together, °C. */
  readonly driftC: number
}

/** A station that has just been met, as the `n`th of the run, from 1. @param statedZone what the log says of its time zone */
export function newStation(n: number, stationId: string, statedZone: string | undefined): StationState {
  const known = knownStation(stationId)
  return {
    id: STATION_BASE + n,
    stationId,
    timeZone: zoneNamed(statedZone, known?.timeZone).timeZone,
    name: known?.name,
    lat: known?.lat,
    lon: known?.lon,
    seen: new Set(),
    newestMs: undefined,
    qc: 'OK',
    report: undefined,
    day: newDay(''),
    readings: [],
    cluster: undefined,
    forecast: undefined,
    driftC: 0
  }
}
