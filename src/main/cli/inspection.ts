import { InvalidArgumentError } from 'commander'
import { StudioError, toFailure, type ErrorCode } from '../../shared/errors.ts'

/** What is not there, is no run, or cannot be read counts as wrong usage: exit code 2, as in the original tools. 1 is for what was found in a run. */
const NOT_JUDGED: readonly ErrorCode[] = ['BUNDLE_NOT_FOUND', 'BUNDLE_FOREIGN', 'BUNDLE_NEWER', 'BUNDLE_EXISTS', 'FILE_FAILED']

/** Runs a command over a finished run: Ctrl+C ends it, progress goes to a terminal, a run that is not there is wrong usage. */
export async function inspection<T>(
  task: (options: { signal: AbortSignal; onProgress: (share: number) => void }) => Promise<T>
): Promise<T> {
  const abort = new AbortController()
  const stop = (): void => abort.abort(new StudioError('ABORTED', 'Stopped before the end; nothing was written.'))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await task({ signal: abort.signal, onProgress: progressLine() })
  } catch (error) {
    throw asUsage(error)
  } finally {
    process.removeListener('SIGINT', stop)
    process.removeListener('SIGTERM', stop)
  }
}

/** @returns what to throw: wrong usage where there was nothing to judge, else the error itself */
export function asUsage(error: unknown): unknown {
  const { code, message } = toFailure(error)
  return NOT_JUDGED.includes(code) ? new StudioError('USAGE', message, { cause: error }) : error
}

/** For options: a number from 0. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('Expected a number from 0.')
  return value
}

/** For options: a whole number from 0. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('Expected a whole number from 0.')
  return value
}

function progressLine(): (share: number) => void {
  if (!process.stderr.isTTY) return () => undefined
  let last = -1
  return (share) => {
    const percent = Math.min(100, Math.floor(share * 100))
    if (percent === last) return
    last = percent
    process.stderr.write(`\r${percent} %${percent === 100 ? '\n' : ''}`)
  }
}
