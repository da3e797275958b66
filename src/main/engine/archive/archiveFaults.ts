import { StudioError } from '../../../shared/errors.ts'

/** An archive that is not what its packer wrote. `detail` is a clause of its own. */
export function damaged(path: string, detail: string, cause?: unknown): StudioError {
  return new StudioError(
    'ARCHIVE_DAMAGED',
    `The archive is damaged or cut off: ${detail}. Copy or pack it again; nothing was unpacked. ${path}`,
    {
      cause
    }
  )
}

/** Error codes of the operating system that mean "these two names cannot both be here", so the archive is to blame. */
const NAME_CLASH = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EILSEQ', 'EINVAL'])
/** Error codes of the operating system that the user can act on as they are. */
const SYSTEM = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'])

/** Turns whatever the archive libraries throw into one clear sentence. */
export function archiveFault(error: unknown, path: string, signal: AbortSignal): StudioError {
  if (error instanceof StudioError) return error
  if (signal.aborted) return new StudioError('ABORTED', `Unpacking was stopped; nothing was kept. ${path}`, { cause: error })
  const code = (error as NodeJS.ErrnoException | null)?.code ?? ''
  const text = error instanceof Error ? error.message : String(error)
  if (code === 'ENOENT') return new StudioError('BUNDLE_NOT_FOUND', `There is no such file or folder. ${path}`, { cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new StudioError(
      'DISK_FULL',
      `The disk became full while unpacking; nothing was kept. Free some space and add the archive again. ${path}`,
      { cause: error }
    )
  if (SYSTEM.has(code)) return new StudioError('FILE_FAILED', `The archive could not be unpacked: ${text}. ${path}`, { cause: error })
  if (NAME_CLASH.has(code) || /invalid relative path|absolute path|invalid characters in fileName/.test(text))
    return new StudioError(
      'ARCHIVE_UNSAFE',
      `The archive was refused: it holds a name that cannot be unpacked safely (${text}). Nothing was unpacked. ${path}`,
      { cause: error }
    )
  if (/strong encryption/.test(text))
    return new StudioError(
      'ARCHIVE_DAMAGED',
      `The archive is protected by a password, so it cannot be opened here. Unpack it yourself and add the folder. ${path}`,
      { cause: error }
    )
  return damaged(path, plain(text), error)
}

/** A library's message as a clause: no capital, no full stop. */
function plain(text: string): string {
  const first = (text.split(/\. /)[0] ?? text).replace(/\.$/, '').slice(0, 160)
  return first.charAt(0).toLowerCase() + first.slice(1)
}
