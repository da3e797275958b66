import { toFailure, type ErrorCode, type Failure } from '../../../shared/errors.ts'
import type { CaptureConfig } from './config.ts'
import type { RunRecord } from './runFiles.ts'

export type FatalReason =
  | 'LOW_DISK'
  | 'LATENCY_FATAL'
  | 'BACKPRESSURE_STALL'
  | 'RECONNECT_STORM'
  | 'SUBSCRIBE_CONFIRM_FAIL'
  | 'MONO_TIME_QUANTIZED'
  | 'INTERNAL_ASSERT'
  | 'CHURN_GUARD_SUSTAINED'
  | 'RUNLOG_FAILURE'
  | 'FRAME_WRITER_ERROR'

/** Why a run has to end. */
export interface Fatal {
  readonly reason: FatalReason
  readonly failure: Failure
  /** What was caught first, where something was. */
  readonly cause?: unknown
}

export function fatal(reason: FatalReason, code: ErrorCode, message: string, cause?: unknown): Fatal {
  return { reason, failure: { code, message }, cause }
}

export function coarseClock(): Fatal {
  const message =
    'The monotonic clock of this machine moves in steps of whole milliseconds, so the order of messages could not be kept. Record on another machine.'
  return fatal('MONO_TIME_QUANTIZED', 'CONFIG_INVALID', message)
}

export function brokenPromise(cause: unknown): Fatal {
  const message = `The recording ended because of a fault of its own; everything received until then is kept. ${toFailure(cause).message}`
  return fatal('INTERNAL_ASSERT', 'INTERNAL', message, cause)
}

export function unsynced(seconds: number): Fatal {
  const message = `The disk has not confirmed for ${seconds.toFixed(1)} s that the recording is safe; the run was ended. Everything acknowledged before is kept.`
  return fatal('LATENCY_FATAL', 'FILE_FAILED', message)
}

export function stalled(config: CaptureConfig): Fatal {
  const message = `Messages waited longer than ${config.captureBackpressureFatalMs} ms to be written in three heartbeats in a row (capture_backpressure_fatal_ms); the run was ended. Record fewer instruments, or on a faster machine.`
  return fatal('BACKPRESSURE_STALL', 'FILE_FAILED', message)
}

/** The disk refused a write of the frame log, or could not confirm one. */
export function diskRefused(cause: unknown, where: 'write' | 'sync'): Fatal {
  const { code, message: found } = toFailure(cause)
  const what = where === 'sync' ? 'The disk could not confirm that the recording is safe' : 'The recording could not be written'
  const message = `${what}; the run was ended. Everything acknowledged before is kept. ${found}`
  return code === 'DISK_FULL' ? fatal('LOW_DISK', code, message, cause) : fatal('FRAME_WRITER_ERROR', 'FILE_FAILED', message, cause)
}

export function runlogRefused(cause: unknown): Fatal {
  const { code, message: found } = toFailure(cause)
  if (code === 'DISK_FULL') return diskRefused(cause, 'write')
  const message = `The run log could not be written; the run was ended. Everything acknowledged before is kept. ${found}`
  return fatal('RUNLOG_FAILURE', 'FILE_FAILED', message, cause)
}

/** Fields of fatal.json about what was caught first. */
export function firstError(cause: unknown): RunRecord {
  if (cause === undefined) return {}
  const { code, message, name }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error('something was thrown that is no error')
  return { first_error_type: name, first_error_code: code ?? null, first_error_message: message }
}
