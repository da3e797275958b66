import { crc32 } from 'node:zlib'
import { StudioError } from '../../../shared/errors.ts'
import {
  HEADER_BYTES_V1,
  HEADER_BYTES_V2,
  MAGIC_V1_WORD_1,
  MAGIC_V2_WORD_1,
  MAGIC_WORD_0,
  MAX_PAYLOAD_BYTES,
  type FrameVersion
} from './frameLayout.ts'

const TWO_32 = 4_294_967_296
const EMPTY = Buffer.alloc(0)

/** Why bytes at an offset are no record. The empty text means that they are one. */
export type FrameFault =
  | ''
  | 'truncated header'
  | 'bad magic'
  | 'version mismatch'
  | 'payload length out of range'
  | 'truncated payload'
  | 'crc mismatch'

export interface FrameCursorOptions {
  readonly shard: number
  /** Origins of the relative times: manifest t0_mono_ns and t0_wall_ns_utc. */
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
  /** Compare each payload with its CRC-32. Default true. */
  readonly checkCrc?: boolean
}

/**
 * Walks over records without making an object for each: `next()` moves to the next record and sets the fields.
 * The payload is `payloadBuffer[payloadStart .. payloadEnd)`, a view that is valid until the next call of `next()`.
 */
export abstract class FrameCursor {
  shard: number
  /** Index number of the current record in its shard (`idx_i`); -1 before the first. */
  idx = -1
  /** File offset of the current record's header. */
  offset = 0
  /** Nanoseconds since t0_mono_ns and t0_wall_ns_utc; may be negative. A version 1 record has no wall time: wallRelNs repeats monoRelNs. */
  monoRelNs = 0
  wallRelNs = 0
  flags = 0
  crc = 0
  version: FrameVersion = 2
  payloadBuffer: Buffer = EMPTY
  payloadStart = 0
  payloadEnd = 0

  protected buffer: Buffer = EMPTY
  protected view: DataView = new DataView(EMPTY.buffer, 0, 0)
  /** Position of the next record in `buffer`, end of the bytes in it, and file offset of `buffer[0]`. */
  protected at = 0
  protected limit = 0
  protected base = 0
  /** Records that start before this position of `buffer` are known to be good. */
  protected checkedTo = 0
  protected readonly checkCrc: boolean
  readonly #monoHi: number
  readonly #monoLo: number
  readonly #wallHi: number
  readonly #wallLo: number

  constructor(options: FrameCursorOptions) {
    this.shard = options.shard
    this.checkCrc = options.checkCrc ?? true
    this.#monoHi = Number(options.t0MonoNs >> 32n)
    this.#monoLo = Number(options.t0MonoNs & 0xffffffffn)
    this.#wallHi = Number(options.t0WallNs >> 32n)
    this.#wallLo = Number(options.t0WallNs & 0xffffffffn)
  }

  /** Brings at least `need` bytes from position `at` into the buffer where the source has them. */
  protected abstract fill(need: number): void

  /** Decides what follows on bytes that are no record: true to look again at `at`, false to end, or throws. */
  protected abstract onFault(fault: FrameFault): boolean

  /**
   * Moves to the next record.
   * @returns false at the end of the records
   * @throws StudioError BUNDLE_DAMAGED where the cursor is strict and the bytes are no record
   */
  next(): boolean {
    for (;;) {
      if (this.limit - this.at < HEADER_BYTES_V2) this.fill(HEADER_BYTES_V2)
      if (this.at === this.limit) return false
      const fault = this.#decode()
      if (fault === '') {
        this.idx += 1
        this.at = this.payloadEnd
        return true
      }
      if (!this.onFault(fault)) return false
    }
  }

  /** The current payload as a fresh view object (for tests and rare paths). */
  payload(): Buffer {
    return this.payloadBuffer.subarray(this.payloadStart, this.payloadEnd)
  }

