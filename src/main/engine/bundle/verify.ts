import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import type { FrameFault } from './frameCursor.ts'
import { headerBytes, idxEntryBytes, type FrameVersion } from './frameLayout.ts'
import { FrameReader } from './frameReader.ts'
import { bundlePaths } from './manifest.ts'
import { frameFilesOf } from './frameFiles.ts'

/** Result for one shard, with the keys and their order as documented for `capture-verify`. The idx keys exist only where an index was given. */
export interface ShardSummary {
  ok: boolean
  records: number
  errors: number
  crc_mismatch: number
  truncated: boolean
  first_bad_offset: number | null
  last_good_offset: number | null
  frames_bytes: number
  schema_versions: number[]
  idx_ok?: boolean
  idx_records?: number
  idx_errors?: number
  idx_first_bad_offset?: number | null
  /** Bytes of whole, good records from the start of the file: what can be used without any doubt. */
  valid_prefix_bytes: number
  frames_path: string
  idx_path: string | null
}

export interface VerifyReport {
  ok: boolean
  totals: { records: number; errors: number; crc_mismatch: number; truncated_shards: string[]; idx_bad_shards: string[] }
  summaries: ShardSummary[]
}

/**
 * Verifies every shard of a run bundle. A frame log whose index is missing is verified alone; its `idx_path` is null then.
 * @param onProgress share of the bytes read, 0..1, after each shard
 * @throws StudioError BUNDLE_NOT_FOUND when the folder or its frame logs are missing; the operating system's errors
 */
export function verifyRun(runDir: string, onProgress: (share: number) => void = () => undefined): VerifyReport {
  const { captureDir } = bundlePaths(runDir)
  if (!existsSync(captureDir)) throw new StudioError('BUNDLE_NOT_FOUND', `There is no capture/ folder to verify in ${runDir}`)
  const files = frameFilesOf(captureDir)
  if (files.length === 0) throw new StudioError('BUNDLE_NOT_FOUND', `There are no .frames files to verify in ${captureDir}`)
  const sizes = files.map((file) => statSync(file.framesPath).size)
  const total = Math.max(
    1,
    sizes.reduce((sum, size) => sum + size, 0)
  )
  let read = 0
  const summaries = files.map((file, i) => {
    const summary = verifyShard(file.framesPath, existsSync(file.idxPath) ? file.idxPath : undefined)
    read += sizes[i] ?? 0
    onProgress(read / total)
    return summary
  })
  return verifyReport(summaries)
}

/** Adds up the results of shards, in the order of their paths. */
export function verifyReport(shards: readonly ShardSummary[]): VerifyReport {
  const summaries = shards.toSorted((a, b) => (a.frames_path < b.frames_path ? -1 : 1))
  const sum = (pick: (summary: ShardSummary) => number): number => summaries.reduce((total, summary) => total + pick(summary), 0)
  return {
    ok: summaries.every((summary) => summary.ok),
    totals: {
      records: sum((summary) => summary.records),
      errors: sum((summary) => summary.errors),
      crc_mismatch: sum((summary) => summary.crc_mismatch),
      truncated_shards: summaries.filter((summary) => summary.truncated).map((summary) => summary.frames_path),
      idx_bad_shards: summaries.filter((summary) => summary.idx_ok === false).map((summary) => summary.frames_path)
    },
    summaries
  }
}

/**
 * Scans one frame log and compares it with its index, with bounded memory. Faults in the bytes are the result, never an exception.
 * @param idxPath undefined: the index is not looked at
 * @throws StudioError BUNDLE_NOT_FOUND when a file is missing, FILE_FAILED when it is a folder
 */
export function verifyShard(framesPath: string, idxPath?: string): ShardSummary {
  for (const path of idxPath === undefined ? [framesPath] : [framesPath, idxPath]) {
    if (!existsSync(path)) throw new StudioError('BUNDLE_NOT_FOUND', `This file was expected but is missing: ${path}`)
    if (statSync(path).isDirectory()) throw new StudioError('FILE_FAILED', `A file is expected, but this is a folder: ${path}`)
  }
  const scan = new VerifyScan(framesPath)
  const idx = idxPath === undefined ? undefined : new IdxComparison(idxPath)
  try {
    while (scan.next()) {
      scan.count()
      idx?.compare(scan)
    }
    return { ...scan.summary(), ...idx?.result(scan), ...ending(scan, idx, framesPath, idxPath) }
  } finally {
    scan.close()
    idx?.close()
  }
}

function ending(
  scan: VerifyScan,
  idx: IdxComparison | undefined,
  framesPath: string,
  idxPath: string | undefined
): Pick<ShardSummary, 'ok' | 'valid_prefix_bytes' | 'frames_path' | 'idx_path'> {
  return {
    ok: scan.ok && (idx?.result(scan).idx_ok ?? true),
    valid_prefix_bytes: scan.firstBadOffset ?? scan.fileBytes,
    frames_path: framesPath,
    idx_path: idxPath ?? null
  }
}

