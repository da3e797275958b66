import { MarketMessage, type Outcome } from '../../feeds/index.ts'
import type { ScannedSink, TapeFrame } from '../../tape/index.ts'
import { HALF, HEAD_WORDS, WORD, type Chunk } from './aheadRing.ts'
import { getChange, getMessage, keyOf, TOLD, toldOf } from './messageWords.ts'

/** The frame on which `AheadFrames` stands: its payload, and what the other thread has found it to say. */
export class ScannedFrame implements TapeFrame {
  shard = 0
  idx = 0
  monoRelNs = 0
  wallRelNs = 0
  flags = 0
  crc = 0
  payloadBuffer: Buffer = Buffer.alloc(0)
  payloadStart = 0
  payloadEnd = 0
  nextOffset = 0
  /** What became of the frame; -1 when the tape has to read it itself. */
  scanned = -1
  /** By number of the other thread: the key, and the tape's number of its instrument, 0 while it has none. */
  readonly #keys: ({ readonly bytes: Uint8Array; readonly hash: number } | undefined)[] = [undefined]
  readonly #ids: number[] = [0]
  readonly #message = new MarketMessage()
  #chunk: Chunk = { words: new Float64Array(0), halves: new Int32Array(0), bytes: Buffer.alloc(0) }
  #at = 0
  #messages = 0

  /** @param at word of the head in the chunk */
  read(chunk: Chunk, at: number): void {
    const { words, halves } = chunk
    const half = 2 * at
    this.shard = halves[half + HALF.shard]!
    this.idx = halves[half + HALF.idx]!
    this.flags = halves[half + HALF.flags]!
    this.crc = halves[half + HALF.crc]! >>> 0
    this.scanned = halves[half + HALF.outcome]!
    this.monoRelNs = words[at + WORD.monoRelNs]!
    this.wallRelNs = words[at + WORD.wallRelNs]!
    this.nextOffset = words[at + WORD.nextOffset]!
    // Where the payload was left out its place has no meaning, but its length has.
    this.payloadBuffer = chunk.bytes
    this.payloadStart = 8 * halves[half + HALF.payloadAt]!
    this.payloadEnd = this.payloadStart + halves[half + HALF.payloadBytes]!
    this.#chunk = chunk
    this.#messages = halves[half + HALF.messages]!
    this.#at = at + HEAD_WORDS
  }

  tell(sink: ScannedSink): Outcome {
    const chunk = this.#chunk
    const { halves } = chunk
    const message = this.#message
    message.buf = this.payloadBuffer
    for (let left = this.#messages; left > 0; left--) {
      const at = this.#at
      const told = toldOf(halves[2 * at]!)
      if (told === TOLD.change) {
        message.instrumentId = this.#instrument(sink, halves[2 * at + 1]!)
        this.#at = getChange(chunk, at, message)
        sink.delta(message)
      } else this.#tellAny(sink, told, at)
    }
    return this.scanned as Outcome
  }

  #tellAny(sink: ScannedSink, told: number, at: number): void {
    const message = this.#message
    const number = this.#chunk.halves[2 * at + 1]!
    if (this.#keys[number] === undefined) this.#learnKey(number, at)
    message.instrumentId = this.#instrument(sink, number)
    this.#at = getMessage(this.#chunk, at, message, this.payloadStart)
    if (told === TOLD.delta) sink.delta(message)
    else if (told === TOLD.snapshot) sink.snapshot(message)
    else if (told === TOLD.trade) sink.trade(message)
    else if (told === TOLD.tickSize) sink.tickSize(message)
    else sink.venueTop(message)
  }

  /** The same answer as `sink.instrumentOf`, mostly without looking at the key's bytes again. */
  #instrument(sink: ScannedSink, number: number): number {
    const known = this.#ids[number]!
    if (known > 0) return sink.instrumentAgain(known)
    const { bytes, hash } = this.#keys[number]!
    const id = sink.instrumentOf(bytes, 0, bytes.length, hash)
    this.#ids[number] = sink.numberOf(bytes, 0, bytes.length, hash)
    return id
  }

  #learnKey(number: number, at: number): void {
    const key = keyOf(this.#chunk, at)
    const bytes = new Uint8Array(this.payloadBuffer.subarray(key.from + this.payloadStart, key.to + this.payloadStart))
    this.#keys[number] = { bytes, hash: key.hash }
    this.#ids[number] = 0
  }
}
