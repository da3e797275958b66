import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { idxEntryBytes, type FrameVersion } from './frameLayout.ts'

const TWO_32 = 4_294_967_296
const LEAD_BYTES = 64
const BLOCK_ENTRIES = 2048

export interface IdxOrigins {
  readonly version: FrameVersion
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
}

/**
 * Random access to index entries with bounded memory (one block of 2,048 entries), over a file or over bytes in memory.
 * `read(i)` sets the fields; no object is made per entry.
 */
export class IdxView {
  readonly version: FrameVersion
  /** Whole entries. */
  readonly count: number
  /** Fields of the entry last read: file offset of the record, times relative to the run's origins, payload bytes and CRC. */
  offset = 0
  monoRelNs = 0
  wallRelNs = 0
  length = 0
  crc = 0

  #fd: number | undefined
  #block: Buffer
  #blockView: DataView
  #blockStart = 0
  #blockCount = 0
  readonly #lead: number
  readonly #monoHi: number
  readonly #monoLo: number
  readonly #wallHi: number
  readonly #wallLo: number

  /** @param source an open file descriptor (owned from now on) or the entries' bytes; @param count whole entries to use */
  constructor(source: number | Buffer, count: number, origins: IdxOrigins) {
    this.version = origins.version
    this.count = count
    this.#monoHi = Number(origins.t0MonoNs >> 32n)
    this.#monoLo = Number(origins.t0MonoNs & 0xffffffffn)
    this.#wallHi = Number(origins.t0WallNs >> 32n)
    this.#wallLo = Number(origins.t0WallNs & 0xffffffffn)
    if (typeof source === 'number') {
      this.#fd = source
      this.#lead = LEAD_BYTES
      this.#block = Buffer.allocUnsafeSlow(LEAD_BYTES + Math.min(count, BLOCK_ENTRIES) * idxEntryBytes(origins.version))
    } else {
      this.#lead = 0
      this.#block = source
      this.#blockCount = count
    }
    this.#blockView = new DataView(this.#block.buffer, this.#block.byteOffset, this.#block.byteLength)
  }

  /** Reads entry `i` (0 to count - 1) into the fields. */
  read(i: number): void {
    if (i < this.#blockStart || i >= this.#blockStart + this.#blockCount) this.#load(i)
    const view = this.#blockView
    const at = this.#lead + (i - this.#blockStart) * idxEntryBytes(this.version)
    this.offset = view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true)
    this.monoRelNs = (view.getUint32(at + 12, true) - this.#monoHi) * TWO_32 + (view.getUint32(at + 8, true) - this.#monoLo)
    if (this.version === 2) {
      this.wallRelNs = (view.getUint32(at + 20, true) - this.#wallHi) * TWO_32 + (view.getUint32(at + 16, true) - this.#wallLo)
      this.length = view.getUint32(at + 24, true)
      this.crc = view.getUint32(at + 28, true)
    } else {
      this.wallRelNs = this.monoRelNs
      this.length = view.getUint32(at + 16, true)
      this.crc = view.getUint32(at + 20, true)
    }
  }

  /** @returns the first entry whose time is `monoRelNs` or later; `count` when there is none. Entries must ascend in time. */
  lowerBoundMono(monoRelNs: number): number {
    return this.#lowerBound((at) => this.#monoAt(at) < monoRelNs)
  }

  /** @returns the first entry whose file offset is `offset` or more; `count` when there is none */
  lowerBoundOffset(offset: number): number {
    return this.#lowerBound((at) => this.#offsetAt(at) < offset)
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #lowerBound(isBefore: (entry: number) => boolean): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBefore(middle)) low = middle + 1
      else high = middle
    }
    return low
  }

  #monoAt(entry: number): number {
    this.read(entry)
    return this.monoRelNs
  }

  #offsetAt(entry: number): number {
    this.read(entry)
    return this.offset
  }

  #load(entry: number): void {
    if (entry < 0 || entry >= this.count) throw new RangeError(`index entry ${entry} is outside 0 to ${this.count - 1}`)
    if (this.#fd === undefined) throw new StudioError('ABORTED', 'The index was closed while it was being read.')
    const size = idxEntryBytes(this.version)
    const start = Math.max(0, Math.min(entry - (BLOCK_ENTRIES >>> 2), this.count - BLOCK_ENTRIES))
    const wanted = Math.min(BLOCK_ENTRIES, this.count - start)
    let got = 0
    while (got < wanted * size) {
      const n = readSync(this.#fd, this.#block, LEAD_BYTES + got, wanted * size - got, start * size + got)
      if (n === 0)
        throw new StudioError('BUNDLE_DAMAGED', `The index ends before entry ${entry}: it became shorter while it was being read.`)
      got += n
    }
    this.#blockStart = start
    this.#blockCount = wanted
  }
}

/**
 * Opens an index file for random access. Trailing bytes that are no whole entry are ignored.
 * @throws the operating system's error when the file cannot be read
 */
export function openIdx(path: string, origins: IdxOrigins): IdxView {
  const fd = openSync(path, 'r')
  const count = Math.floor(fstatSync(fd).size / idxEntryBytes(origins.version))
  return new IdxView(fd, count, origins)
}
