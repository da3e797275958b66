import { existsSync, statSync } from 'node:fs'
import { StudioError } from '../../../shared/errors.ts'
import { hostClock } from '../clock.ts'
import { isBeingCaptured } from './captureLock.ts'
import { frameFilesOf, type FrameFiles } from './frameFiles.ts'
import { FrameReader, type FrameReaderOptions } from './frameReader.ts'
import { inspectGrowingShard, inspectShard, type ShardInspection } from './inspectShard.ts'
import { bundlePaths, readManifest, type BundlePaths, type Manifest } from './manifest.ts'
import { readNdjsonTail } from './runLogTail.ts'
import { readStudioFacts, type StudioFacts } from './studioFacts.ts'
import type { BundleVerdict, OpenBundle, ShardLog } from './types.ts'
import { verdictOf } from './verdict.ts'

/** Up to this size every record is checked at open even after a clean end; it costs a fraction of a second. */
const FULL_SCAN_BYTES = 256 * 1024 * 1024

export interface OpenBundleOptions {
  /** full: check every record at open. auto (default): do so unless the bundle ended cleanly and is large. quick: only where the index does not fit. */
  readonly scan?: 'auto' | 'full' | 'quick'
  /** Never write to the folder: a rebuilt index stays in memory. Default false. */
  readonly readOnly?: boolean
}

/**
 * Opens a run bundle for reading, of this program or of the original capture system. Rebuilds a missing, short or torn index (on disk where it
 * may), never changes a frame log, and says in `verdict` what was lost or is unreadable. A bundle that is being captured opens for what is synced.
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_NEWER, FILE_FAILED
 */
export async function openBundle(dir: string, options: OpenBundleOptions = {}): Promise<OpenBundle> {
  const manifest = readManifest(dir)
  const studio = readStudioFacts(dir)
  const paths = bundlePaths(dir)
  if (!existsSync(paths.captureDir)) {
    throw new StudioError(
      'BUNDLE_FOREIGN',
      `This folder has a manifest but no capture/ folder with frame logs, so there is nothing to replay. Folder: ${dir}`
    )
  }
  const files = frameFilesOf(paths.captureDir)
  const capturing = isBeingCaptured(dir, Number(hostClock.wallNs() / 1_000_000n))
  const inspections = capturing ? growing(files, manifest, paths) : settled(files, manifest, paths, options)
  const shards = inspections.map((inspection) => inspection.log)
  const missing = missingShards(manifest, shards)
  const verdict = verdictOf({ capturing, cleanStop: endedCleanly(paths), t0WallNs: manifest.t0WallNs, inspections, missing })
  return new Bundle(dir, manifest, studio, shards, verdict)
}

function settled(files: readonly FrameFiles[], manifest: Manifest, paths: BundlePaths, options: OpenBundleOptions): ShardInspection[] {
  const bytes = files.reduce((total, file) => total + statSync(file.framesPath).size, 0)
  const scan = options.scan === 'full' || (options.scan !== 'quick' && (bytes <= FULL_SCAN_BYTES || !endedCleanly(paths)))
  const readOnly = options.readOnly ?? false
  return files.map((file) => inspectShard(file, { t0MonoNs: manifest.t0MonoNs, t0WallNs: manifest.t0WallNs, scan, readOnly }))
}

function growing(files: readonly FrameFiles[], manifest: Manifest, paths: BundlePaths): ShardInspection[] {
  const synced = readNdjsonTail(paths.globalMetrics).at(-1)?.['synced_bytes']
  const byShard = typeof synced === 'object' && synced !== null ? (synced as Record<string, unknown>) : {}
  return files.map((file) =>
    inspectGrowingShard(file, { t0MonoNs: manifest.t0MonoNs, t0WallNs: manifest.t0WallNs }, Number(byShard[String(file.shard)] ?? 0))
  )
}

function endedCleanly(paths: BundlePaths): boolean {
  return readNdjsonTail(paths.runlog).some((record) => record['record_type'] === 'capture_stop')
}

function missingShards(manifest: Manifest, shards: readonly ShardLog[]): number[] {
  const found = new Set(shards.map((log) => log.shard))
  return Array.from({ length: manifest.shardCount ?? 0 }, (_, shard) => shard).filter((shard) => !found.has(shard))
}

class Bundle implements OpenBundle {
  readonly dir: string
  readonly manifest: Manifest
  readonly studio: StudioFacts | undefined
  readonly shards: readonly ShardLog[]
  readonly verdict: BundleVerdict

  constructor(dir: string, manifest: Manifest, studio: StudioFacts | undefined, shards: readonly ShardLog[], verdict: BundleVerdict) {
    this.dir = dir
    this.manifest = manifest
    this.studio = studio
    this.shards = shards
    this.verdict = verdict
  }

  get runId(): string {
    return this.manifest.runId
  }

  get t0MonoNs(): bigint {
    return this.manifest.t0MonoNs
  }

  get t0WallNs(): bigint {
    return this.manifest.t0WallNs
  }

  openReader(shard: number, options: Partial<FrameReaderOptions> = {}): FrameReader {
    const log = this.shards.find((candidate) => candidate.shard === shard)
    if (log === undefined) throw new StudioError('BUNDLE_NOT_FOUND', `The bundle has no shard ${shard}. Folder: ${this.dir}`)
    return new FrameReader({
      path: log.framesPath,
      shard,
      t0MonoNs: this.t0MonoNs,
      t0WallNs: this.t0WallNs,
      endOffset: log.validBytes,
      onDamage: 'skip',
      idx: log.idx,
      ...options
    })
  }

  close(): void {
    for (const log of this.shards) log.idx.close()
  }
}
