import type { LostStretch } from './journalManifest.ts'
import type { LineChunk } from './segmentWriter.ts'
import { TextBuffer } from './textBuffer.ts'

const CHUNK_BYTES = 256 * 1024
/** Buffers that are used again instead of left to the collector. */
const MAX_SPARE = 128

/**
 * Lines of one channel on their way to the disk: being gathered, sealed as chunks, with the compressor, and (until they are
 * acknowledged) kept for a second attempt.
 */
export class LineQueue {
  /** Lines are appended here, and then told with `added`. */
  readonly tail = new TextBuffer()
  readonly #sealed: LineChunk[] = []
  readonly #unacked: LineChunk[] = []
  readonly #spare: Uint8Array[] = []
  #lines = 0
  #startRelNs = 0
  #endRelNs = 0
  #date = ''
  #sealedBytes = 0
  unackedBytes = 0

  get waitingBytes(): number {
    return this.tail.length + this.#sealedBytes
  }

  get hasSealed(): boolean {
    return this.#sealed.length > 0
  }

  /** Must be called before a line is appended: lines of another date go into another segment. */
  expect(date: string): void {
    if (date !== this.#date) this.seal()
    this.#date = date
  }

  /** A line was appended to `tail`, or several from `relNs` to `endRelNs`. @returns true when a chunk is full */
  added(relNs: number, lines = 1, endRelNs = relNs): boolean {
    if (this.#lines === 0) this.#startRelNs = relNs
    this.#lines += lines
    this.#endRelNs = endRelNs
    if (this.tail.length < CHUNK_BYTES) return false
    this.seal()
    return true
  }

  /** Makes a chunk of what was gathered. */
  seal(): void {
    if (this.#lines === 0) return
    const text = this.#takeText()
    this.#sealed.push({ text, lines: this.#lines, startRelNs: this.#startRelNs, endRelNs: this.#endRelNs, date: this.#date })
    this.#sealedBytes += text.length
    this.#lines = 0
    this.tail.reset()
  }

  /** The gathered text; a large one goes with its buffer, a small one as a copy. */
  #takeText(): Uint8Array {
    const { bytes, length } = this.tail
    if (length < CHUNK_BYTES / 4) return bytes.slice(0, length)
    this.tail.bytes = this.#spare.pop() ?? new Uint8Array(bytes.length)
    return bytes.subarray(0, length)
  }

  /** The chunk whose turn it is. */
  next(): LineChunk | undefined {
    return this.#sealed[0]
  }

  /** That chunk is with the compressor. */
  written(): void {
    const chunk = this.#sealed.shift()
    if (chunk === undefined) throw new Error('broken promise: a chunk was written')
    this.#sealedBytes -= chunk.text.length
    this.unackedBytes += chunk.text.length
    this.#unacked.push(chunk)
  }

  /** Chunks that are with the compressor or written. */
  get unackedChunks(): number {
    return this.#unacked.length
  }

  /** The oldest so many of them are durable. @returns how many lines that were */
  acknowledge(chunks: number): number {
    const durable = this.#unacked.splice(0, chunks)
    this.unackedBytes -= durable.reduce((sum, chunk) => sum + chunk.text.length, 0)
    for (const { text } of durable)
      if (text.length >= CHUNK_BYTES / 4 && this.#spare.length < MAX_SPARE) this.#spare.push(new Uint8Array(text.buffer))
    return durable.reduce((sum, chunk) => sum + chunk.lines, 0)
  }

  /** What was written and not acknowledged is to be written once more. */
  again(): void {
    this.#sealed.unshift(...this.#unacked.splice(0))
    this.#sealedBytes += this.unackedBytes
    this.unackedBytes = 0
  }

  /** Gives up the oldest chunks until at most so many bytes wait. @returns what is lost by that */
  dropBeyond(maxBytes: number): LostStretch | undefined {
    let drop = 0
    for (; this.#sealedBytes > maxBytes; drop++) this.#sealedBytes -= this.#sealed[drop]!.text.length
    return stretch(this.#sealed.splice(0, drop))
  }

  dropAll(): LostStretch | undefined {
    this.seal()
    this.again()
    this.#sealedBytes = 0
    return stretch(this.#sealed.splice(0))
  }
}

function stretch(chunks: readonly LineChunk[]): LostStretch | undefined {
  const first = chunks[0]
  const last = chunks.at(-1)
  if (first === undefined || last === undefined) return undefined
  return { lines: chunks.reduce((sum, chunk) => sum + chunk.lines, 0), from_t: first.startRelNs, to_t: last.endRelNs }
}
