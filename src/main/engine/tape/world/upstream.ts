import { ageS } from './outlook.ts'
import type { StationState } from './stationState.ts'

/** A station lies upwind when the direction to it and that of the wind differ by no more, degrees. */
const UPWIND_DEG = 60
/** An older report says nothing of the air that comes, s. */
const FRESH_S = 2 * 3600
const RADIANS = Math.PI / 180

/** What comes with the wind: reports of the run's other stations on the side from which it blows. */
export interface Upstream {
  /** Mean of their temperatures minus the station's own, °F. */
  readonly deltaF: number
  readonly stations: number
  /** Time of the oldest report in it, Unix ms. */
  readonly sinceMs: number
}

/** @returns undefined when there is no wind with a direction, no place, or no other station upwind with a fresh report */
export function upstreamOf(station: StationState, all: readonly StationState[], nowMs: number): Upstream | undefined {
  const { report } = station
  const windDirDeg = report?.observation.windDirDeg
  if (report === undefined || windDirDeg === undefined || report.observation.windSpeedKt === 0) return undefined
  const upwind = all.flatMap((other) => {
    const bearing = other.id === station.id ? undefined : bearingDeg(station, other)
    const isUpwind = bearing !== undefined && Math.abs(((bearing - windDirDeg + 540) % 360) - 180) <= UPWIND_DEG
    return isUpwind && other.report !== undefined && ageS(nowMs, other.report.observation.obsTimeMs) <= FRESH_S ? [other.report] : []
  })
  if (upwind.length === 0) return undefined
  const mean = upwind.reduce((sum, { tempF }) => sum + tempF, 0) / upwind.length
  const times = [report, ...upwind].map(({ observation }) => observation.obsTimeMs)
  return { deltaF: mean - report.tempF, stations: upwind.length, sinceMs: Math.min(...times) }
}

/** Direction from one place to another along the great circle, degrees from north. */
function bearingDeg(from: Place, to: Place): number | undefined {
  if (from.lat === undefined || from.lon === undefined || to.lat === undefined || to.lon === undefined) return undefined
  const [a, b, across] = [from.lat * RADIANS, to.lat * RADIANS, (to.lon - from.lon) * RADIANS]
  const east = Math.sin(across) * Math.cos(b)
  const north = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(across)
  return (Math.atan2(east, north) / RADIANS + 360) % 360
}

type Place = Pick<StationState, 'lat' | 'lon'>
