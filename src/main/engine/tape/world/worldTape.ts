import { features1m, nowcast1m, station as stationChannel, type QcState } from '../../../../shared/channels/index.ts'
import {
  OUTCOME,
  parseForecastAnswer,
  parseMetarAnswer,
  parsePwsAnswer,
  type MetarObservation,
  type Outcome,
  type Rejected
} from '../../feeds/index.ts'
import { nowcast } from '../../nowcast/index.ts'
import { emitIntegrity } from '../emit.ts'
import { eventIdsOf } from '../eventId.ts'
import { putRecord } from '../putRecord.ts'
import type { RecordWriter } from '../recordWriter.ts'
import type { EventWindows } from '../windows/eventWindows.ts'
import { featuresOf } from './features.ts'
import { isSeen, takeReport } from './metarTake.ts'
import { parseModelLine } from './modelLine.ts'
import { ageS, baseOf, nowcastInput, sourcesOf, type SourceOutlook } from './outlook.ts'
import { takeReadings } from './pwsTake.ts'
import { newStation, type StationState } from './stationState.ts'
import { zoneNamed } from './zones.ts'

const MINUTE_S = 60
/** Stations that one run may hold. A service that names more is faulty or hostile. */
const MAX_STATIONS = 256
const STATION_ID = /^[A-Z0-9]{2,12}$/
const DAY_MS = 24 * 3600_000

/** A weather answer that is announced for the next frame of a shard. */
export interface WorldRest {
  readonly kind: string
  /** Station that was asked about. */
  readonly key: string
  /** Its time zone, where the settings of the run state it. */
  readonly timeZone?: string | undefined
}

/** The weather of a run: answers of the services to observations, features and nowcasts. One for live and replay, like the books. */
export class WorldTape {
  /** Parts of answers that could not be read. */
  rejected = 0
  readonly #w: RecordWriter
  readonly #windows: EventWindows
  readonly #eventId: ReturnType<typeof eventIdsOf>
  readonly #originMs: number
  readonly #originRestNs: number
  readonly #wallStepNs: () => number
  #stations: readonly StationState[] = []

  /** @param wallStepNs by how much the wall clock was set since the run began: observations and days go by the wall clock */
  constructor(runId: string, originTsNs: bigint, writer: RecordWriter, windows: EventWindows, wallStepNs: () => number) {
    this.#w = writer
    this.#windows = windows
    this.#eventId = eventIdsOf(runId)
    this.#originMs = Number(originTsNs / 1_000_000n)
    this.#originRestNs = Number(originTsNs % 1_000_000n)
    this.#wallStepNs = wallStepNs
  }

  /** Stations in the order of meeting. */
  get stations(): readonly StationState[] {
    return this.#stations
  }

  /** Takes the body of an announced answer. @returns what became of the frame */
  take({ kind, key, timeZone }: WorldRest, buf: Uint8Array, from: number, to: number): Outcome {
    const body = buf.subarray(from, to)
    if (kind === 'metar') return this.#metar(body, key, timeZone)
    if (kind === 'model_line') return this.#modelLine(body)
    if (kind !== 'pws' && kind !== 'forecast') return OUTCOME.unknown
    const found = this.#station(key, timeZone)
    if (found === undefined) return OUTCOME.rejected
    return kind === 'pws' ? this.#pws(found, body) : this.#forecast(found, body)
  }

