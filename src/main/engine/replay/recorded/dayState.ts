import {
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_RECV,
  AT_WIRE_ID,
  decodeRecord,
  getI64,
  health,
  l2Snap1s,
  ladder
} from '../../../../shared/channels/index.ts'
import { LatestEvents } from '../latestEvents.ts'
import type { DayNames } from './dayNames.ts'
import { DayFingerprint, type DayFingerprintState } from './dayFingerprint.ts'
import { DaySeconds, type SecondsState } from './daySeconds.ts'
import type { Block, Spool } from './spool.ts'
import { bytesOf } from './viewRecord.ts'

/** A snapshot is the present book for so long; they come once a second. */
const PRESENT_NS = 2e9

/** A place between two instants, and all that depends on what came before. */
export interface DayMark {
  readonly block: number
  readonly at: number
  readonly recvRelNs: number
  readonly fingerprint: DayFingerprintState
  readonly latest: Float64Array
  readonly seconds: SecondsState
  readonly snaps: Float64Array
}

export interface DayOptions {
  readonly spool: Spool
  readonly names: DayNames
  readonly runs: readonly { readonly runId: string; readonly originTsNs: bigint }[]
  readonly originSecond: number
  readonly light: boolean
  /** Told of whole records in times and numbers of the day; valid during the call. */
  readonly onRecords?: (bytes: Uint8Array, length: number) => void
  /** Records of the screen's channels, and heartbeats. */
  readonly onView?: (bytes: Uint8Array, length: number) => void
  /** The same records as one of the runs recorded them. */
  readonly onRecorded?: (run: number, bytes: Uint8Array) => void
  readonly withoutFingerprint?: boolean
}

/** The recorded events of a day as far as they have been gone through, and what they add up to. */
export class DayState {
  readonly latest = new LatestEvents()
  readonly fingerprint: DayFingerprint
  readonly seconds: DaySeconds
  /** Receive time of the last instant that was gone through. */
  recvRelNs = -Infinity
  readonly #options: DayOptions
  #block = 0
  #at = 0
  /** The block in which it stands: whoever plays elsewhere in the day does not push it out. */
  #held: Block | undefined
  /** By instrument of the day: block and offset of its newest snapshot, NaN before the first. */
  #snaps = new Float64Array(128).fill(NaN)

  constructor(options: DayOptions) {
    this.#options = options
    this.fingerprint = new DayFingerprint(options.runs)
    this.seconds = new DaySeconds(options.names, options.originSecond, options.light, (record) => options.onView?.(record, record.length))
  }

