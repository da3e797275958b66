import { metarObs } from '../../../../shared/channels/index.ts'
import {
  bodyRule,
  fahrenheit1,
  hardRules,
  judgeAligned,
  spatialRule,
  timeRule,
  verdictOf,
  wholeDegreeIntervalF,
  type Verdict
} from '../../../../shared/world/index.ts'
import type { MetarObservation } from '../../feeds/index.ts'
import { newDay, withReport } from '../../nowcast/index.ts'
import { putRecord } from '../putRecord.ts'
import type { RecordWriter } from '../recordWriter.ts'
import { baseOf } from './outlook.ts'
import type { StationState } from './stationState.ts'
import { zoneNamed } from './zones.ts'

/** A cluster and a report that are further apart in time say nothing of each other. */
const TOGETHER_MS = 30 * 60_000
/** Reports that are remembered, so that an answer that repeats them gives no second event. */
const MAX_SEEN = 1000

/** The key under which a report is the same report. */
function keyOf({ obsTimeMs, raw }: MetarObservation): string {
  return `${obsTimeMs} ${raw}`
}

export function isSeen(station: StationState, observation: MetarObservation): boolean {
  return station.seen.has(keyOf(observation))
}

/** Writes a report that is new. @returns the station behind it */
export function takeReport(
  w: RecordWriter,
  station: StationState,
  observation: MetarObservation,
  receivedMs: number,
  idOf: (pos: number) => string
): StationState {
  const time = timeRule(observation.obsTimeMs, receivedMs)
  const { tempC, dewpointC, bodyTempC } = observation
  const verdict = verdictOf([hardRules(tempC, dewpointC), bodyRule(tempC, bodyTempC), spatialVerdict(station, observation), time])
  const pos = putReport(w, station.id, observation, verdict)
  const seen = new Set([...station.seen, keyOf(observation)].slice(-MAX_SEEN))
  // A report whose time cannot be says nothing of the station: with a time ahead of all others it would be the newest for ever.
  if (time.flags.length > 0) return { ...station, seen }
  const newest = station.newestMs === undefined || observation.obsTimeMs >= station.newestMs
  const next = newest ? { ...station, seen, newestMs: observation.obsTimeMs, qc: verdict.qc } : { ...station, seen }
  if (observation.tempC === undefined || verdict.qc === 'SEVERE' || verdict.qc === 'OUTLIER') return next
  return usable(next, observation, receivedMs, observation.tempC, verdict.qc === 'OK', idOf(pos))
}

/** The report is fit for the model. */
function usable(
  station: StationState,
  observation: MetarObservation,
  receivedMs: number,
  tempC: number,
  certain: boolean,
  eventId: string
): StationState {
  const { obsTimeMs } = observation
  const tempF = fahrenheit1(tempC)
  const local = zoneNamed(station.timeZone).at(obsTimeMs)
  const current = local.date > station.day.date ? newDay(local.date) : station.day
  // What comes after its day is over changes nothing of the day that runs.
  const counts = current.date === local.date
  const said = { obsTimeMs, tempF, alignedF: judgeAligned(tempC), certain, hour: local.hour }
  const day = counts ? withReport(current, said, baseOf(station, local.date)) : station.day
  const old = station.report
  if (old !== undefined && obsTimeMs < old.observation.obsTimeMs) return { ...station, day }
  const { cluster } = station
  const together = cluster !== undefined && Math.abs(cluster.newestMs - obsTimeMs) <= TOGETHER_MS
  return {
    ...station,
    day,
    report: { observation, tempF, receivedMs, eventId },
    driftC: together ? cluster.medianC - tempC : station.driftC
  }
}

/** A station without personal stations around it has no neighbours to be compared with. */
function spatialVerdict({ cluster }: StationState, { tempC, obsTimeMs }: MetarObservation): Verdict {
  if (cluster === undefined || tempC === undefined || Math.abs(cluster.newestMs - obsTimeMs) > TOGETHER_MS) return { qc: 'OK', flags: [] }
  return spatialRule(tempC, cluster)
}

function putReport(w: RecordWriter, stationNumber: number, observation: MetarObservation, { qc, flags }: Verdict): number {
  const { tempC, bodyTempC, tempSource, raw, sky, visibilityMi, altimeterHpa } = observation
  const interval = tempSource === 'body' && tempC !== undefined ? wholeDegreeIntervalF(tempC) : undefined
  const tempF = tempC === undefined ? undefined : fahrenheit1(tempC)
  return putRecord(w, metarObs, stationNumber, {
    tempC,
    dewpointC: observation.dewpointC,
    tempF,
    tempAligned: tempC === undefined ? undefined : judgeAligned(tempC),
    tempSource,
    tempFLow: interval?.low,
    tempFHigh: interval?.high,
    windDirDeg: observation.windDirDeg,
    windSpeedKt: observation.windSpeedKt,
    gustKt: observation.gustKt,
    kind: observation.kind,
    corrected: observation.corrected,
    qc,
    exchTsMs: observation.obsTimeMs,
    text: JSON.stringify({
      src: 'METAR',
      raw,
      body_temp_c: bodyTempC,
      body_temp_aligned: bodyTempC === undefined ? undefined : judgeAligned(bodyTempC),
      sky,
      visibility_mi: visibilityMi,
      altimeter_hpa: altimeterHpa,
      qc_flags: flags
    })
  })
}
