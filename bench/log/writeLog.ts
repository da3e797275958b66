import { closeSync, openSync, writeSync } from 'node:fs'
import { FLAG_TEXT, FrameEncoder, HEADER_BYTES_V2, IDX_ENTRY_BYTES_V2 } from '../../src/main/engine/bundle/index.ts'
import { LogFile } from '../../src/main/engine/capture/logFile.ts'
import type { Work } from '../measure.ts'
import { PAYLOAD_BYTES } from './payloads.ts'
import { SyncClock } from './syncClock.ts'
import { warmDisk, warmFile } from './warmFile.ts'

/** As the capture plant does: one batch of records, then its index entries. */
const BATCH_BYTES = 256 * 1024
const RAW_WRITE_BYTES = 1024 * 1024
/** Receive times 5 µs apart. */
const STEP_NS = 5000

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
  return { frames: warmFile('append.frames', bytes.frames), idx: warmFile('append.idx', bytes.idx) }
}

/** Appends records the way the plant's shard writer does (encoder, log, then index), synced each second and at the end. */
export function writeFrameLog(paths: LogPaths, payloads: readonly Buffer[], records: number): Work {
  const frames = new LogFile(warmDisk, paths.frames)
  const idx = new LogFile(warmDisk, paths.idx)
  const begun = performance.now()
  const encoder = new FrameEncoder({ t0MonoNs: 0n, t0WallNs: 0n, batchBytes: BATCH_BYTES })
  const flush = (): void => {
    frames.append(encoder.frames())
    idx.append(encoder.idx())
    encoder.clear()
  }
  let syncedMs = begun
  for (let i = 0; i < records; i++) {
    encoder.append(payloads[i % payloads.length]!, FLAG_TEXT, i * STEP_NS, i * STEP_NS)
    if (encoder.bytes < BATCH_BYTES) continue
    flush()
    if (performance.now() - syncedMs < 1000) continue
    frames.syncNow()
    idx.syncNow()
    syncedMs = performance.now()
  }
  flush()
  frames.syncNow()
  idx.syncNow()
  const seconds = (performance.now() - begun) / 1000
  frames.close()
  idx.close()
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
