import type { AgedEvent, ModelNowcast, NowcastInput, PlayheadInputs, StationInputs } from '../../../shared/api/index.ts'
import {
  decodeRecord,
  eventJson,
  features1m,
  InstrumentTable,
  isJsonObject,
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
import { placeAt, type Place } from './place.ts'
import { RecordScan } from './recordScan.ts'
import type { RunFacts } from './runTape.ts'
import type { SeekIndex } from './seekIndex.ts'

const CHANNELS = [metarObs, pwsCluster, features1m, nowcast1m] as const
/** What a nowcast calls an input that came as a frame and made no event. */
const FRAME = 'frame_raw'
/** Events of a station that are looked at for the one that a nowcast names: many days of them. */
const MAX_LOOKED_AT = 10_000

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
  if (places.length === 0) return { relNs, stations: [] }
  const scan = new RecordScan(index, run)
  try {
    const records = scan.records(places)
    return inputsOf(
      index.jumps,
      relNs,
      records.map((bytes) => ({ place: placeAt(new DataView(bytes.buffer), 0), bytes, context, hasOwn: () => true }))
    )
  } finally {
    scan.close()
  }
}

/** A record of a weather channel, where its index has it, and what its numbers stand for. */
export interface WorldRecord {
  readonly place: Place
  readonly bytes: Uint8Array
  readonly context: EventContext
  /** Whether its run has a record of a place: the twin of one in another run has the same frame and position, and so the id for which it is looked. */
  hasOwn(place: Place): boolean
}

/** What is told of one station: its events by channel, and what its models said by their names. */
interface Told {
  readonly events: Map<string, AgedEvent>
  readonly nowcasts: Map<string, ModelNowcast>
}

/** What these newest records say as of `relNs`. */
export function inputsOf(jumps: JumpIndex, relNs: number, seen: Iterable<WorldRecord>): PlayheadInputs {
  const byStation = new Map<string, Told>()
  for (const one of seen) {
    const { place, bytes, context } = one
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const channel = CHANNELS.find(({ wireId }) => wireId === place.wireId)!
    const record = decodeRecord(channel, view, 0) as TapeRecord
    const event = JSON.parse(eventJson(channel, record as never, context)) as Record<string, unknown>
    const stationId = context.instrument(record.instrumentId)?.stationId ?? ''
    const told = byStation.get(stationId) ?? { events: new Map(), nowcasts: new Map() }
    byStation.set(stationId, told)
    const aged = { event, ageS: seconds(relNs - place.relNs) }
    if (record.ch !== nowcast1m.name) told.events.set(channel.name, aged)
    else {
      const { model } = record
      const correlationId = textOf(event['correlation_id'])
      const listed = listedInputs(event)
      const cameRelNs = new Map(
        [...Map.groupBy(listed, ({ ch }) => ch)].flatMap(([ch, some]) => [...receivedRelNs(jumps, one, ch, new Set(some.map(idOf)))])
      )
      const inputs = listed.map((input) => inputAt(input, aged.ageS, relNs, cameRelNs.get(input.eventId)))
      told.nowcasts.set(model, { model, correlationId, nowcast: aged, inputs })
    }
  }
  return { relNs, stations: [...byStation].map(([stationId, told]) => stationInputs(stationId, told)) }
}

function stationInputs(stationId: string, { events, nowcasts }: Told): StationInputs {
  const features = events.get(features1m.name)
  return {
    stationId,
    // The models in the order of their numbers: the baseline first.
    nowcasts: nowcast1m.fields.model.values!.flatMap((model) => nowcasts.get(model) ?? []),
    ...(features !== undefined && { features }),
    observations: [events.get(metarObs.name), events.get(pwsCluster.name)].flatMap((event) => event ?? [])
  }
}

/** When events of a channel were received that a nowcast names by their ids; those that are not among the ones before it are left out. */
function receivedRelNs({ world }: JumpIndex, made: WorldRecord, ch: string, eventIds: ReadonlySet<string>): Map<string, number> {
  const came = new Map<string, number>()
  const { relNs: madeRelNs, instrumentId } = made.place
  const wireId = CHANNELS.find(({ name }) => name === ch)?.wireId
  if (wireId === undefined) return came
  for (let i = firstAbove(world.relNs, madeRelNs) - 1, looked = 0; i >= 0 && looked < MAX_LOOKED_AT && came.size < eventIds.size; i--) {
    if (world.wireId[i] !== wireId || world.station[i] !== instrumentId) continue
    looked++
    const eventId = made.context.eventId(world.shard[i]!, world.frameIdx[i]!, world.pos[i])
    if (!eventIds.has(eventId) || came.has(eventId)) continue
    const relNs = world.relNs[i]!
    if (made.hasOwn({ relNs, wireId, instrumentId, model: world.model[i]! })) came.set(eventId, relNs)
  }
  return came
}

/** An input as a nowcast lists it. */
interface ListedInput {
  readonly eventId: string
  readonly ch: string
  readonly name: string
  readonly stalenessS: number | undefined
}

const idOf = ({ eventId }: ListedInput): string => eventId

/** The list that the nowcast itself gives. That of an outside model may hold anything: what is no object is no input. */
function listedInputs(event: Record<string, unknown>): ListedInput[] {
  const data = event['data'] as Record<string, unknown> | undefined
  const apart = data?.['nowcast'] as Record<string, unknown> | null | undefined
  const listed = data?.['inputs'] ?? apart?.['inputs']
  if (!Array.isArray(listed)) return []
  return listed.filter(isJsonObject).map((item) => ({
    eventId: textOf(item['event_id']),
    ch: textOf(item['ch']),
    name: textOf(item['name']),
    stalenessS: typeof item['staleness_s'] === 'number' ? item['staleness_s'] : undefined
  }))
}

/** An input of a nowcast that is `ageS` old. @param cameRelNs when its event was received, if that is known */
function inputAt({ stalenessS, ...named }: ListedInput, ageS: number, relNs: number, cameRelNs: number | undefined): NowcastInput {
  const atPlayheadS = stalenessS === undefined ? undefined : seconds((stalenessS + ageS) * 1e9)
  const recvRelNs = named.ch === FRAME && atPlayheadS !== undefined ? frameRelNs(relNs, atPlayheadS) : cameRelNs
  return {
    ...named,
    ...(recvRelNs !== undefined && { recvRelNs }),
    ...(stalenessS !== undefined && { stalenessS, atPlayheadS: atPlayheadS! })
  }
}

/** A frame has no event of its own. Its age counts whole seconds since it came: a second later it is there for certain. */
function frameRelNs(relNs: number, ageS: number): number | undefined {
  const cameRelNs = Math.min(relNs, Math.round(relNs - (ageS - 1) * 1e9))
  return cameRelNs >= 0 ? cameRelNs : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function seconds(ns: number): number {
  return Math.round(ns / 1e6) / 1e3
}
