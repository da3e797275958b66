import {
  AT_FRAME_IDX,
  AT_INSTRUMENT,
  AT_PRESENT,
  AT_RECV,
  AT_SHARD,
  AT_WIRE_ID,
  decodeRecord,
  depth1s,
  getI64,
  health,
  integrity,
  INTEGRITY_KINDS,
  l2Snap1s,
  tapeTrades,
  timeline1s
} from '../../../../shared/channels/index.ts'
import { spotReferenceE6 } from '../../../../shared/market/index.ts'
import { COLUMN_TICKS } from '../../tape/index.ts'
import type { DayNames } from './dayNames.ts'
import { bytesOf } from './viewRecord.ts'

const NS = 1e9
const GAPS = new Set(['GAP_DETECTED', 'FEED_CLOSED', 'MALFORMED_FRAME'].map((kind) => INTEGRITY_KINDS.indexOf(kind as 'GAP_DETECTED')))
const { bestBidPxE6: BID_BIT, bestAskPxE6: ASK_BIT } = l2Snap1s.bit

interface Second {
  frames: number
  trades: number
  gaps: number
  books: number
  untrusted: number
}

export interface SecondsState {
  readonly spots: Float64Array
  readonly open: readonly (readonly [number, Second])[]
  readonly second: number
  readonly rollRelNs: number
  readonly cause: readonly [number, number]
}

/**
 * What a screen is shown of each second, made of what was recorded and of nothing else: a second without a snapshot has no column. A frame
 * counts here when it has a recorded event.
 */
export class DaySeconds {
  /** Columns are wanted of this instrument. */
  watchedId = 0
  /** Best prices only. */
  readonly #light: boolean
  readonly #names: DayNames
  readonly #originSecond: number
  readonly #onView: (record: Uint8Array) => void
  /** By instrument of the day: spot reference, NaN before the first. */
  #spots = new Float64Array(64).fill(NaN)
  #open = new Map<number, Second>()
  /** Unix second of the newest record. */
  #second = -1
  /** The first instant of that second may still bring snapshots of earlier ones. */
  #rollRelNs = NaN
  #cause: readonly [number, number] = [-1, -1]

  constructor(names: DayNames, originSecond: number, light: boolean, onView: (record: Uint8Array) => void) {
    this.#names = names
    this.#originSecond = originSecond
    this.#light = light
    this.#onView = onView
  }

  /** Takes a record in times and numbers of the day. */
  take(view: DataView, at: number): void {
    const wireId = view.getUint8(at + AT_WIRE_ID)
    if (wireId === health.wireId) return
    const relNs = getI64(view, at + AT_RECV)
    const second = this.#originSecond + Math.floor(relNs / NS)
    if (relNs !== this.#rollRelNs) this.#endSeconds(relNs)
    if (second > this.#second) {
      this.#second = second
      this.#rollRelNs = relNs
    }
    const now = this.#of(second)
    const shard = view.getUint16(at + AT_SHARD, true)
    const frame = view.getUint32(at + AT_FRAME_IDX, true)
    if (shard !== this.#cause[0] || frame !== this.#cause[1]) {
      this.#cause = [shard, frame]
      now.frames++
    }
    if (wireId === l2Snap1s.wireId) this.#snap(view, at)
    else if (wireId === tapeTrades.wireId) now.trades++
    else if (wireId === integrity.wireId && GAPS.has(view.getUint32(at + integrity.at.kind, true))) now.gaps++
  }

  /** Nothing more comes. */
  end(relNs: number): void {
    this.#endSeconds(relNs)
  }

  save(): SecondsState {
    const open = [...this.#open].map(([second, of]) => [second, { ...of }] as const)
    return { spots: this.#spots.slice(), open, second: this.#second, rollRelNs: this.#rollRelNs, cause: this.#cause }
  }

  restore({ spots, open, second, rollRelNs, cause }: SecondsState): void {
    this.#spots = spots.slice()
    this.#open = new Map(open.map(([n, of]) => [n, { ...of }]))
    this.#second = second
    this.#rollRelNs = rollRelNs
    this.#cause = cause
  }

  #of(second: number): Second {
    let now = this.#open.get(second)
    if (now === undefined) this.#open.set(second, (now = { frames: 0, trades: 0, gaps: 0, books: 0, untrusted: 0 }))
    return now
  }

  #snap(view: DataView, at: number): void {
    const { at: field } = l2Snap1s
    const id = view.getUint32(at + AT_INSTRUMENT, true)
    const of = this.#of(getI64(view, at + field.second))
    of.books++
    if (view.getUint32(at + field.bookOk, true) === 0) of.untrusted++
    const tickE6 = this.#names.tickOf(id, getI64(view, at + AT_RECV))
    const present = view.getUint32(at + AT_PRESENT, true)
    const both = Math.floor(present / BID_BIT) % 2 === 1 && Math.floor(present / ASK_BIT) % 2 === 1
    if (id >= this.#spots.length) this.#grow(id)
    if (both) this.#spots[id] = spotReferenceE6(getI64(view, at + field.bestBidPxE6), getI64(view, at + field.bestAskPxE6), tickE6)
    if (id === this.watchedId) this.#column(view, at, tickE6, !both)
  }

  #column(view: DataView, at: number, tickE6: number, carried: boolean): void {
    const { shard, frameIdx, pos, instrumentId, recvRelNs, second, bookOk, bestBidPxE6, bestAskPxE6, levels } = decodeRecord(
      l2Snap1s,
      view,
      at
    )
    const spot = this.#spots[instrumentId]!
    const known = !Number.isNaN(spot)
    const inRange = (side: readonly number[]): number[] => {
      const out: number[] = []
      for (let i = 0; known && i < side.length && (!this.#light || i === 0); i += 2)
        if (Math.abs(side[i]! - spot) <= COLUMN_TICKS * tickE6) out.push(side[i]!, side[i + 1]!)
      return out
    }
    this.#onView(
      bytesOf(depth1s, {
        ch: 'depth_1s',
        shard,
        frameIdx,
        pos,
        instrumentId,
        recvRelNs,
        second,
        bookOk,
        tickE6,
        ...(known && { spotPxE6: spot }),
        spotCarried: known && carried,
        bestBidPxE6,
        bestAskPxE6,
        levels: { bids: inRange(levels.bids), asks: inRange(levels.asks) }
      })
    )
  }

  #grow(id: number): void {
    const grown = new Float64Array(2 * id).fill(NaN)
    grown.set(this.#spots)
    this.#spots = grown
  }

  #endSeconds(relNs: number): void {
    if (this.#open.size === 0 || (this.#open.size === 1 && this.#open.has(this.#second))) return
    for (const [second, of] of [...this.#open].sort(([a], [b]) => a - b)) {
      if (second >= this.#second) continue
      this.#open.delete(second)
      this.#onView(
        bytesOf(timeline1s, {
          ch: 'timeline_1s',
          shard: 0,
          frameIdx: 0,
          pos: 0,
          instrumentId: 0,
          recvRelNs: relNs,
          second,
          frames: of.frames,
          trades: of.trades,
          gaps: of.gaps,
          books: of.books,
          untrustedBooks: of.untrusted
        })
      )
    }
  }
}
