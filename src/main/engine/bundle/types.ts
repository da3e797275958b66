import type { FrameVersion } from './frameLayout.ts'
import type { FrameReader, FrameReaderOptions } from './frameReader.ts'
import type { IdxView } from './idxView.ts'
import type { Manifest } from './manifest.ts'
import type { StudioFacts } from './studioFacts.ts'

/** A range of a frame log that holds no readable record. Offsets in bytes of the `.frames` file, `toOffset` exclusive. */
export interface DamagedRange {
  readonly shard: number
  readonly fromOffset: number
  readonly toOffset: number
  readonly reason: string
}

/** What was cut off behind the last whole record of a shard. */
export interface LostTail {
  readonly shard: number
  readonly droppedBytes: number
  readonly reason: string
}

export interface BundleVerdict {
  /** ended: stopped cleanly, nothing lost. recovered: not stopped cleanly, the valid prefix is used. damaged: bytes inside are unreadable. capturing: still being written. */
  readonly state: 'ended' | 'recovered' | 'damaged' | 'capturing'
  readonly lost: readonly LostTail[]
  readonly damage: readonly DamagedRange[]
  /** Shards whose index was missing, short or torn and has been rebuilt (on disk, or in memory where the folder cannot be written). */
  readonly repairedIdx: readonly number[]
  /** One or two plain sentences for people; empty when there is nothing to say. */
  readonly sentence: string
}

/** One shard of an open bundle. */
export interface ShardLog {
  readonly shard: number
  readonly framesPath: string
  readonly idxPath: string
  /** undefined while the shard holds no record */
  readonly version: FrameVersion | undefined
  /** Bytes of the frame log that hold whole records; what lies behind is ignored. */
  readonly validBytes: number
  readonly fileBytes: number
  /** Number of index entries; record indexes run from 0 to records - 1. */
  readonly records: number
  readonly idx: IdxView
  /** Nanoseconds since manifest t0_mono_ns; undefined for an empty shard. */
  readonly firstMonoRelNs: number | undefined
  readonly lastMonoRelNs: number | undefined
}

/** A run bundle that is open for reading. `close()` may be called twice; readers handed out are closed by their owner. */
export interface OpenBundle {
  readonly dir: string
  readonly runId: string
  readonly manifest: Manifest
  readonly studio: StudioFacts | undefined
  readonly t0MonoNs: bigint
  readonly t0WallNs: bigint
  /** Ascending by shard number. */
  readonly shards: readonly ShardLog[]
  readonly verdict: BundleVerdict
  /**
   * A forward reader over the valid prefix of a shard; damage is skipped and listed in `reader.damage` unless asked otherwise.
   * @throws StudioError BUNDLE_NOT_FOUND when the shard does not exist
   */
  openReader(shard: number, options?: Partial<FrameReaderOptions>): FrameReader
  close(): void
}
