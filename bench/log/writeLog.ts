import { closeSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { FLAG_TEXT, framesFileName, HEADER_BYTES_V2, IDX_ENTRY_BYTES_V2, idxFileName } from '../../src/main/engine/bundle/index.ts'
import { ReceiveClock } from '../../src/main/engine/capture/receiveClock.ts'
import { ShardWriter } from '../../src/main/engine/capture/shardWriter.ts'
import { hostClock } from '../../src/main/engine/clock.ts'
import type { Work } from '../measure.ts'
import { PAYLOAD_BYTES } from './payloads.ts'
import { SyncClock } from './syncClock.ts'
import { warmDisk, warmFile } from './warmFile.ts'

/** At which the capture plant writes a batch. */
const BATCH_BYTES = 256 * 1024
const RAW_WRITE_BYTES = 1024 * 1024
const SHARD = 0

export interface LogPaths {
  readonly frames: string
  readonly idx: string
}

/** Bytes that a log of so many records takes. */
export function logBytes(records: number): { frames: number; idx: number } {
  return { frames: records * (HEADER_BYTES_V2 + PAYLOAD_BYTES), idx: records * IDX_ENTRY_BYTES_V2 }
}

/** Paths of warmed files for a log of so many records. */
export function warmLog(records: number): LogPaths {
  const bytes = logBytes(records)
  return { frames: warmFile(framesFileName(SHARD), bytes.frames), idx: warmFile(idxFileName(SHARD), bytes.idx) }
}

/** Appends records through the plant's shard writer: each is stamped when it comes, written with its batch, synced each second and at the end. */
export function writeFrameLog(paths: LogPaths, payloads: readonly Buffer[], records: number): Work {
  const writer = new ShardWriter(warmDisk, dirname(paths.frames), SHARD, new ReceiveClock(hostClock))
  const { frames, idx } = writer
  const begun = performance.now()
  let syncedMs = begun
  for (let i = 0; i < records; i++) {
    writer.append(payloads[i % payloads.length]!, FLAG_TEXT)
    if (writer.pendingBytes < BATCH_BYTES) continue
    writer.flush(false)
    if (performance.now() - syncedMs < 1000) continue
    frames.syncNow()
    idx.syncNow()
    syncedMs = performance.now()
  }
  writer.flush(false)
  frames.syncNow()
  idx.syncNow()
  const seconds = (performance.now() - begun) / 1000
  writer.close(false)
  return { count: frames.writtenBytes + idx.writtenBytes, seconds }
}

/**
 * The limit: as many bytes in plain writes of 1 MB into the same two files, with the same syncs. The same files, since how fast a sync is
 * depends on where on the disk a file happens to lie.
 */
export function writeRaw(paths: LogPaths, source: Buffer, bytes: { readonly frames: number; readonly idx: number }): Work {
  const files = [
    { fd: openSync(paths.frames, 'r+'), bytes: bytes.frames },
    { fd: openSync(paths.idx, 'r+'), bytes: bytes.idx }
  ]
  const begun = performance.now()
  const sync = new SyncClock(files.map(({ fd }) => fd))
  let total = 0
  for (const file of files) {
    for (let written = 0; written < file.bytes;) {
      written += writeSync(file.fd, source, 0, Math.min(RAW_WRITE_BYTES, file.bytes - written), written)
      sync.check()
    }
    total += file.bytes
  }
  sync.sync()
  const seconds = (performance.now() - begun) / 1000
  for (const { fd } of files) closeSync(fd)
  return { count: total, seconds }
}