  /** A minute of receive time is over. @param minute Unix second of its start */
  endMinute(minute: number): void {
    const nowMs = (minute + MINUTE_S) * 1000 + this.#wallStepMs()
    for (const station of this.#stations) this.#tell(station, nowMs, minute)
  }

  /** How the sources of all stations do, as of the newest frame. */
  sources(): (SourceOutlook & { readonly stationId: string })[] {
    const nowMs = this.#nowMs()
    return this.#stations.flatMap((station) => sourcesOf(station, nowMs).map((source) => ({ stationId: station.stationId, ...source })))
  }

  /** All state; never changed afterwards. */
  save(): WorldState {
    return { stations: this.#stations, rejected: this.rejected }
  }

  restore(saved: WorldState): void {
    this.#stations = saved.stations
    this.rejected = saved.rejected
  }

  #metar(body: Uint8Array, key: string, timeZone: string | undefined): Outcome {
    const receivedMs = this.#nowMs()
    const { observations, rejected } = parseMetarAnswer(body, receivedMs)
    // Nobody asked about another station: an answer that speaks of it is old, or another's.
    const own = observations.filter(({ stationId }) => stationId === key)
    const refused: Rejected[] = [...rejected, ...observations.filter(({ stationId }) => stationId !== key).map(ofOtherStation)]
    let before: StationState | undefined
    let taken = 0
    for (const observation of own) {
      const known = this.#station(key, timeZone, observation)
      if (known === undefined) refused.push({ reason: 'too_many_stations', text: key })
      else taken++
      if (known === undefined || isSeen(known, observation)) continue
      before ??= known
      this.#replace(takeReport(this.#w, known, observation, receivedMs, (pos) => this.#idOf(pos)))
    }
    if (before !== undefined) this.#newReport(before, own)
    return this.#outcome(taken, refused)
  }

  /** After the reports of an answer: what the newest one of a station opens and causes. */
  #newReport(old: StationState, observations: readonly MetarObservation[]): void {
    const station = this.#stations.find((one) => one.id === old.id)
    if (station === undefined || station.newestMs === undefined) return
    // A correction has the time of what it corrects.
    const newest = observations.findLast((one) => one.obsTimeMs === station.newestMs)
    if (newest === undefined || isSeen(old, newest)) return
    const subject = { instrumentId: station.id, key: station.stationId }
    this.#windows.start('METAR', subject, sentenceOf(newest))
    const trigger = qcTrigger(old.qc, station.qc)
    if (trigger !== undefined)
      this.#windows.start(trigger, subject, `The reports of ${station.stationId} were ${old.qc} and are ${station.qc}.`)
    this.#tell(station, this.#nowMs(), this.#minute())
  }

  #pws(station: StationState, body: Uint8Array): Outcome {
    const { observations, rejected } = parsePwsAnswer(body)
    this.#replace(takeReadings(this.#w, station, observations, this.#nowMs(), (pos) => this.#idOf(pos)))
    return this.#outcome(observations.length, rejected)
  }

  #forecast(station: StationState, body: Uint8Array): Outcome {
    const forecast = parseForecastAnswer(body)
    // The service says nothing rather than something wrong.
    if (forecast === undefined) return body.length === 0 ? OUTCOME.decoded : OUTCOME.rejected
    const receivedMs = this.#nowMs()
    const { date } = zoneNamed(station.timeZone).at(receivedMs)
    const hours = forecast.hours.filter(({ timeMs }) => Math.abs(timeMs - receivedMs) <= 2 * DAY_MS)
    const correlationId = this.#eventId(this.#w.shard, this.#w.frameIdx)
    const next = { ...station, forecast: { hours, receivedMs, correlationId } }
    this.#replace(next)
    const before = baseOf(station, date)
    const after = baseOf(next, date)
    if (after === undefined || before?.hourlyF.every((value, i) => value === after.hourlyF[i]) === true) return OUTCOME.decoded
    if (before !== undefined) {
      const reason = `The forecast of ${station.stationId} for ${date} changed: highest ${after.maxF} °F at ${after.peakHour}:00, before ${before.maxF} °F.`
      this.#windows.start('HRRR_UPDATE', { instrumentId: station.id, key: station.stationId }, reason)
    }
    this.#tell(next, receivedMs, this.#minute())
    return OUTCOME.decoded
  }

  /** Another model's nowcast stands beside the baseline's, under its own name. */
  #modelLine(body: Uint8Array): Outcome {
    const line = parseModelLine(body)
    const station = line === undefined ? undefined : this.#station(line.stationId, undefined)
    if (line === undefined || station === undefined) return OUTCOME.rejected
    const { tmaxMeanF, tmaxSigmaF, confidence, text } = line
    const minute = this.#minute()
    putRecord(this.#w, nowcast1m, station.id, { minute, tmaxMeanF, tmaxSigmaF, confidence, qc: station.qc, model: 'external', text })
    return OUTCOME.decoded
  }

  /** Writes features and nowcast of a station as of an instant. */
  #tell(station: StationState, nowMs: number, minute: number): void {
    const features = featuresOf(station, this.#stations, nowMs)
    const pos = putRecord(this.#w, features1m, station.id, { minute, qc: station.qc, text: JSON.stringify(features) })
    const { model, tmax_mean_f: tmaxMeanF, tmax_sigma_f: tmaxSigmaF, confidence, qc: _qc, ...rest } = nowcast(nowcastInput(station, nowMs))
    putRecord(this.#w, nowcast1m, station.id, {
      minute,
      tmaxMeanF,
      tmaxSigmaF,
      confidence,
      qc: station.qc,
      model,
      text: JSON.stringify({
        ...rest,
        inputs: [...inputsOf(station, nowMs), { event_id: this.#idOf(pos), ch: 'features_1m', name: 'FEATURES', staleness_s: 0 }]
      })
    })
  }

  /** The station of this name, announced when it is new or its facts are. @returns undefined for a name that cannot be, or one too many */
  #station(stationId: string, timeZone: string | undefined, facts?: MetarObservation): StationState | undefined {
    const found = this.#stations.find((one) => one.stationId === stationId)
    if (found === undefined && (this.#stations.length >= MAX_STATIONS || !STATION_ID.test(stationId))) return undefined
    const old = found ?? newStation(this.#stations.length + 1, stationId, timeZone)
    const next = { ...old, name: facts?.name ?? old.name, lat: facts?.lat ?? old.lat, lon: facts?.lon ?? old.lon }
    if (found !== undefined && next.name === old.name && next.lat === old.lat && next.lon === old.lon) return found
    if (found === undefined) this.#stations = [...this.#stations, next]
    else this.#replace(next)
    const text = JSON.stringify({ station_id: stationId, name: next.name, time_zone: next.timeZone })
    putRecord(this.#w, stationChannel, next.id, { lat: next.lat, lon: next.lon, text })
    return next
  }

  #replace(station: StationState): void {
    this.#stations = this.#stations.map((one) => (one.id === station.id ? station : one))
  }

  /** Nothing of an answer is lost in silence: parts that could not be read are said, and an answer of such parts alone is refused. */
  #outcome(understood: number, all: readonly Rejected[]): Outcome {
    const rejected = all.filter(({ reason }) => reason !== 'expired')
    this.rejected += rejected.length
    const first = rejected[0]
    if (first === undefined) return OUTCOME.decoded
    if (understood === 0) return OUTCOME.rejected
    emitIntegrity(this.#w, 0, {
      kind: 'MALFORMED_FRAME',
      reason: 'undecodable',
      epoch: 0,
      detail: `${rejected.length} of the reports in a weather answer could not be read (${first.reason}); the others were taken.`
    })
    return OUTCOME.decoded
  }

  #idOf(pos: number): string {
    return this.#eventId(this.#w.shard, this.#w.frameIdx, pos)
  }

  /** What the host's wall clock showed at the frame, Unix ms. */
  #nowMs(): number {
    return this.#receivedMs() + this.#wallStepMs()
  }

  /** The minute of receive time that runs, Unix second of its start. */
  #minute(): number {
    return Math.floor(this.#receivedMs() / 1000 / MINUTE_S) * MINUTE_S
  }

  #receivedMs(): number {
    return this.#originMs + Math.floor((this.#w.recvRelNs + this.#originRestNs) / 1e6)
  }

  #wallStepMs(): number {
    return Math.round(this.#wallStepNs() / 1e6)
  }
}

