import { tmpdir } from 'node:os'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { AT_INSTRUMENT, AT_LENGTH, AT_RECV, AT_WIRE_ID, eventWindow, getI64, putI64 } from '../../../../shared/channels/index.ts'
import { StudioError } from '../../../../shared/errors.ts'
import { ScratchFile, type ScratchSpan } from '../scratchFile.ts'
import type { DayNames } from './dayNames.ts'

const BLOCK_BYTES = 1 << 20
const SECTION_BYTES = 8
/** Blocks that are kept unpacked. */
const CACHED = 4
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Some records of a day, unpacked. */
export interface Block {
  readonly n: number
  /** Bytes as recorded, and where those of each run lie. */
  readonly recorded: Uint8Array
  readonly sections: readonly { readonly run: number; readonly from: number; readonly to: number }[]
  /** The same records at the same places, in the times and numbers of the day. */
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** A block that is written. Blocks end between instants. */
interface Written {
  readonly packed: ScratchSpan
  readonly firstRelNs: number
  readonly lastRelNs: number
}

/**
 * The events of a day, put aside in a packed temporary file in their order, so that any place of it is read in milliseconds and memory stays
 * flat however long the day is. The file has no name while it is open, so that it goes with the process, however that ends.
 */
export class Spool {
  readonly blocks: Written[] = []
  readonly #shiftsNs: readonly number[]
  readonly #names: DayNames
  readonly #file = new ScratchFile('day')
  readonly #cache = new Map<number, Block>()
  #open = new Uint8Array(2 * BLOCK_BYTES)
  #used = 0
  #run = -1
  #sectionAt = 0
  #firstRelNs = NaN
  #lastRelNs = NaN

  /** @param shiftsNs adds to receive times of each run to make those of the day */
  constructor(shiftsNs: readonly number[], names: DayNames) {
    this.#shiftsNs = shiftsNs
    this.#names = names
  }

  /** Takes records of one run, in the order of the day. @returns true when blocks were finished by them */
  append(run: number, bytes: Uint8Array): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const before = this.blocks.length
    let from = 0
    for (let at = 0; at < bytes.length; at += view.getUint32(at + AT_LENGTH, true)) {
      const relNs = getI64(view, at + AT_RECV) + this.#shiftsNs[run]!
      if (relNs !== this.#lastRelNs && this.#used + at - from >= BLOCK_BYTES) {
        this.#put(run, bytes.subarray(from, at))
        from = at
        this.#seal()
      }
      if (Number.isNaN(this.#firstRelNs)) this.#firstRelNs = relNs
      this.#lastRelNs = relNs
    }
    this.#put(run, bytes.subarray(from))
    return this.blocks.length > before
  }

  /** No more comes. */
  finish(): void {
    if (this.#used > 0) this.#seal()
    this.#open = new Uint8Array(0)
  }

  /** Number of the first block that ends at or behind this time; that of the one behind the last when there is none. */
  blockAt(relNs: number): number {
    let low = 0
    let high = this.blocks.length
    while (low < high) {
      const mid = (low + high) >>> 1
      if (this.blocks[mid]!.lastRelNs < relNs) low = mid + 1
      else high = mid
    }
    return low
  }

  read(n: number): Block {
    const cached = this.#cache.get(n)
    if (cached !== undefined) {
      // The least recently used one goes first.
      this.#cache.delete(n)
      this.#cache.set(n, cached)
      return cached
    }
    const block = this.#unpacked(n, zstdDecompressSync(this.#file.read(this.blocks[n]!.packed)))
    this.#cache.set(n, block)
    if (this.#cache.size > CACHED) this.#cache.delete(this.#cache.keys().next().value!)
    return block
  }

  close(): void {
    this.#cache.clear()
    this.#file.close()
  }

  #put(run: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#room(bytes.length + SECTION_BYTES)
    const view = new DataView(this.#open.buffer)
    if (run !== this.#run) {
      this.#run = run
      this.#sectionAt = this.#used
      view.setUint32(this.#used, run, true)
      view.setUint32(this.#used + 4, 0, true)
      this.#used += SECTION_BYTES
    }
    this.#open.set(bytes, this.#used)
    this.#used += bytes.length
    view.setUint32(this.#sectionAt + 4, this.#used - this.#sectionAt - SECTION_BYTES, true)
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#open.length) return
    const grown = new Uint8Array(Math.max(2 * this.#open.length, this.#used + bytes))
    grown.set(this.#open.subarray(0, this.#used))
    this.#open = grown
  }

  #seal(): void {
    const packed = this.#write(zstdCompressSync(this.#open.subarray(0, this.#used), LEVEL))
    this.blocks.push({ packed, firstRelNs: this.#firstRelNs, lastRelNs: this.#lastRelNs })
    this.#used = 0
    this.#run = -1
    this.#firstRelNs = NaN
  }

  #write(packed: Uint8Array): ScratchSpan {
    try {
      return this.#file.append(packed)
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
      throw new StudioError(
        full ? 'DISK_FULL' : 'FILE_FAILED',
        `The recorded day could not be put aside for replay (${(error as Error).message}). Free some space and open it again. Folder: ${tmpdir()}`,
        { cause: error }
      )
    }
  }

  #unpacked(n: number, spooled: Uint8Array): Block {
    const from = new DataView(spooled.buffer, spooled.byteOffset, spooled.length)
    const recorded = new Uint8Array(spooled.length)
    const sections: { run: number; from: number; to: number }[] = []
    let used = 0
    for (let at = 0; at < spooled.length;) {
      const length = from.getUint32(at + 4, true)
      recorded.set(spooled.subarray(at + SECTION_BYTES, at + SECTION_BYTES + length), used)
      sections.push({ run: from.getUint32(at, true), from: used, to: used + length })
      used += length
      at += SECTION_BYTES + length
    }
    const bytes = recorded.slice(0, used)
    const view = new DataView(bytes.buffer)
    for (const section of sections) this.#translate(view, section)
    return { n, recorded: recorded.subarray(0, used), sections, bytes, view }
  }

  #translate(view: DataView, { run, from, to }: Block['sections'][number]): void {
    const shiftNs = this.#shiftsNs[run]!
    for (let at = from; at < to; at += view.getUint32(at + AT_LENGTH, true)) {
      putI64(view, at + AT_RECV, getI64(view, at + AT_RECV) + shiftNs)
      view.setUint32(at + AT_INSTRUMENT, this.#names.dayIdOf(run, view.getUint32(at + AT_INSTRUMENT, true)), true)
      if (view.getUint8(at + AT_WIRE_ID) === eventWindow.wireId)
        putI64(view, at + eventWindow.at.startRelNs, getI64(view, at + eventWindow.at.startRelNs) + shiftNs)
    }
  }
}
