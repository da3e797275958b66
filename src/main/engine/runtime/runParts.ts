import type { EventFeed } from './events/eventFeed.ts'
import type { Orchestrator } from './orchestrator.ts'
import type { RunOptions } from './runOptions.ts'

/** Everything that a run consists of while it goes on. */
export interface RunParts {
  readonly options: RunOptions
  readonly feed: EventFeed
  readonly orchestrator: Orchestrator
  /** Messages of the venue that were taken over its socket. */
  frames: number
  /** Receive time of the last frame that was taken. */
  lastFrameRelNs: number
}