  /** Receive time of what comes next; undefined when nothing is there yet. */
  get nextRelNs(): number | undefined {
    const block = this.#present()
    return block === undefined ? undefined : getI64(block.view, this.#at + AT_RECV)
  }

  /** Goes through whole instants received at or before `untilRelNs`, at most so many. @returns how many; fewer when the time is reached or nothing is left */
  advance(untilRelNs: number, maxInstants: number): number {
    let n = 0
    while (n < maxInstants) {
      const block = this.#present()
      if (block === undefined) break
      const went = this.#through(block, untilRelNs, maxInstants - n)
      if (went === 0) break
      n += went
    }
    return n
  }

  /** Goes through the next instant that has more than heartbeats. */
  step(): void {
    for (let isBeat = true; isBeat;) {
      const block = this.#present()
      if (block === undefined) return
      isBeat = isHeartbeat(block, this.#at)
      this.advance(Infinity, 1)
    }
  }

  mark(): DayMark {
    return {
      block: this.#block,
      at: this.#at,
      recvRelNs: this.recvRelNs,
      fingerprint: this.fingerprint.save(),
      latest: this.latest.save(),
      seconds: this.seconds.save(),
      snaps: this.#snaps.slice()
    }
  }

  restore(mark: DayMark): void {
    this.#block = mark.block
    this.#at = mark.at
    this.recvRelNs = mark.recvRelNs
    this.fingerprint.restore(mark.fingerprint)
    this.latest.restore(mark.latest)
    this.seconds.restore(mark.seconds)
    this.#snaps = mark.snaps.slice()
  }

  /** The newest snapshot of an instrument as the ladder of this time; an empty one when none is recent enough to be the present book. */
  ladder(instrumentId: number, relNs: number): Uint8Array | undefined {
    const { spool, names, light } = this.#options
    const header = { shard: 0, frameIdx: 0, pos: 0, instrumentId, recvRelNs: Math.floor(Math.max(0, relNs)) }
    const tickE6 = names.tickOf(instrumentId, relNs)
    const block = this.#snaps[2 * instrumentId] ?? NaN
    const snap = Number.isNaN(block) ? undefined : decodeRecord(l2Snap1s, spool.read(block).view, this.#snaps[2 * instrumentId + 1]!)
    if (snap === undefined || relNs - snap.recvRelNs > PRESENT_NS) {
      const levels = { bids: [], asks: [] }
      return bytesOf(ladder, { ch: 'ladder', ...header, tickE6, resyncEpochId: 0, bookOk: false, bidLevels: 0, askLevels: 0, levels })
    }
    const shown = (side: readonly number[]): number[] => side.slice(0, light ? 2 : undefined)
    const levels = { bids: shown(snap.levels.bids), asks: shown(snap.levels.asks) }
    const { seq, resyncEpochId, bookOk } = snap
    const counts = { bidLevels: levels.bids.length / 2, askLevels: levels.asks.length / 2 }
    return bytesOf(ladder, { ch: 'ladder', ...header, tickE6, seq, resyncEpochId, bookOk, ...counts, levels })
  }

  /** The block that has the next record. */
  #present(): Block | undefined {
    const { spool } = this.#options
    if (this.#block >= spool.blocks.length) return undefined
    if (this.#held?.n !== this.#block) this.#held = spool.read(this.#block)
    if (this.#at < this.#held.bytes.length) return this.#held
    this.#block++
    this.#at = 0
    return this.#present()
  }

  /** Blocks end between instants, so each instant is in one. */
  #through(block: Block, untilRelNs: number, maxInstants: number): number {
    const { view, bytes } = block
    const from = this.#at
    let at = from
    let instants = 0
    let lastRelNs = NaN
    while (at < bytes.length) {
      const relNs = getI64(view, at + AT_RECV)
      if (relNs !== lastRelNs) {
        if (relNs > untilRelNs || instants === maxInstants) break
        instants++
        lastRelNs = relNs
      }
      this.#take(block, at)
      at += view.getUint32(at + AT_LENGTH, true)
    }
    if (instants === 0) return 0
    this.#at = at
    this.recvRelNs = lastRelNs
    this.#tell(block, from, at)
    return instants
  }

  #take({ view, n, bytes }: Block, at: number): void {
    const wireId = view.getUint8(at + AT_WIRE_ID)
    this.seconds.take(view, at)
    if (wireId === l2Snap1s.wireId) this.#snapAt(view.getUint32(at + AT_INSTRUMENT, true), n, at)
    else if (wireId === health.wireId) {
      const length = view.getUint32(at + AT_LENGTH, true)
      this.#options.onView?.(bytes.subarray(at, at + length), length)
    }
  }

  #tell(block: Block, from: number, to: number): void {
    const shown = block.bytes.subarray(from, to)
    this.latest.take(shown, shown.length)
    for (const section of block.sections) {
      const start = Math.max(from, section.from)
      const end = Math.min(to, section.to)
      if (end <= start) continue
      const recorded = block.recorded.subarray(start, end)
      if (this.#options.withoutFingerprint !== true) this.fingerprint.update(section.run, recorded)
      this.#options.onRecorded?.(section.run, recorded)
    }
    this.#options.onRecords?.(shown, shown.length)
  }

  #snapAt(id: number, block: number, at: number): void {
    if (2 * id + 1 >= this.#snaps.length) {
      const grown = new Float64Array(4 * id + 2).fill(NaN)
      grown.set(this.#snaps)
      this.#snaps = grown
    }
    this.#snaps[2 * id] = block
    this.#snaps[2 * id + 1] = at
  }
}

/** True when an instant has heartbeats only. */
function isHeartbeat({ view, bytes }: Block, from: number): boolean {
  const relNs = getI64(view, from + AT_RECV)
  for (let at = from; at < bytes.length && getI64(view, at + AT_RECV) === relNs; at += view.getUint32(at + AT_LENGTH, true))
    if (view.getUint8(at + AT_WIRE_ID) !== health.wireId) return false
  return true
}
