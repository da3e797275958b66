import type { LatestEvent } from '../../../../shared/api/index.ts'
import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_POS,
  AT_RECV,
  AT_SHARD,
  AT_WIRE_ID,
  eventWindow,
  getI64,
  health,
  instrument,
  l2Snap1s,
  station
} from '../../../../shared/channels/index.ts'
import type { JumpIndex } from '../jumpIndex.ts'
import { modelAt } from '../place.ts'
import { newestPlaces } from '../playheadInputs.ts'
import { findRecords, forEach, type RecordedEvent } from './dayInputs.ts'
import type { DayNames } from './dayNames.ts'
import type { DayRun } from './dayRecords.ts'
import type { Spool } from './spool.ts'

const START = 0
/** Events of which the run is remembered. */
const MAX_REMEMBERED = 4096
/** Books of runs that were recorded at the same time are told within a second of each other. */
const SAME_MOMENT_NS = 2e9

/** The recorded events that hold at a time. */
export interface DayMoment {
  /** What the numbers of each run stand for. */
  readonly announced: readonly RecordedEvent[]
  /** The state: announcements, the newest of each channel and instrument or station, windows that are open, the newest heartbeat. */
  readonly state: readonly RecordedEvent[]
}

interface Announced extends RecordedEvent {
  readonly relNs: number
  readonly dayId: number
}

interface OpenedWindow extends RecordedEvent {
  readonly fromRelNs: number
  toRelNs: number
}

/** Knows of any time of a day which recorded events hold then. Fed with each block as soon as it is there. */
export class DayMoments {
  readonly #spool: Spool
  readonly #names: DayNames
  readonly #jumps: JumpIndex
  readonly #announced: Announced[] = []
  readonly #windows: OpenedWindow[] = []
  readonly #open = new Map<string, OpenedWindow>()
  /** Numbers of the blocks that have books, and heartbeats, ascending. */
  readonly #bookBlocks: number[] = []
  readonly #beatBlocks: number[] = []
  readonly #runsOf = new Map<string, number>()

  constructor(spool: Spool, names: DayNames, jumps: JumpIndex) {
    this.#spool = spool
    this.#names = names
    this.#jumps = jumps
  }

  announcedBefore({ run, bytes }: RecordedEvent): void {
    this.#announced.push({ run, bytes, relNs: -Infinity, dayId: this.#names.dayIdOf(run, idOf(bytes)) })
  }

