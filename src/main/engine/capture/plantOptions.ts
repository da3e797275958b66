import type { Clock } from '../clock.ts'
import type { CaptureEvent } from '../threads/captureMessages.ts'
import type { CaptureConfig } from './config.ts'
import type { Disk } from './logFile.ts'
import type { CaptureSecrets } from './world/index.ts'

/** Acknowledged bytes are promised to lag one second; a disk that has confirmed nothing for so long will not keep that promise. */
export const MAX_UNSYNCED_SECONDS = 30

export interface CapturePlantOptions {
  readonly config: CaptureConfig
  readonly emit: (event: CaptureEvent) => void
  readonly clock?: Clock
  readonly disk?: Disk
  readonly secrets?: CaptureSecrets
  /** Tests shorten it. */
  readonly maxUnsyncedSeconds?: number
}
