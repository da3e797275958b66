import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { StudioError } from '../../../../shared/errors.ts'
import { workerEntry } from '../../threads/workerEntry.ts'
import type { TapeFrame } from '../../tape/index.ts'
import type { FrameQueue, MergedFrames, ShardPosition } from '../mergedFrames.ts'
import {
  BEGIN,
  CHUNKS,
  chunksOf,
  FREE,
  FULL,
  HALF,
  KIND,
  newRing,
  PAYLOAD_POSTED,
  READY,
  setChunk,
  setWord,
  stopRing,
  waitForChunk,
  type AheadBirth,
  type AheadPosted,
  type AheadSource,
  type AheadStart,
  type Chunk
} from './aheadRing.ts'
import { ScannedFrame } from './scannedFrame.ts'

/** A thread that gives no sign for so long has ended without a word. */
const SILENCE_LIMIT_MS = 60_000
/** Frames between two looks at whether the thread is up. */
const LOOK_FRAMES = 256

/**
 * The frames of a run in order, like `MergedFrames`, from a thread that reads and scans them ahead. Until that thread is up the frames are
 * read here; from then on this side waits for it where it must.
 */
export class AheadFrames implements FrameQueue {
  readonly #control: Int32Array
  readonly #chunks: readonly Chunk[]
  readonly #port: MessagePort
  readonly #worker: Worker
  /** Where each shard goes on, once the thread has taken over. Changed in place: there is one for each frame. */
  readonly #positions = new Map<number, { idx: number; offset: number }>()
  readonly #frame = new ScannedFrame()
  readonly #missing: Extract<AheadPosted, { kind: 'missing' }>[] = []
  #onMissing: FrameQueue['onMissing']
  /** Reads here until the thread is ready. */
  #here: MergedFrames | undefined
  #untilLook = LOOK_FRAMES
  #chunk: Chunk
  #chunkNumber = 0
  #at = 0
  #open = false
  #stand: 'unknown' | 'frame' | 'end' = 'unknown'

  constructor(source: AheadSource, here: MergedFrames) {
    const ring = newRing()
    this.#control = new Int32Array(ring.control)
    this.#chunks = chunksOf(ring)
    this.#chunk = this.#chunks[0]!
    this.#here = here
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const birth: AheadBirth = { ring, port: port2, source }
    this.#worker = new Worker(workerEntry('ahead'), { workerData: birth, transferList: [port2], name: 'tapedeck read ahead' })
    this.#worker.unref()
    port1.unref()
  }

  /** True once the thread has taken over. */
  get isAhead(): boolean {
    return this.#here === undefined
  }

  get onMissing(): FrameQueue['onMissing'] {
    return this.#onMissing
  }

  set onMissing(tell: FrameQueue['onMissing']) {
    this.#onMissing = tell
    if (this.#here !== undefined) this.#here.onMissing = tell
  }

  peek(): TapeFrame | undefined {
    if (this.#here !== undefined) {
      if (!this.#isDue()) return this.#here.peek()
      this.#handOver(this.#here)
    }
    if (this.#stand === 'unknown') this.#step()
    return this.#stand === 'frame' ? this.#frame : undefined
  }

  take(): void {
    if (this.#here !== undefined) return this.#here.take()
    if (this.#stand !== 'frame') return
    this.#stand = 'unknown'
    const { shard, idx, nextOffset } = this.#frame
    const position = this.#positions.get(shard)!
    position.idx = idx + 1
    position.offset = nextOffset
    if (this.#missing.length > 0) for (const { missing } of this.#missing.splice(0)) this.#onMissing?.(missing)
  }

  positions(): Map<number, ShardPosition> {
    return this.#here?.positions() ?? new Map([...this.#positions].map(([shard, position]) => [shard, { ...position }]))
  }

  close(): void {
    this.#stand = 'end'
    this.#here?.close()
    this.#here = undefined
    stopRing(this.#control)
    this.#port.close()
    void this.#worker.terminate()
  }

  /** True now and then, once the thread is up. */
  #isDue(): boolean {
    if (--this.#untilLook > 0) return false
    this.#untilLook = LOOK_FRAMES
    return Atomics.load(this.#control, READY) === 1
  }

  /** The thread goes on where this side has come to. */
  #handOver(here: MergedFrames): void {
    const begin = here.positions()
    for (const [shard, position] of begin) this.#positions.set(shard, { ...position })
    const start: AheadStart = [...begin].map(([shard, { idx, offset }]) => [shard, idx, offset])
    this.#port.postMessage(start)
    setWord(this.#control, BEGIN, 1)
    here.close()
    this.#here = undefined
  }

  /** Moves to the next frame or to the end. */
  #step(): void {
    for (;;) {
      if (!this.#open) this.#openChunk()
      const kind = this.#chunk.halves[2 * this.#at]!
      if (kind === KIND.frame) return this.#stands()
      if (kind === KIND.end) {
        this.#stand = 'end'
        return
      }
      if (kind === KIND.posted) {
        this.#at++
        this.#takePosted()
        continue
      }
      this.#open = false
      setChunk(this.#control, this.#chunkNumber, FREE)
      this.#chunkNumber = (this.#chunkNumber + 1) % CHUNKS
    }
  }

  #stands(): void {
    const at = this.#at
    const frame = this.#frame
    frame.read(this.#chunk, at)
    if (frame.scanned === PAYLOAD_POSTED) this.#takePosted()
    this.#at = at + this.#chunk.halves[2 * at + HALF.words]!
    this.#stand = 'frame'
  }

  #openChunk(): void {
    if (!waitForChunk(this.#control, this.#chunkNumber, FULL, SILENCE_LIMIT_MS))
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