/** Walks a frame log with the rules of `capture-verify`: go on at the next magic behind a bad record, stop where the file ends inside one. */
class VerifyScan extends FrameReader {
  readonly fileBytes: number
  records = 0
  errors = 0
  crcMismatch = 0
  truncated = false
  firstBadOffset: number | undefined
  lastGoodOffset: number | undefined
  readonly versions = new Set<FrameVersion>()

  constructor(path: string) {
    super({ path, shard: 0, t0MonoNs: 0n, t0WallNs: 0n })
    this.fileBytes = this.endOffset
  }

  get ok(): boolean {
    return this.errors === 0
  }

  /** Counts the current record. */
  count(): void {
    this.records += 1
    this.lastGoodOffset = this.offset
    this.versions.add(this.version)
  }

  summary(): Omit<ShardSummary, 'valid_prefix_bytes' | 'frames_path' | 'idx_path'> {
    return {
      ok: this.ok,
      records: this.records,
      errors: this.errors,
      crc_mismatch: this.crcMismatch,
      truncated: this.truncated,
      first_bad_offset: this.firstBadOffset ?? null,
      last_good_offset: this.lastGoodOffset ?? null,
      frames_bytes: this.fileBytes,
      schema_versions: [...this.versions].toSorted((a, b) => a - b)
    }
  }

  protected override onFault(fault: FrameFault): boolean {
    const from = this.nextOffset
    this.errors += 1
    this.firstBadOffset ??= from
    if (fault === 'crc mismatch') this.crcMismatch += 1
    if (fault === 'crc mismatch' || fault === 'truncated payload') this.versions.add(this.buffer[this.at + 7] === 0x32 ? 2 : 1)
    if (fault === 'truncated header' || fault === 'truncated payload' || this.#runsPastEnd(fault)) {
      this.truncated = true
      return false
    }
    return this.toNextMagic()
  }

  #runsPastEnd(fault: FrameFault): boolean {
    if (fault !== 'payload length out of range') return false
    const lengthAt = this.at + (this.buffer[this.at + 7] === 0x32 ? 28 : 20)
    return this.nextOffset + this.view.getUint32(lengthAt, true) > this.fileBytes
  }
}

/** Compares index entries with records one by one, reading the index file ahead in blocks. */
class IdxComparison {
  #fd: number
  readonly #bytes: number
  readonly #block = Buffer.allocUnsafeSlow(64 * 1024)
  #blockStart = 0
  #blockEnd = 0
  #entry = 0
  #firstMismatch: number | undefined

  constructor(path: string) {
    this.#fd = openSync(path, 'r')
    this.#bytes = fstatSync(this.#fd).size
  }

  /** Behind its offset an entry repeats the bytes of the record's header from the first time stamp on. */
  compare(scan: VerifyScan): void {
    const size = idxEntryBytes(scan.version)
    const header = scan.payloadStart - headerBytes(scan.version)
    const at = this.#entry * size
    this.#entry += 1
    if (this.#firstMismatch !== undefined || at + size > this.#bytes) return
    if (at + size > this.#blockEnd) this.#load(at)
    const from = at - this.#blockStart
    const offset = this.#block.readUInt32LE(from) + this.#block.readUInt32LE(from + 4) * 4_294_967_296
    const same =
      offset === scan.offset && this.#block.compare(scan.payloadBuffer, header + 12, scan.payloadStart, from + 8, from + size) === 0
    if (!same) this.#firstMismatch = at
  }

  result(scan: VerifyScan): { idx_ok: boolean; idx_records: number; idx_errors: number; idx_first_bad_offset: number | null } {
    const [version] = scan.versions
    // An empty log with an empty index agrees; the original called this a fault for want of a version to compare.
    if (version === undefined && this.#bytes === 0 && scan.fileBytes === 0)
      return { idx_ok: true, idx_records: 0, idx_errors: 0, idx_first_bad_offset: null }
    if (version === undefined || scan.versions.size !== 1) return { idx_ok: false, idx_records: 0, idx_errors: 1, idx_first_bad_offset: 0 }
    const size = idxEntryBytes(version)
    const entries = Math.floor(this.#bytes / size)
    const bad = this.#firstBad(scan.records, entries, size)
    return { idx_ok: bad === undefined, idx_records: entries, idx_errors: bad === undefined ? 0 : 1, idx_first_bad_offset: bad ?? null }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #firstBad(records: number, entries: number, size: number): number | undefined {
    if (this.#bytes % size !== 0) return this.#bytes - (this.#bytes % size)
    return entries === records ? this.#firstMismatch : 0
  }

  #load(at: number): void {
    let got = 0
    while (got < this.#block.length) {
      const n = readSync(this.#fd, this.#block, got, this.#block.length - got, at + got)
      if (n === 0) break
      got += n
    }
    this.#blockStart = at
    this.#blockEnd = at + got
  }
}