  /** Takes whole records of a run as recorded, of a block. */
  take(run: number, bytes: Uint8Array, block: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0, size = 0; at < bytes.length; at += size) {
      size = view.getUint32(at + AT_LENGTH, true)
      switch (view.getUint8(at + AT_WIRE_ID)) {
        case l2Snap1s.wireId:
          if (this.#bookBlocks.at(-1) !== block) this.#bookBlocks.push(block)
          break
        case health.wireId:
          if (this.#beatBlocks.at(-1) !== block) this.#beatBlocks.push(block)
          break
        case eventWindow.wireId:
          this.#window(run, view, at, bytes.subarray(at, at + size))
          break
        case instrument.wireId:
        case station.wireId: {
          const own = bytes.slice(at, at + size)
          this.#announced.push({ run, bytes: own, relNs: this.#relNs(run, view, at), dayId: this.#names.dayIdOf(run, idOf(own)) })
        }
      }
    }
  }

  /** A pure function of the recorded events up to `relNs`, a time up to which blocks are there. */
  at(relNs: number): DayMoment {
    const known = this.#announced.filter((one) => one.relNs <= relNs)
    const ofRuns = new Map(known.map((one) => [`${one.run}/${idOf(one.bytes)}`, one]))
    const ofDay = new Map(known.map((one) => [one.dayId, one]))
    const world = newestPlaces(this.#jumps, relNs).flatMap((place) => findRecords(this.#spool, place).slice(-1))
    const newest = [...ofDay.values(), ...world, ...this.#books(relNs)].toSorted(byChannel)
    const open = this.#windows.filter(({ fromRelNs, toRelNs }) => fromRelNs <= relNs && toRelNs > relNs)
    const [beat] = this.#backwards(this.#beatBlocks, health.wireId, relNs)
    return { announced: [...ofRuns.values()], state: [...newest, ...open, ...(beat === undefined ? [] : [beat])] }
  }

  /** Number of the run that recorded an event. */
  runOf(wireId: number, place: LatestEvent, runs: readonly DayRun[]): number {
    const there = runs.filter(({ stored, firstTsNs, lastTsNs, shiftNs }) => {
      const tsNs = stored.originTsNs + BigInt(place.relNs - shiftNs)
      return tsNs >= firstTsNs && tsNs <= lastTsNs
    })
    if (there.length === 1) return there[0]!.n
    const key = `${place.relNs}/${wireId}/${place.shard}/${place.frameIdx}/${place.pos}`
    const known = this.#runsOf.get(key)
    if (known !== undefined) return known
    const run = this.#lookUpRun(wireId, place) ?? 0
    if (this.#runsOf.size >= MAX_REMEMBERED) this.#runsOf.clear()
    this.#runsOf.set(key, run)
    return run
  }

  #lookUpRun(wireId: number, { relNs, shard, frameIdx, pos }: LatestEvent): number | undefined {
    const n = this.#spool.blockAt(relNs)
    if (n >= this.#spool.blocks.length) return undefined
    const block = this.#spool.read(n)
    const { view, sections } = block
    let found: number | undefined
    forEach(block, (at) => {
      if (view.getUint8(at + AT_WIRE_ID) !== wireId || getI64(view, at + AT_RECV) !== relNs || view.getUint32(at + AT_POS, true) !== pos)
        return
      if (view.getUint16(at + AT_SHARD, true) !== shard || view.getUint32(at + AT_FRAME_IDX, true) !== frameIdx) return
      found = sections.find(({ from, to }) => at >= from && at < to)!.run
    })
    return found
  }

  /** The books of the newest second of each run that is heard at that time. */
  #books(relNs: number): RecordedEvent[] {
    const seconds = new Map<number, number>()
    const books = new Map<number, RecordedEvent>()
    let newestRelNs: number | undefined
    for (const event of this.#backwards(this.#bookBlocks, l2Snap1s.wireId, relNs)) {
      newestRelNs ??= event.relNs
      if (event.relNs < newestRelNs - SAME_MOMENT_NS) break
      const { run, bytes } = event
      const second = getI64(viewOf(bytes), l2Snap1s.at.second)
      if (!seconds.has(run)) seconds.set(run, second)
      const dayId = this.#names.dayIdOf(run, idOf(bytes))
      if (seconds.get(run) === second && !books.has(dayId)) books.set(dayId, event)
    }
    return [...books.values()]
  }

  /** Records of a channel received at or before a time, the newest first. */
  *#backwards(blocks: readonly number[], wireId: number, relNs: number): Generator<RecordedEvent & { readonly relNs: number }> {
    for (const n of blocks.toReversed()) {
      if (this.#spool.blocks[n]!.firstRelNs > relNs) continue
      const block = this.#spool.read(n)
      const { view, recorded, sections } = block
      const found: (RecordedEvent & { readonly relNs: number })[] = []
      forEach(block, (at, length) => {
        if (view.getUint8(at + AT_WIRE_ID) !== wireId) return
        const ownRelNs = getI64(view, at + AT_RECV)
        if (ownRelNs > relNs) return
        const { run } = sections.find(({ from, to }) => at >= from && at < to)!
        found.push({ run, relNs: ownRelNs, bytes: recorded.subarray(at, at + length) })
      })
      yield* found.toReversed()
    }
  }

  #window(run: number, view: DataView, at: number, bytes: Uint8Array): void {
    const { at: field } = eventWindow
    const relNs = this.#relNs(run, view, at)
    const cause = [field.causeShard, field.causeFrameIdx, field.causePos].map((offset) => view.getUint32(at + offset, true)).join('/')
    if (view.getUint32(at + field.action, true) !== START) {
      const ended = this.#open.get(`${run}/${cause}`)
      if (ended !== undefined) ended.toRelNs = relNs
      this.#open.delete(`${run}/${cause}`)
      return
    }
    const own = `${view.getUint16(at + AT_SHARD, true)}/${view.getUint32(at + AT_FRAME_IDX, true)}/${view.getUint32(at + AT_POS, true)}`
    const opened = { run, bytes: bytes.slice(), fromRelNs: relNs, toRelNs: Infinity }
    this.#windows.push(opened)
    this.#open.set(`${run}/${own}`, opened)
  }

  #relNs(run: number, view: DataView, at: number): number {
    return getI64(view, at + AT_RECV) + this.#names.shiftOf(run)
  }
}

/** Announcements first, then by channel; within one by run, number and model. */
function byChannel(a: RecordedEvent, b: RecordedEvent): number {
  const [x, y] = [wireIdOf(a.bytes), wireIdOf(b.bytes)]
  return rankOf(x) - rankOf(y) || x - y || a.run - b.run || idOf(a.bytes) - idOf(b.bytes) || modelOf(a.bytes) - modelOf(b.bytes)
}

function rankOf(wireId: number): number {
  return wireId === instrument.wireId || wireId === station.wireId ? 0 : wireId
}

function wireIdOf(bytes: Uint8Array): number {
  return viewOf(bytes).getUint8(AT_WIRE_ID)
}

/** Instrument or station number as recorded. */
function idOf(bytes: Uint8Array): number {
  return viewOf(bytes).getUint32(AT_INSTRUMENT, true)
}

function modelOf(bytes: Uint8Array): number {
  return modelAt(viewOf(bytes), 0, wireIdOf(bytes))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
