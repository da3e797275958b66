import type { MessagePort } from 'node:worker_threads'
import type { Failure } from '../../../../shared/errors.ts'
import type { MissingBytes } from '../mergedFrames.ts'

/**
 * Frames on their way from the thread that reads, checks and scans them to the tape: a ring of chunks in shared memory. A chunk holds
 * entries of whole words (64 bits). A frame is a head, then what it says, when it was scanned ahead, then its payload, when that is needed.
 * Short entries matter: what one core has written costs the other one time to fetch.
 */
export interface AheadRing {
  /** STOP, READY, BEGIN, then the state of each chunk. */
  readonly control: SharedArrayBuffer
  readonly chunks: SharedArrayBuffer
}

/** Where the thread begins. */
export type AheadStart = readonly (readonly [shard: number, idx: number, offset: number])[]

/** Rare things that do not fit the ring, in the order of their entries. */
export type AheadPosted =
  | { readonly kind: 'payload'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing'; readonly missing: MissingBytes }
  | { readonly kind: 'failed'; readonly failure: Failure }

export const CHUNKS = 8
export const CHUNK_WORDS = 128 * 1024
export const CHUNK_BYTES = 8 * CHUNK_WORDS

/** Words of `control`. */
export const STOP = 0
/** The thread has loaded its code. */
export const READY = 1
/** It has been told by a posted `AheadStart` where to begin. */
export const BEGIN = 2
const FIRST_STATE = 3
export const FREE = 0
export const FULL = 1

/** Kinds of entries. `nextChunk`: nothing more in this one. `posted`: see the next posted message. */
export const KIND = { nextChunk: 0, frame: 1, posted: 2, end: 3 } as const

/** The head of a frame: halves of words as 32-bit integers, then words. An entry's first half is its kind. */
export const HALF = {
  kind: 0,
  words: 1,
  shard: 2,
  idx: 3,
  flags: 4,
  crc: 5,
  payloadBytes: 6,
  payloadAt: 7,
  outcome: 8,
  messages: 9
} as const
export const WORD = { monoRelNs: 5, wallRelNs: 6, nextOffset: 7 } as const
export const HEAD_WORDS = 8

/** `payloadAt` of a frame whose messages say all that the tape asks for. */
export const NO_PAYLOAD = -1

/** `outcome` of a frame that the tape has to read itself. */
export const NOT_SCANNED = -1
/** `outcome` of such a frame whose payload was posted. */
export const PAYLOAD_POSTED = -2

/** One chunk, seen as what may stand in it. */
export interface Chunk {
  readonly words: Float64Array
  readonly halves: Int32Array
  readonly bytes: Buffer
}

export function chunksOf({ chunks }: AheadRing): Chunk[] {
  return Array.from({ length: CHUNKS }, (_, i) => ({
    words: new Float64Array(chunks, i * CHUNK_BYTES, CHUNK_WORDS),
    halves: new Int32Array(chunks, i * CHUNK_BYTES, 2 * CHUNK_WORDS),
    bytes: Buffer.from(chunks, i * CHUNK_BYTES, CHUNK_BYTES)
  }))
}

export function newRing(): AheadRing {
  return { control: new SharedArrayBuffer(4 * (FIRST_STATE + CHUNKS)), chunks: new SharedArrayBuffer(CHUNKS * CHUNK_BYTES) }
}

/** Waits until a chunk is in this state or the ring is stopped. @returns false when it is stopped or `limitMs` have gone by */
export function waitForChunk(control: Int32Array, chunk: number, state: number, limitMs: number): boolean {
  return waitForWord(control, FIRST_STATE + chunk, state, limitMs)
}

export function waitForWord(control: Int32Array, word: number, value: number, limitMs: number): boolean {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += WAIT_MS) {
    if (Atomics.load(control, STOP) === 1) return false
    const found = Atomics.load(control, word)
    if (found === value) return true
    Atomics.wait(control, word, found, WAIT_MS)
  }
  return Atomics.load(control, word) === value
}

export function setChunk(control: Int32Array, chunk: number, state: number): void {
  setWord(control, FIRST_STATE + chunk, state)
}

export function setWord(control: Int32Array, word: number, value: number): void {
  Atomics.store(control, word, value)
  Atomics.notify(control, word)
}

/** Ends the wait of whoever waits at the ring. */
export function stopRing(control: Int32Array): void {
  Atomics.store(control, STOP, 1)
  for (let word = 0; word < control.length; word++) Atomics.notify(control, word)
}

const WAIT_MS = 200

/** What the thread is born with. */
export interface AheadBirth {
  readonly ring: AheadRing
  readonly port: MessagePort
  readonly source: AheadSource
}

/** Everything that another thread needs to read a run's frame logs. */
export interface AheadSource {
  readonly venue: 'polymarket' | 'binance'
  readonly windowBytes: number
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
  readonly shards: readonly AheadShard[]
}

export interface AheadShard {
  readonly shard: number
  readonly framesPath: string
  readonly idxPath: string
  readonly version: 1 | 2
  /** Bytes of the log that hold whole records. */
  readonly validBytes: number
}
