import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { StudioError } from '../../../../shared/errors.ts'
import { workerEntry } from '../../threads/workerEntry.ts'
import type { FrameQueue, Positions, ShardPosition } from '../mergedFrames.ts'
import {
  CHUNKS,
  chunksOf,
  FREE,
  FULL,
  HALF,
  KIND,
  newRing,
  PAYLOAD_POSTED,
  setState,
  STOP,
  waitFor,
  type AheadBirth,
  type AheadPosted,
  type AheadSource,
  type Chunk
} from './aheadRing.ts'
import { ScannedFrame } from './scannedFrame.ts'

/** A thread that gives no sign for so long has ended without a word. */
const SILENCE_LIMIT_MS = 60_000

/** The frames of a run in order, like `MergedFrames`, from a thread that reads and scans them ahead. Waits for that thread where it must. */
export class AheadFrames implements FrameQueue {
  onMissing: FrameQueue['onMissing']
  readonly #control: Int32Array
  readonly #chunks: readonly Chunk[]
  readonly #port
  readonly #worker: Worker
  readonly #positions: Map<number, ShardPosition>
  readonly #frame = new ScannedFrame()
  readonly #missing: Extract<AheadPosted, { kind: 'missing' }>[] = []
  #chunk: Chunk
  #chunkNumber = 0
  #at = 0
  #open = false
  /** 0 the next entry is not looked at, 1 the frame stands ready, 2 the end was reached. */
  #stand = 0

  constructor(source: AheadSource, positions: Positions | undefined) {
    const ring = newRing()
    this.#control = new Int32Array(ring.control)
    this.#chunks = chunksOf(ring)
    this.#chunk = this.#chunks[0]!
    this.#positions = new Map(source.shards.map(({ shard }) => [shard, positions?.get(shard) ?? { idx: 0, offset: 0 }]))
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const birth: AheadBirth = {
      ring,
      port: port2,
      source,
      positions: [...this.#positions].map(([shard, { idx, offset }]) => [shard, idx, offset])
    }
    this.#worker = new Worker(workerEntry('ahead'), { workerData: birth, transferList: [port2], name: 'tapedeck read ahead' })
    this.#worker.unref()
    port1.unref()
  }

  peek(): ScannedFrame | undefined {
    if (this.#stand === 0) this.#step()
    return this.#stand === 1 ? this.#frame : undefined
  }

  take(): void {
    if (this.#stand !== 1) return
    this.#stand = 0
    const { shard, idx, nextOffset } = this.#frame
    this.#positions.set(shard, { idx: idx + 1, offset: nextOffset })
    for (const { shard: from, bytes, reason } of this.#missing.splice(0)) this.onMissing?.(from, bytes, reason)
  }

  next(): ScannedFrame | undefined {
    const frame = this.peek()
    if (frame !== undefined) this.take()
    return frame
  }

  positions(): Map<number, ShardPosition> {
    return new Map(this.#positions)
  }

  close(): void {
    this.#stand = 2
    Atomics.store(this.#control, STOP, 1)
    for (let chunk = 0; chunk < CHUNKS; chunk++) Atomics.notify(this.#control, 1 + chunk)
    this.#port.close()
    void this.#worker.terminate()
  }

  /** Moves to the next frame or to the end. */
  #step(): void {
    for (;;) {
      if (!this.#open) this.#openChunk()
      const kind = this.#chunk.halves[2 * this.#at]!
      if (kind === KIND.frame) return this.#stands()
      if (kind === KIND.end) {
        this.#stand = 2
        return
      }
      if (kind === KIND.posted) {
        this.#at++
        this.#takePosted()
        continue
      }
      this.#open = false
      setState(this.#control, this.#chunkNumber, FREE)
      this.#chunkNumber = (this.#chunkNumber + 1) % CHUNKS
    }
  }

  #stands(): void {
    const at = this.#at
    const frame = this.#frame
    frame.read(this.#chunk, at)
    if (frame.scanned === PAYLOAD_POSTED) this.#takePosted()
    this.#at = at + this.#chunk.halves[2 * at + HALF.words]!
    this.#stand = 1
  }

  #openChunk(): void {
    if (!waitFor(this.#control, this.#chunkNumber, FULL, SILENCE_LIMIT_MS))
      throw new StudioError(
        'INTERNAL',
        'The thread that reads the recording ahead gave no sign for a minute. Try again; the recording itself is not touched.'
      )
    this.#chunk = this.#chunks[this.#chunkNumber]!
    this.#at = 0
    this.#open = true
  }

  #takePosted(): void {
    const posted = receiveMessageOnPort(this.#port)?.message as AheadPosted | undefined
    if (posted === undefined) throw new Error('broken promise: an entry of the ring says that more was posted')
    if (posted.kind === 'failed') throw new StudioError(posted.failure.code, posted.failure.message)
    if (posted.kind === 'missing') {
      this.#missing.push(posted)
      return
    }
    const bytes = Buffer.from(posted.bytes.buffer, posted.bytes.byteOffset, posted.bytes.byteLength)
    this.#frame.payloadBuffer = bytes
    this.#frame.payloadStart = 0
    this.#frame.payloadEnd = bytes.length
  }
}
