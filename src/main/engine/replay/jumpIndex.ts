import type { JumpKind, RunMarks, WindowMark } from '../../../shared/api/index.ts'
import {
  AT_FRAME_IDX,
  AT_LENGTH,
  AT_POS,
  AT_RECV,
  AT_SHARD,
  AT_WIRE_ID,
  decodeRecord,
  eventWindow,
  features1m,
  getI64,
  instrument,
  integrity,
  metarObs,
  nowcast1m,
  pwsCluster,
  station,
  INTEGRITY_KINDS,
  WINDOW_TRIGGERS
} from '../../../shared/channels/index.ts'
import { firstAbove } from './firstAbove.ts'
import { placeAt } from './place.ts'

/** Entries of one kind that a timeline is told of; a run with more has told its story by then. */
const MAX_MARKS = 2_000
/** Times of one kind that are kept. */
const MAX_TIMES = 1_000_000
const GAP = INTEGRITY_KINDS.indexOf('GAP_DETECTED')
const RESYNC = INTEGRITY_KINDS.indexOf('BOOK_RESYNC_START')
const START = 0
/** Of the sentence that a window gives; thousands of them are sent together. */
const MAX_REASON = 200

/** Kinds that the events themselves tell. */
type IndexedKind = Exclude<JumpKind, 'trade' | 'decision'>

/** What the weather said and when, to be derived again on demand: only places are kept. Parallel lists, ascending in time. */
export interface WorldPlaces {
  readonly relNs: number[]
  readonly wireId: number[]
  readonly station: number[]
  /** Number of the model of a nowcast; 0 elsewhere. */
  readonly model: number[]
  /** The frame that caused it, and its position among that frame's events: what its id is derived from. */
  readonly shard: number[]
  readonly frameIdx: number[]
  readonly pos: number[]
  /** Channel, station and model of all of them, each once. */
  readonly kinds: Set<string>
}

/** An `instrument` or `station` record. */
export interface Announcement {
  readonly relNs: number
  readonly isStation: boolean
  readonly bytes: Uint8Array
}

/** What a jump index knows, for keeping. */
export interface JumpPlaces {
  readonly times: Readonly<Record<IndexedKind, readonly number[]>>
  readonly windows: readonly WindowMark[]
}

/** @returns the first of distinct ascending times strictly beyond this one */
export function nextOf(times: readonly number[], direction: 1 | -1, fromRelNs: number): number | undefined {
  const above = firstAbove(times, fromRelNs)
  if (direction === 1) return times[above]
  return times[above - 1] === fromRelNs ? times[above - 2] : times[above - 1]
}

/** Places worth jumping to, as times of receipt (ns since the run's origin), ascending; and event windows as stretches. */
export class JumpIndex {
  readonly world: WorldPlaces = { relNs: [], wireId: [], station: [], model: [], shard: [], frameIdx: [], pos: [], kinds: new Set() }
  /** What instrument and station numbers stand for, in the order in which it was said. */
  readonly announcements: Announcement[] = []
  /** When strategies that were run over this decided something, ascending; undefined when none was run. */
  decisions: readonly number[] | undefined
  /** Rises with everything that is added. */
  version = 0
  readonly #times: Record<IndexedKind, number[]> = { metar: [], window: [], shock: [], gap: [] }
  readonly #windows: WindowMark[] = []
  /** Of the whole run, known from the recording of it. */
  #whole: JumpPlaces | undefined
  readonly #open = new Map<string, number>()
  readonly #stationIds = new Map<number, string>()

