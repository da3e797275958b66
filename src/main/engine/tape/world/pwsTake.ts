import { pwsCluster } from '../../../../shared/channels/index.ts'
import { clusterOf, fahrenheit1, fahrenheitDifference, hardRules, timeRule } from '../../../../shared/world/index.ts'
import type { PwsObservation } from '../../feeds/index.ts'
import { putRecord } from '../putRecord.ts'
import type { RecordWriter } from '../recordWriter.ts'
import type { PwsReading, StationState } from './stationState.ts'

/** An older reading says nothing of now. */
const READING_MS = 30 * 60_000
const MAX_READINGS = 500
const SHOWN_IDS = 10
const SHOWN = 50

/** Takes the readings of an answer and writes the cluster when one of them is new. @returns the station behind it */
export function takeReadings(
  w: RecordWriter,
  station: StationState,
  observations: readonly PwsObservation[],
  receivedMs: number,
  idOf: (pos: number) => string
): StationState {
  const flags: string[] = []
  const newest = new Map(station.readings.map((reading) => [reading.pwsId, reading]))
  let news = false
  for (const { pwsId, obsTimeMs, tempC, dewpointC, qcStatus } of observations) {
    const hard = hardRules(tempC, dewpointC)
    const wrong = [
      ...timeRule(obsTimeMs, receivedMs).flags,
      ...(hard.qc === 'OK' ? [] : hard.flags),
      ...(qcStatus === 0 ? ['VENDOR_QC'] : [])
    ]
    for (const flag of wrong) flags.push(`${flag}:${pwsId}`)
    // A dew point above the temperature makes a reading uncertain, not wrong.
    const out = wrong.some((flag) => flag !== 'DEWPOINT_GT_TEMP')
    if (out || tempC === undefined || obsTimeMs <= (newest.get(pwsId)?.obsTimeMs ?? -Infinity)) {
      news ||= out
      continue
    }
    newest.delete(pwsId)
    newest.set(pwsId, { pwsId, obsTimeMs, tempC })
    news = true
  }
  const readings = [...newest.values()].filter((reading) => receivedMs - reading.obsTimeMs <= READING_MS).slice(-MAX_READINGS)
  return news ? putCluster(w, { ...station, readings }, flags, receivedMs, idOf) : { ...station, readings }
}

function putCluster(
  w: RecordWriter,
  station: StationState,
  flags: readonly string[],
  receivedMs: number,
  idOf: (pos: number) => string
): StationState {
  const cluster = clusterOf(station.readings)
  const { medianC, madC, members, outliers, qc } = cluster
  const newestMs = members.length === 0 ? undefined : Math.max(...members.map((reading) => reading.obsTimeMs))
  const pos = putRecord(w, pwsCluster, station.id, {
    medianC,
    madC,
    medianF: medianC === undefined ? undefined : fahrenheit1(medianC),
    madF: madC === undefined ? undefined : Math.round(fahrenheitDifference(madC) * 100) / 100,
    support: members.length,
    qc,
    exchTsMs: newestMs,
    text: JSON.stringify({
      pws_ids: members.slice(0, SHOWN_IDS).map((reading) => reading.pwsId),
      readings: members.slice(0, SHOWN).map(shown),
      outliers: outliers.slice(0, SHOWN).map(({ reading, score }) => ({ ...shown(reading), score: Math.round(score * 10) / 10 })),
      qc_flags: [...(qc === 'OK' ? [] : ['LOW_SUPPORT']), ...flags.slice(0, SHOWN)]
    })
  })
  const known = medianC !== undefined && madC !== undefined && newestMs !== undefined
  return { ...station, cluster: known ? { medianC, madC, support: members.length, newestMs, receivedMs, eventId: idOf(pos) } : undefined }
}

function shown({ pwsId, tempC, obsTimeMs }: PwsReading): object {
  return { pws_id: pwsId, temp_c: tempC, obs_ts_ms: obsTimeMs }
}
