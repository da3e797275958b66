import type { MessagePort } from 'node:worker_threads'
import type { Failure } from '../../../../shared/errors.ts'
import { FLAG_NOTE, FLAG_REST, type FrameReader } from '../../bundle/log/index.ts'
import {
  BinanceMapper,
  OUTCOME,
  PolymarketMapper,
  type FeedMapper,
  type KeyMemo,
  type MarketMessage,
  type MarketSink
} from '../../feeds/mappers/index.ts'
import {
  CHUNK_WORDS,
  CHUNKS,
  chunksOf,
  FREE,
  FULL,
  HALF,
  HEAD_WORDS,
  KIND,
  NO_PAYLOAD,
  NOT_SCANNED,
  PAYLOAD_POSTED,
  setChunk,
  waitForChunk,
  WORD,
  type AheadPosted,
  type AheadRing,
  type Chunk
} from './aheadRing.ts'
import { BegunBooks } from './begunBooks.ts'
import { ChangeRows } from './changeRows.ts'
import { KeyNumbers } from './keyNumbers.ts'
import { CHANGE_WORDS, putBegun, putMessage, TOLD, type MessageKey, type Told } from './messageWords.ts'
import type { MissingBytes } from '../mergedFrames.ts'

/** What a scanned frame takes at most, in words: eight for each byte of payload hold every message that can stand in it. */
const wordsFor = (payloadBytes: number): number => HEAD_WORDS + payloadBytes + 64
const LONG_MS = 24 * 60 * 60 * 1000

/** The reading side of the ring: scans frames and writes them down, for the tape in another thread. */
export class AheadWriter implements MarketSink {
  readonly #control: Int32Array
  readonly #chunks: readonly Chunk[]
  readonly #port: MessagePort
  readonly #mapper: FeedMapper
  readonly #keys = new KeyNumbers()
  readonly #key: MessageKey = { number: 0, from: 0, to: 0, hash: 0 }
  readonly #changes: ChangeRows | undefined
  readonly #begunBooks = new BegunBooks()
  #chunk: Chunk
  #chunkNumber = 0
  #at = 0
  /** Where the entry's next message goes. */
  #next = 0
  #messages = 0
  #payloadStart = 0
  #needsPayload = false
  /** The tape has been given the bytes of the keys with numbers up to this one. */
  #keysTold = 0

  constructor(ring: AheadRing, port: MessagePort, venue: 'polymarket' | 'binance') {
    this.#control = new Int32Array(ring.control)
    this.#chunks = chunksOf(ring)
    this.#chunk = this.#chunks[0]!
    this.#port = port
    this.#mapper = venue === 'binance' ? new BinanceMapper() : new PolymarketMapper()
    this.#changes = venue === 'polymarket' ? new ChangeRows(this.#keys) : undefined
  }