  /** Takes records of the tape. For `TapeOptions.onRecords`. */
  readonly take = (bytes: Uint8Array, length: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0, size = 0; at < length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      switch (view.getUint8(at + AT_WIRE_ID)) {
        case integrity.wireId: {
          const kind = view.getUint32(at + integrity.at.kind, true)
          if (kind === GAP || kind === RESYNC) this.#add('gap', getI64(view, at + AT_RECV))
          break
        }
        case eventWindow.wireId:
          this.#window(view, at)
          break
        case metarObs.wireId:
          this.#add('metar', getI64(view, at + AT_RECV))
          this.#world(view, at)
          break
        case pwsCluster.wireId:
        case features1m.wireId:
        case nowcast1m.wireId:
          this.#world(view, at)
          break
        case station.wireId:
          this.#station(view, at)
          this.announcements.push({ relNs: getI64(view, at + AT_RECV), isStation: true, bytes: bytes.slice(at, at + size) })
          break
        case instrument.wireId:
          this.announcements.push({ relNs: getI64(view, at + AT_RECV), isStation: false, bytes: bytes.slice(at, at + size) })
      }
    }
  }

  get windows(): readonly WindowMark[] {
    return this.#whole?.windows ?? this.#windows
  }

  /** The whole run is known already, whatever has been read of it. */
  get isWhole(): boolean {
    return this.#whole !== undefined
  }

  places(): JumpPlaces {
    return this.#whole ?? { times: this.#times, windows: this.#windows }
  }

  /** Takes what was kept of the whole run, until it has been read. */
  adopt(whole: JumpPlaces): void {
    this.#whole = whole
    this.version++
  }

  /** The run has been read: what was found holds. */
  settle(): void {
    if (this.#whole === undefined) return
    this.#whole = undefined
    this.version++
  }

  /** @returns the first time strictly beyond this one; undefined when none is known */
  find(kind: IndexedKind, direction: 1 | -1, fromRelNs: number): number | undefined {
    return nextOf(this.places().times[kind], direction, fromRelNs)
  }

  /** What a timeline draws. */
  marks(): RunMarks {
    const { metar, shock, gap } = this.places().times
    const leftOut = [metar, shock, gap, this.windows].reduce((sum, list) => sum + Math.max(0, list.length - MAX_MARKS), 0)
    return {
      metar: metar.slice(0, MAX_MARKS),
      shocks: shock.slice(0, MAX_MARKS),
      gaps: gap.slice(0, MAX_MARKS),
      windows: this.windows.slice(0, MAX_MARKS),
      leftOut
    }
  }

  #add(kind: IndexedKind, relNs: number): void {
    const times = this.#times[kind]
    if (times.at(-1) === relNs || times.length >= MAX_TIMES) return
    times.push(relNs)
    this.version++
  }

  #window(view: DataView, at: number): void {
    const { at: field } = eventWindow
    const relNs = getI64(view, at + AT_RECV)
    const key = [field.causeShard, field.causeFrameIdx, field.causePos].map((offset) => view.getUint32(at + offset, true)).join('/')
    if (view.getUint32(at + field.action, true) !== START) return this.#endWindow(key, relNs)
    const trigger = WINDOW_TRIGGERS[view.getUint32(at + field.trigger, true)] ?? 'MANUAL'
    const own = `${view.getUint16(at + AT_SHARD, true)}/${view.getUint32(at + AT_FRAME_IDX, true)}/${view.getUint32(at + AT_POS, true)}`
    this.#open.set(own, this.#windows.length)
    const { instrumentId, text } = decodeRecord(eventWindow, view, at)
    const stationId = this.#stationIds.get(instrumentId)
    const about = stationId === undefined ? { instrumentId } : { instrumentId, stationId }
    this.#windows.push({ fromRelNs: relNs, trigger, ...about, reason: text.slice(0, MAX_REASON) })
    this.#add('window', relNs)
    if (trigger === 'MID_SHOCK') this.#add('shock', relNs)
    this.version++
  }

  #station(view: DataView, at: number): void {
    const { instrumentId, text } = decodeRecord(station, view, at)
    const { station_id: stationId } = JSON.parse(text) as { station_id?: string }
    if (stationId !== undefined) this.#stationIds.set(instrumentId, stationId)
  }

  #endWindow(key: string, relNs: number): void {
    const n = this.#open.get(key)
    if (n === undefined) return
    this.#open.delete(key)
    this.#windows[n] = { ...this.#windows[n]!, toRelNs: relNs }
    this.version++
  }

  #world(view: DataView, at: number): void {
    const { world } = this
    const { relNs, wireId, instrumentId, model } = placeAt(view, at)
    world.relNs.push(relNs)
    world.wireId.push(wireId)
    world.station.push(instrumentId)
    world.model.push(model)
    world.shard.push(view.getUint16(at + AT_SHARD, true))
    world.frameIdx.push(view.getUint32(at + AT_FRAME_IDX, true))
    world.pos.push(view.getUint32(at + AT_POS, true))
    world.kinds.add(`${wireId}/${instrumentId}/${model}`)
  }
}
