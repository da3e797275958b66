import type { InstrumentFacts } from '../../../../shared/api/index.ts'
import {
  AT_INSTRUMENT,
  AT_LENGTH,
  AT_RECV,
  AT_WIRE_ID,
  getI64,
  l2Snap1s,
  STATION_BASE,
  tapeTrades,
  type ChannelName
} from '../../../../shared/channels/index.ts'
import { JumpIndex } from '../jumpIndex.ts'
import type { PlayableIndex } from '../playable.ts'
import { RunTimeline } from '../runTimeline.ts'
import { DayMoments } from './dayMoments.ts'
import { DayState, type DayMark, type DayOptions } from './dayState.ts'

/** Blocks between two marks: a seek goes through at most so many. */
const BLOCKS_A_MARK = 8
const SLICE_INSTANTS = 100_000

interface Tally {
  /** Frames with recorded events of it. */
  frames: number
  trades: number
  bookOk: boolean
  /** Receive time of the frame that was counted last. */
  lastRelNs: number
  /** Numbers of the blocks that have trades of it, ascending. */
  readonly tradeBlocks: number[]
}

/** What is known of a whole day: built from each block as soon as it is there. */
export class DayIndex implements PlayableIndex {
  readonly timeline = new RunTimeline()
  readonly jumps = new JumpIndex()
  readonly growing = false
  readonly marks: DayMark[] = []
  readonly moments: DayMoments
  done = false
  readonly #options: DayOptions
  readonly #state: DayState
  readonly #tallies: Tally[] = []
  #blocks = 0

  constructor(options: DayOptions) {
    this.#options = options
    this.moments = new DayMoments(options.spool, options.names, this.jumps)
    this.#state = new DayState({
      ...options,
      onRecords: (bytes, length) => this.#take(bytes, length),
      onView: this.timeline.addView,
      onRecorded: (run, bytes) => this.moments.take(run, bytes, this.#blocks)
    })
    this.marks.push(this.#state.mark())
  }

  get reachedRelNs(): number {
    return this.done ? Infinity : this.#state.recvRelNs
  }

  /** Reads the blocks that are new. For whoever fills the spool. */
  follow(): void {
    const { spool, names } = this.#options
    const { blocks } = spool
    for (const bytes of names.early.splice(0)) this.jumps.take(bytes, bytes.length)
    for (const announced of names.before.splice(0)) this.moments.announcedBefore(announced)
    for (; this.#blocks < blocks.length; this.#blocks++) {
      while (this.#state.advance(blocks[this.#blocks]!.lastRelNs, SLICE_INSTANTS) === SLICE_INSTANTS);
      if ((this.#blocks + 1) % BLOCKS_A_MARK === 0) this.marks.push(this.#state.mark())
    }
  }

  /** The spool is whole. */
  finish(): void {
    this.follow()
    this.#state.seconds.end(Math.max(0, this.#state.recvRelNs))
    this.done = true
  }

  /** It is filled from storage, beside the session. */
  step(): boolean {
    return false
  }

  startBefore(relNs: number): DayMark {
    return this.marks.findLast((mark) => mark.recvRelNs <= relNs) ?? this.marks[0]!
  }

  digest(): string {
    return this.#state.fingerprint.digest()
  }

  /** Events by channel that have been read. */
  counts(): Partial<Record<ChannelName, number>> {
    return this.#state.fingerprint.counts()
  }

  /** Events that have been read, without those of `health`. */
  get events(): number {
    return this.#state.fingerprint.events
  }

  instruments(): InstrumentFacts[] {
    return this.#options.names.instruments.map(({ instrumentId, venue, tokenId, marketId, name, outcome }) => {
      const { frames = 0, trades = 0, bookOk = false } = this.#tallies[instrumentId] ?? {}
      const tickE6 = this.#options.names.tickOf(instrumentId, Infinity)
      return { instrumentId, venue, tokenId, marketId, name, outcome, tickE6, frames, trades, bookOk }
    })
  }

  /** Numbers of the blocks that have trades of an instrument, ascending. */
  tradeBlocks(instrumentId: number): readonly number[] {
    return this.#tallies[instrumentId]?.tradeBlocks ?? []
  }

  #take(bytes: Uint8Array, length: number): void {
    this.jumps.take(bytes, length)
    this.timeline.addEvents(bytes, length)
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0; at < length; at += view.getUint32(at + AT_LENGTH, true)) {
      const id = view.getUint32(at + AT_INSTRUMENT, true)
      if (id === 0 || id >= STATION_BASE) continue
      const tally = (this.#tallies[id] ??= { frames: 0, trades: 0, bookOk: false, lastRelNs: NaN, tradeBlocks: [] })
      const relNs = getI64(view, at + AT_RECV)
      if (relNs !== tally.lastRelNs) tally.frames++
      tally.lastRelNs = relNs
      const wireId = view.getUint8(at + AT_WIRE_ID)
      if (wireId === l2Snap1s.wireId) tally.bookOk = view.getUint32(at + l2Snap1s.at.bookOk, true) === 1
      if (wireId !== tapeTrades.wireId) continue
      tally.trades++
      if (tally.tradeBlocks.at(-1) !== this.#blocks) tally.tradeBlocks.push(this.#blocks)
    }
  }
}
