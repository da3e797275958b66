import { crc32 } from 'node:zlib'
import { HEADER_BYTES_V2, IDX_ENTRY_BYTES_V2, MAGIC_V2_WORD_1, MAGIC_WORD_0 } from './frameLayout.ts'

/** Reads and writes from the very start of a page-aligned buffer take a slow copy path in the kernel; a small lead avoids it. */
const LEAD_BYTES = 64
const TWO_32 = 4_294_967_296
const VERSION_AND_NO_FLAGS = 2

export interface FrameEncoderOptions {
  /** Origins of the run's relative times: manifest t0_mono_ns and t0_wall_ns_utc. */
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
  /** Room for one batch of records; grows for a larger one. Default 512 KiB. */
  readonly batchBytes?: number
  /** Length of the `.frames` file that the first record will be appended to. Default 0. */
  readonly startOffset?: number
  /** Index number of the first record. Default 0. */
  readonly startIdx?: number
}

/**
 * Encodes records (version 2) and their index entries into two preallocated buffers; the owner writes both out and calls `clear()`.
 * Nothing is allocated per record, and time is carried as nanoseconds relative to the run's start, so no BigInt is made.
 */
export class FrameEncoder {
  /** Bytes and number of records since the last `clear()`. */
  bytes = 0
  records = 0
  /** File offset and index number of the next record. */
  nextOffset: number
  nextIdx: number

  readonly #firstCapacity: number
  readonly #monoHi: number
  readonly #monoLo: number
  readonly #wallHi: number
  readonly #wallLo: number
  #frames: Buffer
  #framesView: DataView
  #idx: Buffer
  #idxView: DataView

  constructor(options: FrameEncoderOptions) {
    this.#firstCapacity = options.batchBytes ?? 512 * 1024
    this.#monoHi = Number(options.t0MonoNs >> 32n)
    this.#monoLo = Number(options.t0MonoNs & 0xffffffffn)
    this.#wallHi = Number(options.t0WallNs >> 32n)
    this.#wallLo = Number(options.t0WallNs & 0xffffffffn)
    this.nextOffset = options.startOffset ?? 0
    this.nextIdx = options.startIdx ?? 0
    this.#frames = Buffer.allocUnsafeSlow(LEAD_BYTES + this.#firstCapacity)
    this.#framesView = viewOf(this.#frames)
    this.#idx = Buffer.allocUnsafeSlow(LEAD_BYTES + 1024 * IDX_ENTRY_BYTES_V2)
    this.#idxView = viewOf(this.#idx)
  }

  /**
   * Appends one record to the batch.
   * @param payload the bytes exactly as received; copied
   * @param flags provenance bits, see frameLayout
   * @param monoRelNs nanoseconds since t0_mono_ns, a safe integer, 0 or more
   * @param wallRelNs nanoseconds since t0_wall_ns_utc, a safe integer; may be negative where the clock was set back
   */
  append(payload: Uint8Array, flags: number, monoRelNs: number, wallRelNs: number): void {
    const length = payload.length
    const size = HEADER_BYTES_V2 + length
    const at = LEAD_BYTES + this.bytes
    if (at + size > this.#frames.length) this.#growFrames(at + size)
    const crc = crc32(payload)
    const monoHighPart = Math.floor(monoRelNs / TWO_32)
    const monoCarry = this.#monoLo + (monoRelNs - monoHighPart * TWO_32)
    const monoHi = this.#monoHi + monoHighPart + (monoCarry >= TWO_32 ? 1 : 0)
    const wallHighPart = Math.floor(wallRelNs / TWO_32)
    const wallCarry = this.#wallLo + (wallRelNs - wallHighPart * TWO_32)
    const wallHi = this.#wallHi + wallHighPart + (wallCarry >= TWO_32 ? 1 : 0)
    const view = this.#framesView
    view.setUint32(at, MAGIC_WORD_0, true)
    view.setUint32(at + 4, MAGIC_V2_WORD_1, true)
    view.setUint32(at + 8, VERSION_AND_NO_FLAGS | (flags << 16), true)
    view.setUint32(at + 12, monoCarry, true)
    view.setUint32(at + 16, monoHi, true)
    view.setUint32(at + 20, wallCarry, true)
    view.setUint32(at + 24, wallHi, true)
    view.setUint32(at + 28, length, true)
    view.setUint32(at + 32, crc, true)
    this.#frames.set(payload, at + HEADER_BYTES_V2)
    this.#appendIdx(monoCarry, monoHi, wallCarry, wallHi, length, crc)
    this.bytes += size
    this.nextOffset += size
  }

  /** The batch's record bytes; a view that is valid until `append()` or `clear()`. */
  frames(): Buffer {
    return this.#frames.subarray(LEAD_BYTES, LEAD_BYTES + this.bytes)
  }

  /** The batch's index entries; a view that is valid until `append()` or `clear()`. */
  idx(): Buffer {
    return this.#idx.subarray(LEAD_BYTES, LEAD_BYTES + this.records * IDX_ENTRY_BYTES_V2)
  }

  /** Starts the next batch; the buffers are used again. */
  clear(): void {
    this.bytes = 0
    this.records = 0
    if (this.#frames.length > 4 * this.#firstCapacity + LEAD_BYTES) {
      this.#frames = Buffer.allocUnsafeSlow(LEAD_BYTES + this.#firstCapacity)
      this.#framesView = viewOf(this.#frames)
    }
  }

  #appendIdx(monoLo: number, monoHi: number, wallLo: number, wallHi: number, length: number, crc: number): void {
    const at = LEAD_BYTES + this.records * IDX_ENTRY_BYTES_V2
    if (at + IDX_ENTRY_BYTES_V2 > this.#idx.length) this.#growIdx()
    const view = this.#idxView
    view.setUint32(at, this.nextOffset, true)
    view.setUint32(at + 4, Math.floor(this.nextOffset / TWO_32), true)
    view.setUint32(at + 8, monoLo, true)
    view.setUint32(at + 12, monoHi, true)
    view.setUint32(at + 16, wallLo, true)
    view.setUint32(at + 20, wallHi, true)
    view.setUint32(at + 24, length, true)
    view.setUint32(at + 28, crc, true)
    this.records += 1
    this.nextIdx += 1
  }

  #growFrames(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#frames.length * 2))
    this.#frames.copy(larger, 0, 0, LEAD_BYTES + this.bytes)
    this.#frames = larger
    this.#framesView = viewOf(larger)
  }

  #growIdx(): void {
    const larger = Buffer.allocUnsafeSlow(this.#idx.length * 2)
    this.#idx.copy(larger)
    this.#idx = larger
    this.#idxView = viewOf(larger)
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
