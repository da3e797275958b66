import { createCrcKernel, KERNEL_START, type CrcKernel } from './crcKernel.ts'
import { HEADER_BYTES_V2, IDX_ENTRY_BYTES_V2, MAGIC_V2_WORD_1, MAGIC_WORD_0 } from './frameLayout.ts'

const TWO_32 = 4_294_967_296
const VERSION_AND_NO_FLAGS = 2
const IDX_ALIGN_BYTES = 8

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
 * Encodes records (version 2) and their index entries into one preallocated buffer; the owner writes both out and calls `clear()`.
 * Nothing is allocated per record, time is carried as nanoseconds relative to the run's start so that no BigInt is made, and the CRCs and the
 * index entries of a batch are made in one call when it is taken.
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
  #kernel: CrcKernel
  #buffer: Buffer
  #view: DataView
  #sealedRecords = 0
  #idxAt = KERNEL_START

  constructor(options: FrameEncoderOptions) {
    this.#firstCapacity = KERNEL_START + (options.batchBytes ?? 512 * 1024)
    this.#monoHi = Number(options.t0MonoNs >> 32n)
    this.#monoLo = Number(options.t0MonoNs & 0xffffffffn)
    this.#wallHi = Number(options.t0WallNs >> 32n)
    this.#wallLo = Number(options.t0WallNs & 0xffffffffn)
    this.nextOffset = options.startOffset ?? 0
    this.nextIdx = options.startIdx ?? 0
    this.#kernel = createCrcKernel(this.#firstCapacity)
    this.#buffer = this.#kernel.bytes()
    this.#view = viewOf(this.#buffer)
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
    const at = KERNEL_START + this.bytes
    const needed = at + size + IDX_ALIGN_BYTES + (this.records + 1) * IDX_ENTRY_BYTES_V2
    if (needed > this.#buffer.length) this.#grow(needed)
    const monoHighPart = Math.floor(monoRelNs / TWO_32)
    const monoLow = this.#monoLo + (monoRelNs - monoHighPart * TWO_32)
    const wallHighPart = Math.floor(wallRelNs / TWO_32)
    const wallLow = this.#wallLo + (wallRelNs - wallHighPart * TWO_32)
    const view = this.#view
    view.setUint32(at, MAGIC_WORD_0, true)
    view.setUint32(at + 4, MAGIC_V2_WORD_1, true)
    view.setUint32(at + 8, VERSION_AND_NO_FLAGS | (flags << 16), true)
    view.setUint32(at + 12, monoLow, true)
    view.setUint32(at + 16, this.#monoHi + monoHighPart + (monoLow >= TWO_32 ? 1 : 0), true)
    view.setUint32(at + 20, wallLow, true)
    view.setUint32(at + 24, this.#wallHi + wallHighPart + (wallLow >= TWO_32 ? 1 : 0), true)
    view.setUint32(at + 28, length, true)
    this.#buffer.set(payload, at + HEADER_BYTES_V2)
    this.bytes += size
    this.records += 1
    this.nextOffset += size
    this.nextIdx += 1
  }

  /** The batch's record bytes; a view that is valid until `append()` or `clear()`. */
  frames(): Buffer {
    this.#seal()
    return this.#buffer.subarray(KERNEL_START, KERNEL_START + this.bytes)
  }

  /** The batch's index entries; a view that is valid until `append()` or `clear()`. */
  idx(): Buffer {
    this.#seal()
    return this.#buffer.subarray(this.#idxAt, this.#idxAt + this.records * IDX_ENTRY_BYTES_V2)
  }

  /** Starts the next batch; the buffer is used again. */
  clear(): void {
    this.bytes = 0
    this.records = 0
    this.#sealedRecords = 0
    // WebAssembly memory cannot shrink: after a giant batch start over with a small one.
    if (this.#buffer.length <= 4 * this.#firstCapacity) return
    this.#kernel = createCrcKernel(this.#firstCapacity)
    this.#buffer = this.#kernel.bytes()
    this.#view = viewOf(this.#buffer)
  }

  /** CRCs and index entries are made for the whole batch: entries written before would lie under records appended since. */
  #seal(): void {
    if (this.#sealedRecords === this.records) return
    const end = KERNEL_START + this.bytes
    this.#idxAt = end + IDX_ALIGN_BYTES - (end % IDX_ALIGN_BYTES)
    this.#kernel.seal(KERNEL_START, end, this.#idxAt, this.nextOffset - this.bytes)
    this.#sealedRecords = this.records
  }

  #grow(needed: number): void {
    this.#kernel.grow(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer = this.#kernel.bytes()
    this.#view = viewOf(this.#buffer)
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
