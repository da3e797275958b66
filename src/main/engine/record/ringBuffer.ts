import { AT_RECV, getI64 } from '../../../shared/channels/index.ts'

const MAX_BYTES = 16 * 1024 * 1024
const FIRST_BYTES = 4 * 1024
const CHUNK_BYTES = 256 * 1024

/** Records that came one after another. */
interface Chunk {
  bytes: Uint8Array
  length: number
  readonly starts: number[]
  lastRelNs: number
}

/** The newest records of one channel: as far back as the settings say, within a limit of memory. Old ones go a chunk at a time. */
export class RingBuffer {
  readonly #spanNs: number
  readonly #chunks: Chunk[] = []
  #bytes = 0

  constructor(spanNs: number) {
    this.#spanNs = spanNs
  }

  /** Takes a copy of the record in bytes [start, end). */
  add(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const recvRelNs = getI64(view, start + AT_RECV)
    const size = end - start
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || chunk.length + size > CHUNK_BYTES) {
      chunk = { bytes: new Uint8Array(Math.max(FIRST_BYTES, size)), length: 0, starts: [], lastRelNs: recvRelNs }
      this.#chunks.push(chunk)
      this.#forget(recvRelNs)
    }
    if (chunk.length + size > chunk.bytes.length) chunk.bytes = larger(chunk, size)
    chunk.bytes.set(bytes.subarray(start, end), chunk.length)
    chunk.starts.push(chunk.length)
    chunk.length += size
    chunk.lastRelNs = recvRelNs
    this.#bytes += size
  }

  /** The newest `n` records received after `sinceRelNs`, oldest first, as one batch. */
  recent(n: number, sinceRelNs = -Infinity): Uint8Array {
    const parts: Uint8Array[] = []
    let left = n
    for (let i = this.#chunks.length - 1; i >= 0 && left > 0; i--) {
      const chunk = this.#chunks[i]!
      if (chunk.lastRelNs <= sinceRelNs) break
      const view = new DataView(chunk.bytes.buffer)
      let first = chunk.starts.length
      while (first > 0 && left > 0 && getI64(view, chunk.starts[first - 1]! + AT_RECV) > sinceRelNs) {
        first--
        left--
      }
      if (first < chunk.starts.length) parts.unshift(chunk.bytes.subarray(chunk.starts[first], chunk.length))
    }
    return new Uint8Array(Buffer.concat(parts))
  }

  #forget(nowRelNs: number): void {
    while (this.#chunks.length > 1) {
      const oldest = this.#chunks[0]!
      if (this.#bytes <= MAX_BYTES && oldest.lastRelNs >= nowRelNs - this.#spanNs) return
      this.#bytes -= oldest.length
      this.#chunks.shift()
    }
  }
}

function larger({ bytes, length }: Chunk, more: number): Uint8Array {
  const copy = new Uint8Array(Math.min(Math.max(CHUNK_BYTES, length + more), Math.max(bytes.length * 2, length + more)))
  copy.set(bytes.subarray(0, length))
  return copy
}
