import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { FrameFiles } from './frameFiles.ts'
import { headerBytes, idxEntryBytes, type FrameVersion } from './frameLayout.ts'
import { FrameReader } from './frameReader.ts'
import { IdxRebuild } from './idxRebuild.ts'
import { IdxView, openIdx, type IdxOrigins } from './idxView.ts'
import type { DamagedRange, LostTail, ShardLog } from './types.ts'

export interface InspectOptions {
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
  /** Read and check every record. false: believe an index whose end fits the log. */
  readonly scan: boolean
  /** Never write: a rebuilt index stays in memory. */
  readonly readOnly: boolean
}

export interface ShardInspection {
  readonly log: ShardLog
  readonly damage: readonly DamagedRange[]
  readonly lost: LostTail | undefined
  readonly idxRebuilt: boolean
}

interface Extent {
  readonly validBytes: number
  readonly damage: readonly DamagedRange[]
  readonly lost: LostTail | undefined
}

/** Finds out what of a shard can be used, and gives it an index that fits. Never changes the frame log. */
export function inspectShard(files: FrameFiles, options: InspectOptions): ShardInspection {
  const fileBytes = statSync(files.framesPath).size
  const version = versionOf(files, options)
  const origins: IdxOrigins = { version: version ?? 2, t0MonoNs: options.t0MonoNs, t0WallNs: options.t0WallNs }
  const idx = openOrEmpty(files.idxPath, origins)
  if (!options.scan && idx.whole && idxFitsEnd(files.framesPath, idx.view, fileBytes)) {
    return { log: shardLog(files, version, fileBytes, fileBytes, idx.view), damage: [], lost: undefined, idxRebuilt: false }
  }
  return scanShard(files, options, { fileBytes, version, origins, idx })
}

/** The same for a shard that another thread or process is writing: the records that lie in its first `syncedBytes`, by its index. Writes nothing. */
export function inspectGrowingShard(
  files: FrameFiles,
  options: Omit<InspectOptions, 'scan' | 'readOnly'>,
  syncedBytes: number
): ShardInspection {
  const fileBytes = statSync(files.framesPath).size
  const version = versionOf(files, options)
  const origins: IdxOrigins = { version: version ?? 2, t0MonoNs: options.t0MonoNs, t0WallNs: options.t0WallNs }
  const whole = openOrEmpty(files.idxPath, origins).view
  let records = whole.lowerBoundOffset(syncedBytes)
  let validBytes = records === 0 ? 0 : afterEntry(whole, records - 1)
  if (validBytes > syncedBytes) {
    records -= 1
    validBytes = whole.offset
  }
  whole.close()
  const idx = records === 0 ? new IdxView(Buffer.alloc(0), 0, origins) : viewOfPrefix(files.idxPath, records, origins)
  return { log: shardLog(files, version, validBytes, fileBytes, idx), damage: [], lost: undefined, idxRebuilt: false }
}

interface ScanInput {
  readonly fileBytes: number
  readonly version: FrameVersion | undefined
  readonly origins: IdxOrigins
  readonly idx: OpenedIdx
}

function scanShard(files: FrameFiles, options: InspectOptions, input: ScanInput): ShardInspection {
  const { idx, origins, fileBytes } = input
  const agreement = compareAll(files, options, fileBytes, idx.view)
  const extent = extentOf(files.shard, agreement, fileBytes, idx.view)
  const inLog = idx.view.lowerBoundOffset(extent.validBytes)
  if (idx.whole && agreement.mismatches === 0 && agreement.unindexed === 0 && inLog === idx.view.count) {
    return { log: shardLog(files, input.version, extent.validBytes, fileBytes, idx.view), ...extent, idxRebuilt: false }
  }
  const keep = agreement.mismatches === 0 ? inLog : 0
  const fromOffset = keep === 0 ? 0 : (agreement.firstUnindexedOffset ?? extent.validBytes)
  const rebuilt = rebuild(files, options, { origins, keep, fromOffset, validBytes: extent.validBytes })
  idx.view.close()
  return { log: shardLog(files, input.version, extent.validBytes, fileBytes, rebuilt), ...extent, idxRebuilt: true }
}