  /** Takes the frame on which the cursor stands. @returns false when nobody wants more */
  frame(frame: FrameReader): boolean {
    const payloadBytes = frame.payloadEnd - frame.payloadStart
    const payloadWords = (payloadBytes + 7) >>> 3
    const scannable = (frame.flags & (FLAG_NOTE | FLAG_REST)) === 0 && wordsFor(payloadBytes) < CHUNK_WORDS
    const fits = HEAD_WORDS + payloadWords + 1 < CHUNK_WORDS
    if (!this.#room(scannable ? wordsFor(payloadBytes) : fits ? HEAD_WORDS + payloadWords : HEAD_WORDS)) return false
    this.#next = this.#at + HEAD_WORDS
    this.#messages = 0
    this.#needsPayload = false
    const outcome = scannable ? this.#scan(frame) : fits ? NOT_SCANNED : PAYLOAD_POSTED
    if (outcome < 0) this.#next = this.#at + HEAD_WORDS
    else this.#keysTold = this.#keys.count
    const payloadAt = outcome >= 0 && !this.#needsPayload ? NO_PAYLOAD : this.#next
    if (outcome === PAYLOAD_POSTED) this.#post({ kind: 'payload', bytes: new Uint8Array(frame.payload()) })
    else if (payloadAt !== NO_PAYLOAD) {
      this.#chunk.bytes.set(frame.payload(), 8 * payloadAt)
      this.#next += payloadWords
    }
    this.#head(frame, payloadBytes, outcome, payloadAt)
    return true
  }

  missing(missing: MissingBytes): void {
    this.#entry(KIND.posted)
    this.#post({ kind: 'missing', missing })
  }

  failed(failure: Failure): void {
    this.#post({ kind: 'failed', failure })
    this.#entry(KIND.posted)
    this.end()
  }

  end(): void {
    this.#entry(KIND.end)
    setChunk(this.#control, this.#chunkNumber, FULL)
  }

  instrumentOf(buf: Uint8Array, from: number, to: number, hash: number, memo?: KeyMemo): number {
    const key = this.#key
    key.number = memo !== undefined && memo.id > 0 ? memo.id : this.#keys.of(buf, from, to, hash)
    if (memo !== undefined) memo.id = key.number
    key.from = from
    key.to = to
    key.hash = hash
    return key.number
  }

  snapshot(message: MarketMessage): void {
    const at = this.#next
    this.#put(TOLD.snapshot, message)
    const begun = this.#begunBooks.begin(message, this.#key)
    if (begun !== undefined) this.#next = putBegun(this.#chunk, at, this.#next, begun)
  }

  delta(message: MarketMessage): void {
    this.#put(TOLD.delta, message)
  }

  trade(message: MarketMessage): void {
    this.#put(TOLD.trade, message)
  }

  tickSize(message: MarketMessage): void {
    this.#put(TOLD.tickSize, message)
  }

  venueTop(message: MarketMessage): void {
    this.#put(TOLD.venueTop, message)
  }

  /** What JSON.parse had to read, and what is no sound message, the tape reads itself: it keeps the counts, and it is rare. */
  #scan({ payloadBuffer, payloadStart, payloadEnd }: FrameReader): number {
    const changes = this.#changes?.put(this.#chunk, this.#next, payloadBuffer, payloadStart, payloadEnd, this.#keysTold) ?? 0
    if (changes > 0) {
      this.#messages = changes
      this.#next += changes * CHANGE_WORDS
      return OUTCOME.decoded
    }
    const before = this.#mapper.fallbacks
    this.#payloadStart = payloadStart
    const outcome = this.#mapper.map(payloadBuffer, payloadStart, payloadEnd, this, undefined)
    const plain = this.#mapper.fallbacks === before && outcome !== OUTCOME.malformed && outcome !== OUTCOME.rejected
    return plain ? outcome : NOT_SCANNED
  }

  #put(told: Told, message: MarketMessage): void {
    this.#messages++
    this.#needsPayload = true
    this.#next = putMessage(this.#chunk, this.#next, told, this.#key, message, this.#payloadStart)
  }

  #head(frame: FrameReader, payloadBytes: number, outcome: number, payloadAt: number): void {
    const { words, halves } = this.#chunk
    const at = this.#at
    const half = 2 * at
    halves[half + HALF.kind] = KIND.frame
    halves[half + HALF.words] = this.#next - at
    halves[half + HALF.shard] = frame.shard
    halves[half + HALF.idx] = frame.idx
    halves[half + HALF.flags] = frame.flags
    halves[half + HALF.crc] = frame.crc
    halves[half + HALF.payloadBytes] = payloadBytes
    halves[half + HALF.payloadAt] = payloadAt
    halves[half + HALF.outcome] = outcome
    halves[half + HALF.messages] = this.#messages
    words[at + WORD.monoRelNs] = frame.monoRelNs
    words[at + WORD.wallRelNs] = frame.wallRelNs
    words[at + WORD.nextOffset] = frame.nextOffset
    this.#at = this.#next
  }

  #entry(kind: number): void {
    if (!this.#room(1)) return
    this.#chunk.halves[2 * this.#at++] = kind
  }

  /** Makes sure that so many words and one more are free in the chunk. @returns false when nobody wants more */
  #room(words: number): boolean {
    if (this.#at + words + 1 <= CHUNK_WORDS) return true
    this.#chunk.halves[2 * this.#at] = KIND.nextChunk
    setChunk(this.#control, this.#chunkNumber, FULL)
    this.#chunkNumber = (this.#chunkNumber + 1) % CHUNKS
    this.#chunk = this.#chunks[this.#chunkNumber]!
    this.#at = 0
    return waitForChunk(this.#control, this.#chunkNumber, FREE, LONG_MS)
  }

  #post(message: AheadPosted): void {
    this.#port.postMessage(message)
  }
}
