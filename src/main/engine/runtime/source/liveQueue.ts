import { FLAG_NOTE, FLAG_REST, FLAG_TEXT, FrameBatchCursor, FrameEncoder, type FrameCursor } from '../../bundle/index.ts'

/** Received frames that wait at most; one more is dropped and counted. */
export const LIVE_QUEUE_FRAMES = 1000

export interface LiveQueueOptions {
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
}

/** One side of the queue: frames of all shards in the order in which they came, in the form of the frame log. */
interface Portion {
  readonly encoder: FrameEncoder
  readonly shards: number[]
  /** Places of the notes that stand where messages were dropped. */
  readonly holes: Set<number>
}

/**
 * The one queue between all connections of a live run and its strategies. What comes while it is full is dropped: a live run keeps nothing, and
 * old news would be worse than none. Notes and HTTP answers are few and always get in. Where messages of a shard were dropped a note stands.
 */
export class LiveQueue {
  dropped = 0
  frames = 0
  #coming: Portion
  #going: Portion
  #taken = 0
  /** Shards whose newest message was dropped. */
  readonly #dropping = new Set<number>()
  #wake: (() => void) | undefined
  readonly #cursor: FrameBatchCursor

  constructor(options: LiveQueueOptions) {
    const portion = (): Portion => ({ encoder: new FrameEncoder(options), shards: [], holes: new Set() })
    this.#coming = portion()
    this.#going = portion()
    // We made these bytes ourselves a moment ago: their checksums need no look.
    this.#cursor = new FrameBatchCursor({ shard: 0, checkCrc: false, t0MonoNs: options.t0MonoNs, t0WallNs: options.t0WallNs })
  }

  get length(): number {
    return this.#coming.encoder.records + this.#going.shards.length - this.#taken
  }

  /** @returns false when it was dropped */
  push(shard: number, payload: Uint8Array, flags: number, monoRelNs: number, wallRelNs: number): boolean {
    const kept = (flags & (FLAG_NOTE | FLAG_REST)) !== 0
    if (!kept) this.frames++
    if (!kept && this.length >= LIVE_QUEUE_FRAMES) {
      this.dropped++
      this.#hole(shard, monoRelNs, wallRelNs)
      return false
    }
    if (!kept) this.#dropping.delete(shard)
    this.#coming.encoder.append(payload, flags, monoRelNs, wallRelNs)
    this.#coming.shards.push(shard)
    this.wake()
    return true
  }

  /** True when the frame that `next` gave stands where messages of its shard were dropped. */
  get isHole(): boolean {
    return this.#going.holes.has(this.#taken - 1)
  }

  note(shard: number, note: object, monoRelNs: number, wallRelNs: number): void {
    this.push(shard, Buffer.from(JSON.stringify(note)), FLAG_TEXT | FLAG_NOTE, monoRelNs, wallRelNs)
  }

  /** @returns the next frame, valid until the next call; undefined when the queue is empty */
  next(): FrameCursor | undefined {
    if (this.#taken === this.#going.shards.length && !this.#swap()) return undefined
    if (!this.#cursor.next()) throw new Error('broken promise: a queued frame can be read again')
    this.#cursor.shard = this.#going.shards[this.#taken++]!
    return this.#cursor
  }

  /** Ends when something came since, or `wake` is called. */
  async wait(): Promise<void> {
    if (this.length > 0) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  wake(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  /** One for all that a shard loses until something of it gets in again. */
  #hole(shard: number, monoRelNs: number, wallRelNs: number): void {
    if (this.#dropping.has(shard)) return
    this.#dropping.add(shard)
    this.#coming.holes.add(this.#coming.shards.length)
    this.note(shard, { note: 'dropped' }, monoRelNs, wallRelNs)
  }

  #swap(): boolean {
    const { encoder, shards, holes } = this.#going
    encoder.clear()
    shards.length = 0
    holes.clear()
    this.#taken = 0
    const full = this.#coming
    this.#coming = this.#going
    this.#going = full
    if (full.shards.length === 0) return false
    this.#cursor.reset(full.encoder.frames(), 0, 0, 0)
    return true
  }
}