interface Agreement {
  readonly lastEnd: number
  readonly damage: readonly DamagedRange[]
  /** Records that an index entry contradicts, and records behind the index's end. */
  readonly mismatches: number
  readonly unindexed: number
  readonly firstUnindexedOffset: number | undefined
}

function compareAll(files: FrameFiles, options: InspectOptions, endBytes: number, idx: IdxView): Agreement {
  const reader = new FrameReader({
    path: files.framesPath,
    shard: files.shard,
    ...originsOf(options),
    endOffset: endBytes,
    onDamage: 'skip',
    idx
  })
  let lastEnd = 0
  let mismatches = 0
  let unindexed = 0
  let firstUnindexedOffset: number | undefined
  try {
    while (reader.next()) {
      lastEnd = reader.nextOffset
      if (reader.idx >= idx.count) {
        unindexed += 1
        firstUnindexedOffset ??= reader.offset
      } else if (!entryAgrees(reader, idx)) mismatches += 1
    }
    return { lastEnd, damage: reader.damage, mismatches, unindexed, firstUnindexedOffset }
  } finally {
    reader.close()
  }
}

function entryAgrees(reader: FrameReader, idx: IdxView): boolean {
  idx.read(reader.idx)
  const sameTimes = idx.monoRelNs === reader.monoRelNs && idx.wallRelNs === reader.wallRelNs
  return sameTimes && idx.offset === reader.offset && idx.length === reader.payloadEnd - reader.payloadStart && idx.crc === reader.crc
}

function originsOf(options: Pick<InspectOptions, 't0MonoNs' | 't0WallNs'>): { t0MonoNs: bigint; t0WallNs: bigint } {
  return { t0MonoNs: options.t0MonoNs, t0WallNs: options.t0WallNs }
}

/** Damage that reaches the end of the file is a lost tail; damage before the last good record stays in place. */
function extentOf(shard: number, agreement: Agreement, endBytes: number, idx: IdxView): Extent {
  const inside = agreement.damage.filter((range) => range.toOffset <= agreement.lastEnd)
  const tail = agreement.damage.find((range) => range.toOffset > agreement.lastEnd)
  if (tail !== undefined) {
    return {
      validBytes: agreement.lastEnd,
      damage: inside,
      lost: { shard, droppedBytes: endBytes - agreement.lastEnd, reason: tail.reason }
    }
  }
  const missing = agreement.mismatches === 0 ? promisedBehind(idx, agreement.lastEnd) - endBytes : 0
  const lost = missing > 0 ? { shard, droppedBytes: missing, reason: 'the frame log is shorter than its index says' } : undefined
  return { validBytes: agreement.lastEnd, damage: inside, lost }
}

/** @returns the length that the frame log had by the unbroken row of index entries behind `lastEnd`; entries that do not join on are torn, not a promise */
function promisedBehind(idx: IdxView, lastEnd: number): number {
  let end = lastEnd
  for (let entry = idx.lowerBoundOffset(lastEnd); entry < idx.count; entry++) {
    idx.read(entry)
    if (idx.offset !== end) break
    end += headerBytes(idx.version) + idx.length
  }
  return end
}

/** @returns the length that the frame log must have by its index */
function promisedBytes(idx: IdxView): number {
  if (idx.count === 0) return 0
  idx.read(idx.count - 1)
  return idx.offset + headerBytes(idx.version) + idx.length
}

interface RebuildPlan {
  readonly origins: IdxOrigins
  /** Entries of the old index that hold. */
  readonly keep: number
  /** Where in the log the first record lies that they do not name, and where the log's usable part ends. */
  readonly fromOffset: number
  readonly validBytes: number
}

/** A disk that refuses the new index is no reason to refuse the bundle: it stays in memory then. */
function rebuild(files: FrameFiles, options: InspectOptions, plan: RebuildPlan): IdxView {
  if (options.readOnly) return rebuildInto(files, options, plan, true)
  try {
    return rebuildInto(files, options, plan, false)
  } catch {
    return rebuildInto(files, options, plan, true)
  }
}

