import type { MissingBytes } from '../../replay/index.ts'
import type { TapeFrame } from '../../tape/index.ts'
import type { NormaliserCounts } from '../normalise/bookNormaliser.ts'
import type { EventBatch } from './eventBatch.ts'

/** Which messages become events: full books alone, or every change of a best price or its size. */
export type EventMode = 'book' | 'change'

/** Told when the steps of one frame are done, for the latency report. */
export interface FrameStamps {
  decodeStart(): void
  decodeEnd(): void
  normalised(): void
}

/** Frames in, canonical events out. */
export interface EventFeed {
  readonly counts: NormaliserCounts
  /** Takes one frame and appends its events. */
  take(frame: TapeFrame, out: EventBatch, stamps?: FrameStamps): void
  /** Bytes of a shard are missing, in front of its next frame. Left out where the trust alone is concerned. */
  missing?(missing: MissingBytes): void
}
