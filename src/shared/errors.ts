/** Codes of failed operations. A fault in the data is never one of these: it is a record in the `integrity` channel. */
export type ErrorCode =
  | 'USAGE'
  | 'CONFIG_INVALID'
  | 'PORT_IN_USE'
  | 'DISK_FULL'
  | 'FILE_FAILED'
  | 'BUNDLE_NOT_FOUND'
  | 'BUNDLE_FOREIGN'
  | 'BUNDLE_NEWER'
  | 'BUNDLE_DAMAGED'
  | 'BUNDLE_EXISTS'
  | 'ARCHIVE_DAMAGED'
  | 'ARCHIVE_UNSAFE'
  | 'VENUE_UNREACHABLE'
  | 'VENUE_REFUSED'
  | 'STRATEGY_FAILED'
  | 'BUSY'
  | 'ABORTED'
  | 'INTERNAL'

/**
 * An operation that failed for a reason the user can act on.
 * `message` is one plain sentence or two: what was expected, what was found, what to do; a file path comes last.
 */
export class StudioError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StudioError'
    this.code = code
  }
}

/** The plain form of an error that crosses a thread, a process or a wire. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
}

/** Turns anything thrown into a Failure. An unknown error keeps its message but never its stack. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StudioError) return { code: error.code, message: error.message }
  const text = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && error.name === 'AbortError') return { code: 'ABORTED', message: 'Stopped before the end.' }
  const system = systemFailure(error, text)
  return system ?? { code: 'INTERNAL', message: `Something unexpected went wrong inside Tapedeck: ${text}` }
}

/** @returns the Failure for the operating system's own error codes, undefined for any other error */
function systemFailure(error: unknown, text: string): Failure | undefined {
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'ENOSPC')
    return { code: 'DISK_FULL', message: 'The disk is full. Free some space and try again; everything written so far is kept.' }
  if (code === 'EADDRINUSE')
    return { code: 'PORT_IN_USE', message: `The port is already in use by another program. Choose another port. (${text})` }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return { code: 'FILE_FAILED', message: `Access was refused by the operating system. (${text})` }
  if (code === 'EIO') return { code: 'FILE_FAILED', message: `The disk reported an error. Check it, then try again. (${text})` }
  if (code === 'EISDIR') return { code: 'FILE_FAILED', message: `A file is expected, but a folder was found. (${text})` }
  if (code === 'ENOTDIR') return { code: 'FILE_FAILED', message: `A folder is expected, but a file was found in its place. (${text})` }
  if (code === 'ENOENT') return { code: 'FILE_FAILED', message: `A file or folder that should exist does not. (${text})` }
  return undefined
}

/** Ends a switch over a closed union; a value that reaches it is a bug. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}

/** Broken promises of the code (never of the data) end here. */
export function assert(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new Error(`broken promise: ${promise}`)
}
