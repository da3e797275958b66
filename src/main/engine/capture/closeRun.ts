import type { Failure } from '../../../shared/errors.ts'
import type { CaptureConfig } from './config.ts'
import { tryEach } from './lastWords.ts'
import type { ReceiveClock } from './receiveClock.ts'
import type { RunFiles, RunRecord } from './runFiles.ts'
import { writeStudioFile } from './studioFile.ts'

/** Why a run ended, and what went wrong if anything did. */
export interface Ending {
  readonly reason: string
  readonly failure: Failure | undefined
}

export interface ClosingRun {
  readonly config: CaptureConfig
  readonly clock: ReceiveClock
  readonly files: RunFiles
  /** The run leaves nothing behind. */
  readonly discard: boolean
  readonly lastBeat: () => void
  readonly tellMissing: () => void
  readonly stopFields: () => RunRecord
}

/** Writes a run's last records and closes its files. @returns the first thing that went wrong; every step is tried all the same */
export function closeRun({ config, clock, files, discard, lastBeat, tellMissing, stopFields }: ClosingRun): Failure | undefined {
  if (discard) {
    files.discard()
    return undefined
  }
  const failure = tryEach([
    lastBeat,
    tellMissing,
    () => files.log('capture_stop', stopFields()),
    () => writeStudioFile(files.paths.dir, config, clock.nowOnDisk().wallNs),
    () => files.close()
  ])
  if (failure !== undefined) files.abandon()
  return failure
}
