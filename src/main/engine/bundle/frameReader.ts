import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { borrowCrcKernel, KERNEL_START, returnCrcKernel, type CrcKernel } from './crcKernel.ts'
import { damagedFrame, FrameCursor, type FrameCursorOptions, type FrameFault } from './frameCursor.ts'
import type { IdxView } from './idxView.ts'
import type { DamagedRange } from './types.ts'

/** Where a window starts in its buffer; reads into the very start of a page are slow. */
const LEAD_BYTES = KERNEL_START
/** Below this a CRC kernel is not worth its setting up. */
const KERNEL_FROM_BYTES = 512 * 1024
const DEFAULT_WINDOW_BYTES = 1024 * 1024
const MAGIC_STEM = Buffer.from('PMCAPv0', 'latin1')
const MAGIC_BYTES = 8

export interface FrameReaderOptions extends FrameCursorOptions {
  readonly path: string
  /** Where to begin; default 0 and 0. */
  readonly startOffset?: number
  readonly startIdx?: number
  /** Where to stop (exclusive), for example the valid prefix; default the file's length at open. */
  readonly endOffset?: number
  /** throw: strict. skip: go on at the next magic and list the range in `damage`. Default throw. */
  readonly onDamage?: 'throw' | 'skip'
  /** Lets `seek` work and keeps record numbers right behind damage. Not closed by the reader. */
  readonly idx?: IdxView
  /** Bytes read at a time; grows for a larger record. Default 1 MiB. */
  readonly windowBytes?: number
}

/** Verified forward reader over a `.frames` file, in windows, with bounded memory. */
export class FrameReader extends FrameCursor {
  /** Ranges that were skipped so far, ascending. */
  readonly damage: DamagedRange[] = []
  #fd: number | undefined
  protected endOffset: number
  readonly #onDamage: 'throw' | 'skip'
  readonly #idx: IdxView | undefined
  #kernel: CrcKernel | undefined

  /** @throws the operating system's error when the file cannot be opened */
  constructor(options: FrameReaderOptions) {
    super(options)
    this.#fd = openSync(options.path, 'r')
    this.endOffset = options.endOffset ?? fstatSync(this.#fd).size
    this.#onDamage = options.onDamage ?? 'throw'
    this.#idx = options.idx
    const bytes = this.endOffset - (options.startOffset ?? 0)
    const window = LEAD_BYTES + Math.max(64, Math.min(options.windowBytes ?? DEFAULT_WINDOW_BYTES, bytes))
    if (this.checkCrc && bytes >= KERNEL_FROM_BYTES) this.#kernel = borrowCrcKernel(window)
    this.#useBuffer(this.#kernel?.bytes() ?? Buffer.allocUnsafeSlow(window))
    this.#jump(options.startOffset ?? 0, (options.startIdx ?? 0) - 1)
  }

  /** File offset of the record that `next()` will read. */
  get nextOffset(): number {
    return this.base + this.at
  }

  /** Moves so that `next()` reads record `idx` of the index given at construction. `idx` may equal the number of entries: then `next()` is false. */
  seek(idx: number): void {
    if (this.#idx === undefined) throw new Error('broken promise: seek needs an index')
    if (idx >= this.#idx.count) return this.#jump(this.endOffset, this.#idx.count - 1)
    this.#idx.read(idx)
    this.#jump(this.#idx.offset, idx - 1)
  }

  /** Lets the reader go on to a later offset, for a file that is still growing. */
  extendTo(endOffset: number): void {
    this.endOffset = Math.max(this.endOffset, endOffset)
  }

  /** Closes the file; may be called twice. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.at = this.limit
    if (this.#kernel !== undefined) returnCrcKernel(this.#kernel)
    this.#kernel = undefined
  }

  protected override fill(need: number): void {
    const rest = this.limit - this.at
    const left = this.endOffset - (this.base + this.limit)
    if (left <= 0 || this.#fd === undefined) return
    const from = this.base + this.at
    if (LEAD_BYTES + need > this.buffer.length) this.#growTo(LEAD_BYTES + Math.max(need, 2 * (this.buffer.length - LEAD_BYTES)))
    this.buffer.copyWithin(LEAD_BYTES, this.at, this.limit)
    this.at = LEAD_BYTES
    this.limit = LEAD_BYTES + rest
    this.base = from - LEAD_BYTES
    const wanted = LEAD_BYTES + Math.min(rest + left, this.buffer.length - LEAD_BYTES)
    while (this.limit < wanted) {
      const n = readSync(this.#fd, this.buffer, this.limit, wanted - this.limit, this.base + this.limit)
      if (n === 0) break
      this.limit += n
    }
    this.checkedTo = this.#kernel?.check(LEAD_BYTES, this.limit) ?? 0
  }

  protected override onFault(fault: FrameFault): boolean {
    const from = this.base + this.at
    if (this.#onDamage === 'throw') throw damagedFrame(this.shard, from, fault)
    const found = this.toNextMagic()
    const to = found ? this.base + this.at : this.endOffset
    this.#note(from, to, fault)
    if (found && this.#idx !== undefined) this.#renumber(to)
    return found
  }

  #note(fromOffset: number, toOffset: number, reason: string): void {
    const last = this.damage.at(-1)
    if (last?.toOffset === fromOffset) this.damage[this.damage.length - 1] = { ...last, toOffset }
    else this.damage.push({ shard: this.shard, fromOffset, toOffset, reason })
  }

  /** The index knows how many records were lost in a damaged range; counting alone would not. */
  #renumber(offset: number): void {
    const idx = this.#idx
    if (idx === undefined) return
    const entry = idx.lowerBoundOffset(offset)
    if (entry > this.idx) this.idx = entry - 1
  }

  /** Moves `at` to the next magic behind the current position, or to the end. @returns whether there is one */
  protected toNextMagic(): boolean {
    this.at += 1
    for (;;) {
      const found = this.buffer.subarray(0, this.limit).indexOf(MAGIC_STEM, this.at)
      if (found >= 0 && found + MAGIC_BYTES <= this.limit) {
        const digit = this.buffer[found + MAGIC_BYTES - 1]
        this.at = found
        if (digit === 0x31 || digit === 0x32) return true
        this.at = found + 1
        continue
      }
      this.at = Math.max(this.at, this.limit - (MAGIC_BYTES - 1))
      const before = this.base + this.limit
      this.fill(MAGIC_BYTES)
      if (this.base + this.limit === before) {
        this.at = this.limit
        return false
      }
    }
  }

  #jump(offset: number, idxBefore: number): void {
    const from = this.base + LEAD_BYTES
    this.idx = idxBefore
    if (offset >= from && offset < this.base + this.limit) {
      this.at = offset - this.base
      return
    }
    this.at = LEAD_BYTES
    this.limit = LEAD_BYTES
    this.checkedTo = 0
    this.base = offset - LEAD_BYTES
  }

  #growTo(byteLength: number): void {
    const before = this.buffer
    this.#kernel?.grow(byteLength)
    const larger = this.#kernel?.bytes() ?? Buffer.allocUnsafeSlow(byteLength)
    if (this.#kernel === undefined) before.copy(larger, this.at, this.at, this.limit)
    this.#useBuffer(larger)
  }

  #useBuffer(buffer: Buffer): void {
    this.buffer = buffer
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  }
}
