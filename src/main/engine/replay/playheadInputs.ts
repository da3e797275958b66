import type { AgedEvent, NowcastInput, PlayheadInputs, StationInputs } from '../../../shared/api/index.ts'
import {
  decodeRecord,
  eventJson,
  features1m,
  InstrumentTable,
  metarObs,
  nowcast1m,
  pwsCluster,
  station,
  type EventContext,
  type TapeRecord
} from '../../../shared/channels/index.ts'
import { eventIdsOf } from '../tape/index.ts'
import { firstAbove } from './firstAbove.ts'
import type { JumpIndex } from './jumpIndex.ts'
import type { Place } from './place.ts'
import { RecordScan } from './recordScan.ts'
import type { RunFacts } from './runTape.ts'
import type { SeekIndex } from './seekIndex.ts'

const CHANNELS = [metarObs, pwsCluster, features1m, nowcast1m] as const
const NOWCAST_OF = `${nowcast1m.name} of `

/** The newest record of each weather channel and station at or before a time; of nowcasts that of each model. */
export function newestPlaces({ world }: JumpIndex, untilRelNs: number): Place[] {
  const { relNs, wireId, station, model, kinds } = world
  const newest = new Map<string, Place>()
  for (let i = firstAbove(relNs, untilRelNs) - 1; i >= 0; i--) {
    const place = { relNs: relNs[i]!, wireId: wireId[i]!, instrumentId: station[i]!, model: model[i]! }
    const key = `${place.wireId}/${place.instrumentId}/${place.model}`
    if (!newest.has(key)) newest.set(key, place)
    if (newest.size === kinds.size) break
  }
  return [...newest.values()]
}

/** What the weather and the model said as of `relNs`: nothing that was received later is looked at. */
export function inputsAt(index: SeekIndex, run: RunFacts, relNs: number): PlayheadInputs {
  const instruments = new InstrumentTable()
  for (const { isStation, bytes } of index.jumps.announcements) {
    if (!isStation) continue
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    instruments.take(decodeRecord(station, view, 0))
  }
  const context: EventContext = { originTsNs: run.originTsNs, instrument: (id) => instruments.get(id), eventId: eventIdsOf(run.runId) }
  const places = newestPlaces(index.jumps, relNs).toSorted((a, b) => a.instrumentId - b.instrumentId)
  if (places.length === 0) return inputsOf(relNs, [])
  const scan = new RecordScan(index, run)
  try {
    return inputsOf(
      relNs,
      scan.records(places).map((bytes) => ({ bytes, context, recvShiftNs: 0 }))
    )
  } finally {
    scan.close()
  }
}

/** A record of a weather channel, and what its numbers stand for. */
export interface WorldRecord {
  readonly bytes: Uint8Array
  readonly context: EventContext
  /** Adds to its receive time to make one of the playhead's. */
  readonly recvShiftNs: number
}

/** What these newest records say as of `relNs`. */
export function inputsOf(relNs: number, seen: Iterable<WorldRecord>): PlayheadInputs {
  const byStation = new Map<string, Map<string, AgedEvent>>()
  for (const { bytes, context, recvShiftNs } of seen) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const channel = CHANNELS.find(({ wireId }) => wireId === view.getUint8(4))!
    const record = decodeRecord(channel, view, 0) as TapeRecord
    const event = JSON.parse(eventJson(channel, record as never, context)) as Record<string, unknown>
    const stationId = context.instrument(record.instrumentId)?.stationId ?? ''
    const own = byStation.get(stationId) ?? new Map<string, AgedEvent>()
    const name = record.ch === nowcast1m.name ? `${NOWCAST_OF}${record.model}` : channel.name
    byStation.set(stationId, own.set(name, { event, ageS: seconds(relNs - record.recvRelNs - recvShiftNs) }))
  }
  return {
    relNs,
    stations: [...byStation].map(([stationId, own]) => stationInputs(stationId, own))
  }
}

function stationInputs(stationId: string, own: ReadonlyMap<string, AgedEvent>): StationInputs {
  const features = own.get(features1m.name)
  return {
    stationId,
    // The models in the order of their numbers: the baseline first.
    nowcasts: nowcast1m.fields.model.values!.flatMap((model) => {
      const nowcast = own.get(`${NOWCAST_OF}${model}`)
      return nowcast === undefined
        ? []
        : [{ model, correlationId: textOf(nowcast.event['correlation_id']), nowcast, inputs: nowcastInputs(nowcast) }]
    }),
    ...(features !== undefined && { features }),
    observations: [own.get(metarObs.name), own.get(pwsCluster.name)].flatMap((event) => (event === undefined ? [] : [event]))
  }
}

/** The list that the nowcast itself gives. */
function nowcastInputs({ event, ageS }: AgedEvent): NowcastInput[] {
  const data = event['data'] as Record<string, unknown> | undefined
  const apart = data?.['nowcast'] as Record<string, unknown> | undefined
  const listed = data?.['inputs'] ?? apart?.['inputs']
  if (!Array.isArray(listed)) return []
  return listed.map((item: Record<string, unknown>) => {
    const staleness = typeof item['staleness_s'] === 'number' ? item['staleness_s'] : undefined
    return {
      eventId: textOf(item['event_id']),
      ch: textOf(item['ch']),
      name: textOf(item['name']),
      ...(staleness !== undefined && { stalenessS: staleness, atPlayheadS: seconds((staleness + ageS) * 1e9) })
    }
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function seconds(ns: number): number {
  return Math.round(ns / 1e6) / 1e3
}