/** What a keyframe keeps of the weather. */
export interface WorldState {
  readonly stations: readonly StationState[]
  readonly rejected: number
}

function inputsOf({ report, cluster, forecast }: StationState, nowMs: number): object[] {
  const inputs: object[] = []
  if (report !== undefined) {
    const staleness = ageS(nowMs, report.observation.obsTimeMs)
    inputs.push({ event_id: report.eventId, ch: 'metar_obs', name: 'METAR', staleness_s: staleness })
  }
  if (cluster !== undefined) {
    inputs.push({ event_id: cluster.eventId, ch: 'pws_cluster', name: 'PWS', staleness_s: ageS(nowMs, cluster.newestMs) })
  }
  if (forecast !== undefined) {
    inputs.push({
      correlation_id: forecast.correlationId,
      ch: 'frame_raw',
      name: 'FORECAST',
      staleness_s: ageS(nowMs, forecast.receivedMs)
    })
  }
  return inputs
}

function ofOtherStation({ stationId }: MetarObservation): Rejected {
  return { reason: 'other_station', text: stationId }
}

function qcTrigger(before: QcState, after: QcState): 'QC_OUTLIER' | 'QC_CHANGE' | undefined {
  if (before === after) return undefined
  return after === 'OUTLIER' ? 'QC_OUTLIER' : 'QC_CHANGE'
}

function sentenceOf({ stationId, kind, corrected, tempC, tempSource }: MetarObservation): string {
  const temp = tempC === undefined ? 'without a temperature' : `${tempC} °C${tempSource === 'body' ? ' (whole degrees)' : ''}`
  return `${corrected ? 'Corrected ' : ''}${kind} of ${stationId}: ${temp}.`
}