function rebuildInto(files: FrameFiles, options: InspectOptions, plan: RebuildPlan, inMemory: boolean): IdxView {
  const { origins, keep, fromOffset, validBytes } = plan
  const target = new IdxRebuild(files.idxPath, origins.version, inMemory)
  const reader = new FrameReader({
    path: files.framesPath,
    shard: files.shard,
    ...originsOf(options),
    startOffset: fromOffset,
    startIdx: keep,
    endOffset: validBytes,
    onDamage: 'skip'
  })
  try {
    if (keep > 0) copyEntries(files.idxPath, keep * idxEntryBytes(origins.version), target)
    while (reader.next()) target.add(reader)
    const entries = target.publish()
    return entries === undefined ? openIdx(files.idxPath, origins) : new IdxView(entries, target.entries, origins)
  } catch (error) {
    target.discard()
    throw error
  } finally {
    reader.close()
  }
}

function afterEntry(idx: IdxView, entry: number): number {
  idx.read(entry)
  return idx.offset + headerBytes(idx.version) + idx.length
}

function copyEntries(path: string, bytes: number, target: IdxRebuild): void {
  const fd = openSync(path, 'r')
  const block = Buffer.alloc(Math.min(bytes, 96 * 8192))
  try {
    for (let at = 0; at < bytes;) {
      const n = readSync(fd, block, 0, Math.min(block.length, bytes - at), at)
      if (n === 0) break
      target.copy(block.subarray(0, n))
      at += n
    }
  } finally {
    closeSync(fd)
  }
}

function viewOfPrefix(path: string, count: number, origins: IdxOrigins): IdxView {
  return new IdxView(openSync(path, 'r'), count, origins)
}

interface OpenedIdx {
  readonly view: IdxView
  /** The file exists and holds whole entries only. */
  readonly whole: boolean
}

function openOrEmpty(path: string, origins: IdxOrigins): OpenedIdx {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return { view: new IdxView(Buffer.alloc(0), 0, origins), whole: false }
  return { view: openIdx(path, origins), whole: stats.size % idxEntryBytes(origins.version) === 0 }
}

/** @returns the version of the first good record, undefined where there is none */
function versionOf(files: FrameFiles, options: Pick<InspectOptions, 't0MonoNs' | 't0WallNs'>): FrameVersion | undefined {
  const reader = new FrameReader({
    path: files.framesPath,
    shard: files.shard,
    ...originsOf(options),
    onDamage: 'skip',
    windowBytes: 64 * 1024
  })
  try {
    return reader.next() ? reader.version : undefined
  } finally {
    reader.close()
  }
}

/** The index is believed when its last entry describes a record that ends exactly where the log ends. */
function idxFitsEnd(framesPath: string, idx: IdxView, fileBytes: number): boolean {
  if (idx.count === 0) return fileBytes === 0
  if (promisedBytes(idx) !== fileBytes) return false
  const reader = new FrameReader({ path: framesPath, shard: 0, t0MonoNs: 0n, t0WallNs: 0n, startOffset: idx.offset, onDamage: 'skip' })
  try {
    return reader.next() && reader.damage.length === 0 && reader.offset === idx.offset && reader.crc === idx.crc
  } finally {
    reader.close()
  }
}

function shardLog(files: FrameFiles, version: FrameVersion | undefined, validBytes: number, fileBytes: number, idx: IdxView): ShardLog {
  let firstMonoRelNs: number | undefined
  let lastMonoRelNs: number | undefined
  if (idx.count > 0) {
    idx.read(idx.count - 1)
    lastMonoRelNs = idx.monoRelNs
    idx.read(0)
    firstMonoRelNs = idx.monoRelNs
  }
  return {
    shard: files.shard,
    framesPath: files.framesPath,
    idxPath: files.idxPath,
    version: validBytes === 0 ? undefined : version,
    validBytes,
    fileBytes,
    records: idx.count,
    idx,
    firstMonoRelNs,
    lastMonoRelNs
  }
}
