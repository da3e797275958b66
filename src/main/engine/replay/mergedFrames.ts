import type { FrameReader } from '../bundle/index.ts'
import type { TapeFrame } from '../tape/index.ts'

/** Where a shard goes on: index number and file offset of the next record. */
export interface ShardPosition {
  readonly idx: number
  readonly offset: number
}

export type Positions = ReadonlyMap<number, ShardPosition>

/** Opens a reader of a shard at a position; undefined position = the beginning. */
export type OpenShard = (shard: number, position: ShardPosition | undefined) => FrameReader

/** A hole in the log of a shard. */
export interface MissingBytes {
  readonly shard: number
  readonly bytes: number
  /** As the index counts them; 0 where it does not know. */
  readonly records: number
  /** Receive time of the last record in front of it; undefined at the beginning of the shard. */
  readonly sinceRelNs: number | undefined
  readonly reason: string
}

/** The frames of a run in the order (rx_mono_ns, shard, index). */
export interface FrameQueue {
  /** Called when bytes of a shard could not be read, before the record behind them. */
  onMissing: ((missing: MissingBytes) => void) | undefined
  /** The next frame, without taking it. */
  peek(): TapeFrame | undefined
  /** Takes the frame that `peek` showed. Its bytes stay valid until the next `peek`. */
  take(): void
  /** Where each shard goes on behind the frames taken so far. */
  positions(): Map<number, ShardPosition>
  close(): void
}

interface Head {
  readonly reader: FrameReader
  readonly shard: number
  /** Stands on a record that has not been handed out. */
  ready: boolean
  timeNs: number
  /** Damaged ranges that were told of. */
  damageSeen: number
  /** Where that record was looked for: before any damage in front of it, so that a pass from here meets the damage again. */
  beforeIdx: number
  beforeOffset: number
  /** Receive time of the record before that; Infinity at the beginning. */
  beforeRelNs: number
}

/** Merges the shards of a run in this thread. For the few shards of a run a look at each head is as fast as a heap. */
export class MergedFrames implements FrameQueue {
  onMissing: FrameQueue['onMissing']
  readonly #heads: Head[] = []
  #last: Head | undefined

  constructor(shards: readonly number[], open: OpenShard, positions?: Positions) {
    for (const shard of [...shards].sort((a, b) => a - b)) {
      const reader = open(shard, positions?.get(shard))
      this.#heads.push({
        reader,
        shard,
        ready: false,
        timeNs: Infinity,
        damageSeen: 0,
        beforeIdx: 0,
        beforeOffset: 0,
        beforeRelNs: Infinity
      })
    }
    for (const head of this.#heads) step(head)
  }

  /** The reader that stands on the next frame. */
  peek(): FrameReader | undefined {
    this.#refill()
    let best: Head | undefined
    const heads = this.#heads
    let first = Infinity
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i]!
      // Shards are in ascending order, so a tie in time leaves the lower shard in front.
      if (head.timeNs < first) {
        first = head.timeNs
        best = head
      }
    }
    this.#last = undefined
    if (best === undefined) return undefined
    this.#peeked = best
    return best.reader
  }

  #peeked: Head | undefined

  take(): void {
    const head = this.#peeked
    if (head === undefined) return
    head.ready = false
    this.#last = head
    this.#peeked = undefined
    if (head.damageSeen < head.reader.damage.length) this.#tellMissing(head)
  }

  positions(): Map<number, ShardPosition> {
    const out = new Map<number, ShardPosition>()
    for (const { shard, reader, ready, beforeIdx, beforeOffset } of this.#heads)
      out.set(shard, ready ? { idx: beforeIdx, offset: beforeOffset } : { idx: reader.idx + 1, offset: reader.nextOffset })
    return out
  }

  /** Fast path of `peek` then `take` for a pass over everything. */
  next(): FrameReader | undefined {
    const reader = this.peek()
    if (reader !== undefined) this.take()
    return reader
  }

  close(): void {
    for (const { reader } of this.#heads) reader.close()
  }

  /** The records between two that are read in a row are told with the first hole between them. */
  #tellMissing(head: Head): void {
    const { reader, shard, beforeIdx, beforeRelNs } = head
    const sinceRelNs = beforeRelNs < Infinity ? beforeRelNs : undefined
    for (let records = reader.idx - beforeIdx; head.damageSeen < reader.damage.length; records = 0) {
      const { fromOffset, toOffset, reason } = reader.damage[head.damageSeen++]!
      this.onMissing?.({ shard, bytes: toOffset - fromOffset, records, sinceRelNs, reason })
    }
  }

  #refill(): void {
    const last = this.#last
    if (last === undefined || last.ready) return
    step(last)
  }
}

function step(head: Head): void {
  head.beforeIdx = head.reader.idx + 1
  head.beforeOffset = head.reader.nextOffset
  head.beforeRelNs = head.timeNs
  head.ready = head.reader.next()
  head.timeNs = head.ready ? head.reader.monoRelNs : Infinity
}
