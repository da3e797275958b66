import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import { headerBytes, idxEntryBytes, MAGIC_V1, MAGIC_V2, type FrameVersion, type IdxView, type OpenBundle } from '../bundle/index.ts'
import { breathe, type ShardPlan } from './slicePlan.ts'
import type { EntryTest } from './sliceWindow.ts'

const BATCH_BYTES = 1024 * 1024
const BATCH_ENTRIES = 8192
/** Where the times begin in a header of either version; an index entry repeats the header from there on, behind its offset. */
const TIMES_AT = 12

export interface ShardCopyOptions {
  readonly captureDir: string
  readonly isInside: EntryTest
  readonly signal: AbortSignal | undefined
  readonly onBytes: (bytes: number) => void
}

/**
 * Copies the chosen records of one shard into a new frame log, bytes as they are, with a new index. Memory: one batch, or the largest record.
 * @throws StudioError BUNDLE_DAMAGED where a record's header and its index entry differ; the operating system's error; the signal's reason
 */
export async function copyShard(bundle: OpenBundle, plan: ShardPlan, options: ShardCopyOptions): Promise<void> {
  const { log } = plan
  const framesName = basename(log.framesPath)
  const target = new SliceFiles(join(options.captureDir, framesName), join(options.captureDir, framesName.replace(/\.frames$/, '.idx')))
  const source = openSync(log.framesPath, 'r')
  try {
    const batch = new Batch(bundle, plan, source, target)
    for (let entry = 0; plan.records > 0 && entry < log.records; entry++) {
      log.idx.read(entry)
      if (!options.isInside(log.idx)) continue
      if (!batch.fits(log.idx)) {
        options.onBytes(batch.write())
        await breathe(options.signal)
        log.idx.read(entry)
      }
      batch.add(entry, log.idx)
    }
    options.onBytes(batch.write())
    target.sync()
  } finally {
    closeSync(source)
    target.close()
  }
}

/** Records that lie one behind the other in the source. */
class Batch {
  readonly #bundle: OpenBundle
  readonly #plan: ShardPlan
  readonly #source: number
  readonly #target: SliceFiles
  readonly #version: FrameVersion
  #buffer = Buffer.allocUnsafeSlow(BATCH_BYTES)
  #from = 0
  #to = 0
  #entries: number[] = []

  constructor(bundle: OpenBundle, plan: ShardPlan, source: number, target: SliceFiles) {
    this.#bundle = bundle
    this.#plan = plan
    this.#source = source
    this.#target = target
    this.#version = plan.log.idx.version
  }

  fits(idx: IdxView): boolean {
    if (this.#entries.length === 0) return true
    const bytes = this.#to - this.#from + headerBytes(this.#version) + idx.length
    return idx.offset === this.#to && bytes <= BATCH_BYTES && this.#entries.length < BATCH_ENTRIES
  }

  add(entry: number, idx: IdxView): void {
    if (this.#entries.length === 0) this.#from = idx.offset
    this.#to = idx.offset + headerBytes(this.#version) + idx.length
    this.#entries.push(entry)
  }

  /** Checks and writes what was added. @returns its bytes */
  write(): number {
    const bytes = this.#to - this.#from
    if (this.#entries.length === 0) return 0
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(bytes)
    this.#read(bytes)
    const size = idxEntryBytes(this.#version)
    const idx = Buffer.alloc(this.#entries.length * size)
    this.#entries.forEach((entry, i) => this.#entry(entry, idx.subarray(i * size, (i + 1) * size)))
    this.#target.append(this.#buffer.subarray(0, bytes), idx)
    if (this.#buffer.length > BATCH_BYTES) this.#buffer = Buffer.allocUnsafeSlow(BATCH_BYTES)
    this.#entries = []
    this.#to = this.#from
    return bytes
  }

  #read(bytes: number): void {
    for (let got = 0; got < bytes;) {
      const n = readSync(this.#source, this.#buffer, got, bytes - got, this.#from + got)
      if (n === 0) throw this.#differs(this.#entries[0] ?? 0, 'the frame log ends before it')
      got += n
    }
  }

  /** Makes the new index entry of a record out of the header's own bytes, once header and old entry were found to agree. */
  #entry(entry: number, into: Buffer): void {
    const { idx } = this.#plan.log
    idx.read(entry)
    const at = idx.offset - this.#from
    const end = at + headerBytes(this.#version)
    const magic = this.#version === 2 ? MAGIC_V2 : MAGIC_V1
    if (this.#buffer.compare(magic, 0, 8, at, at + 8) !== 0) throw this.#differs(entry, 'there is no record of its version')
    if (this.#buffer.readUInt16LE(at + 8) !== this.#version) throw this.#differs(entry, 'magic and version of the record differ')
    into.writeBigUInt64LE(BigInt(this.#target.frameBytes + at), 0)
    this.#buffer.copy(into, 8, at + TIMES_AT, end)
    const { t0MonoNs, t0WallNs } = this.#bundle
    const monoNs = into.readBigUInt64LE(8)
    const wallNs = this.#version === 2 ? into.readBigUInt64LE(16) : undefined
    const same =
      monoNs === BigInt.asUintN(64, t0MonoNs + BigInt(idx.monoRelNs)) &&
      (wallNs === undefined || wallNs === BigInt.asUintN(64, t0WallNs + BigInt(idx.wallRelNs))) &&
      into.readUInt32LE(into.length - 8) === idx.length &&
      into.readUInt32LE(into.length - 4) === idx.crc
    if (!same) throw this.#differs(entry, 'times, length or checksum differ')
  }

  #differs(entry: number, why: string): StudioError {
    const { shard, framesPath } = this.#plan.log
    return new StudioError(
      'BUNDLE_DAMAGED',
      `Entry ${entry} of the index of shard ${shard} does not describe a record of the frame log: ${why}. Check the run with capture-verify; no slice was made. File: ${framesPath}`
    )
  }
}

/** The frame log and index of one shard of the slice. */
class SliceFiles {
  frameBytes = 0
  readonly #frames: number
  readonly #idx: number

  constructor(framesPath: string, idxPath: string) {
    this.#frames = openSync(framesPath, 'wx')
    this.#idx = openSync(idxPath, 'wx')
  }

  append(frames: Buffer, idx: Buffer): void {
    writeAll(this.#frames, frames)
    writeAll(this.#idx, idx)
    this.frameBytes += frames.length
  }

  sync(): void {
    fsyncSync(this.#frames)
    fsyncSync(this.#idx)
  }

  close(): void {
    closeSync(this.#frames)
    closeSync(this.#idx)
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
}