  #decode(): FrameFault {
    let at = this.at
    let view = this.view
    const room = this.limit - at
    if (room < 8) return 'truncated header'
    if (view.getUint32(at, true) !== MAGIC_WORD_0) return 'bad magic'
    const word1 = view.getUint32(at + 4, true)
    if (word1 !== MAGIC_V2_WORD_1) return word1 === MAGIC_V1_WORD_1 ? this.#decodeV1() : 'bad magic'
    if (room < HEADER_BYTES_V2) return 'truncated header'
    const versionAndFlags = view.getUint32(at + 8, true)
    if ((versionAndFlags & 0xffff) !== 2) return 'version mismatch'
    const length = view.getUint32(at + 28, true)
    if (length > MAX_PAYLOAD_BYTES) return 'payload length out of range'
    if (room < HEADER_BYTES_V2 + length) {
      this.fill(HEADER_BYTES_V2 + length)
      at = this.at
      view = this.view
      if (this.limit - at < HEADER_BYTES_V2 + length) return 'truncated payload'
    }
    this.version = 2
    this.flags = versionAndFlags >>> 16
    this.monoRelNs = (view.getUint32(at + 16, true) - this.#monoHi) * TWO_32 + (view.getUint32(at + 12, true) - this.#monoLo)
    this.wallRelNs = (view.getUint32(at + 24, true) - this.#wallHi) * TWO_32 + (view.getUint32(at + 20, true) - this.#wallLo)
    return this.#setPayload(at, HEADER_BYTES_V2, length, view.getUint32(at + 32, true))
  }

  #decodeV1(): FrameFault {
    if (this.limit - this.at < HEADER_BYTES_V1) return 'truncated header'
    const versionAndFlags = this.view.getUint32(this.at + 8, true)
    if ((versionAndFlags & 0xffff) !== 1) return 'version mismatch'
    const length = this.view.getUint32(this.at + 20, true)
    if (length > MAX_PAYLOAD_BYTES) return 'payload length out of range'
    if (this.limit - this.at < HEADER_BYTES_V1 + length) this.fill(HEADER_BYTES_V1 + length)
    const at = this.at
    if (this.limit - at < HEADER_BYTES_V1 + length) return 'truncated payload'
    this.version = 1
    this.flags = versionAndFlags >>> 16
    this.monoRelNs = (this.view.getUint32(at + 16, true) - this.#monoHi) * TWO_32 + (this.view.getUint32(at + 12, true) - this.#monoLo)
    this.wallRelNs = this.monoRelNs
    return this.#setPayload(at, HEADER_BYTES_V1, length, this.view.getUint32(at + 24, true))
  }

  #setPayload(at: number, header: number, length: number, crc: number): FrameFault {
    const start = at + header
    const end = start + length
    if (this.checkCrc && at >= this.checkedTo && crc32(this.buffer.subarray(start, end)) !== crc) return 'crc mismatch'
    this.offset = this.base + at
    this.crc = crc
    this.payloadBuffer = this.buffer
    this.payloadStart = start
    this.payloadEnd = end
    return ''
  }
}

/** @returns the error for bytes of a frame log that are no record, where a reader was told to be strict */
export function damagedFrame(shard: number, offset: number, fault: FrameFault): StudioError {
  return new StudioError('BUNDLE_DAMAGED', `Shard ${shard} of the frame log holds no readable record at offset ${offset}: ${fault}.`)
}

/** Walks over the records of a batch in memory, for example of one flush of a running capture. Strict: anything but whole records is an error. */
export class FrameBatchCursor extends FrameCursor {
  /**
   * Starts over on another batch.
   * @param bytes whole records, header and payload one after another
   * @param firstIdx index number of the first record
   * @param fileOffset offset of `bytes[0]` in the shard's `.frames` file
   */
  reset(bytes: Uint8Array, shard: number, firstIdx: number, fileOffset: number): void {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.shard = shard
    this.idx = firstIdx - 1
    this.at = 0
    this.limit = bytes.byteLength
    this.base = fileOffset
  }

  protected override fill(): void {
    // All there is lies in the buffer already.
  }

  protected override onFault(fault: FrameFault): boolean {
    throw damagedFrame(this.shard, this.base + this.at, fault)
  }
}
