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
import { placeKey, type Place } from './place.ts'
import { RecordScan } from './recordScan.ts'
import type { RunFacts } from './runTape.ts'
import type { SeekIndex } from './seekIndex.ts'

const CHANNELS = [metarObs, pwsCluster, features1m, nowcast1m] as const
/** What a nowcast calls an input that came as a frame and made no event. */
const FRAME = 'frame_raw'
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

/** What tells what was known as of `relNs`: the newest then, and the newest when each of its nowcasts was made. By station, then time. */
export function inputPlaces(jumps: JumpIndex, relNs: number): Place[] {
  const newest = newestPlaces(jumps, relNs)
  const behind = newest
    .filter(({ wireId }) => wireId === nowcast1m.wireId)
    .flatMap((made) => newestPlaces(jumps, made.relNs).filter(({ instrumentId }) => instrumentId === made.instrumentId))
  const places = new Map([...behind, ...newest].map((place) => [placeKey(place), place]))
  return [...places.values()].toSorted((a, b) => a.instrumentId - b.instrumentId || a.relNs - b.relNs)
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
  const places = inputPlaces(index.jumps, relNs)
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

/** What these records say as of `relNs`; of each kind the last one holds. */
export function inputsOf(relNs: number, seen: Iterable<WorldRecord>): PlayheadInputs {
  const byStation = new Map<string, Map<string, AgedEvent>>()
  const receivedRelNs = new Map<string, number>()
  for (const { bytes, context, recvShiftNs } of seen) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const channel = CHANNELS.find(({ wireId }) => wireId === view.getUint8(4))!
    const record = decodeRecord(channel, view, 0) as TapeRecord
    const event = JSON.parse(eventJson(channel, record as never, context)) as Record<string, unknown>
    const stationId = context.instrument(record.instrumentId)?.stationId ?? ''
    const own = byStation.get(stationId) ?? new Map<string, AgedEvent>()
    const name = record.ch === nowcast1m.name ? `${NOWCAST_OF}${record.model}` : channel.name
    const recvRelNs = record.recvRelNs + recvShiftNs
    receivedRelNs.set(textOf(event['event_id']), recvRelNs)
    byStation.set(stationId, own.set(name, { event, ageS: seconds(relNs - recvRelNs) }))
  }
  return {
    relNs,
    stations: [...byStation].map(([stationId, own]) => stationInputs(stationId, own, { relNs, receivedRelNs }))
  }
}

interface Received {
  readonly relNs: number
  /** When the events of these ids came. */
  readonly receivedRelNs: ReadonlyMap<string, number>
}

function stationInputs(stationId: string, own: ReadonlyMap<string, AgedEvent>, received: Received): StationInputs {
  const features = own.get(features1m.name)
  return {
    stationId,
    // The models in the order of their numbers: the baseline first.
    nowcasts: nowcast1m.fields.model.values!.flatMap((model) => {
      const nowcast = own.get(`${NOWCAST_OF}${model}`)
      return nowcast === undefined
        ? []
        : [{ model, correlationId: textOf(nowcast.event['correlation_id']), nowcast, inputs: nowcastInputs(nowcast, received) }]
    }),
    ...(features !== undefined && { features }),
    observations: [own.get(metarObs.name), own.get(pwsCluster.name)].flatMap((event) => (event === undefined ? [] : [event]))
  }
}

/** The list that the nowcast itself gives. */
function nowcastInputs({ event, ageS }: AgedEvent, { relNs, receivedRelNs }: Received): NowcastInput[] {
  const data = event['data'] as Record<string, unknown> | undefined
  const apart = data?.['nowcast'] as Record<string, unknown> | undefined
  const listed = data?.['inputs'] ?? apart?.['inputs']
  if (!Array.isArray(listed)) return []
  return listed.map((item: Record<string, unknown>) => {
    const staleness = typeof item['staleness_s'] === 'number' ? item['staleness_s'] : undefined
    const atPlayheadS = staleness === undefined ? undefined : seconds((staleness + ageS) * 1e9)
    const eventId = textOf(item['event_id'])
    const ch = textOf(item['ch'])
    // A frame has no event of its own. Its age counts whole seconds since it came: a second later it is there for certain.
    const frameRelNs = ch === FRAME && atPlayheadS !== undefined ? Math.min(relNs, Math.round(relNs - (atPlayheadS - 1) * 1e9)) : undefined
    const recvRelNs = receivedRelNs.get(eventId) ?? frameRelNs
    return {
      eventId,
      ch,
      name: textOf(item['name']),
      ...(recvRelNs !== undefined && { recvRelNs }),
      ...(staleness !== undefined && { stalenessS: staleness, atPlayheadS: atPlayheadS! })
    }
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function seconds(ns: number): number {
  return Math.round(ns / 1e6) / 1e3
}
