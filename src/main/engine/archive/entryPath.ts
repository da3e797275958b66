import { StudioError } from '../../../shared/errors.ts'

/** No bundle is nested deeper, nor has longer names. */
const MAX_DEPTH = 16
const MAX_NAME_BYTES = 200

// Names that Windows gives a meaning of its own, with or without an ending.
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i

/**
 * Splits the path of an archive entry into names that stay inside the folder they are unpacked to, on every system.
 * @returns the names; none for the archive's own root (`./`)
 * @throws StudioError ARCHIVE_UNSAFE
 */
export function entryNames(path: string): string[] {
  const refuse = (why: string): StudioError =>
    new StudioError('ARCHIVE_UNSAFE', `The archive was refused: an entry inside it ${why}. Nothing was unpacked. Entry: ${printable(path)}`)
  if (/^([/\\]|[A-Za-z]:)/.test(path)) throw refuse('has an absolute path')
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(path)) throw refuse('has a name with characters that no recording uses')
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  if (names.includes('..')) throw refuse('points outside the folder it is unpacked to')
  if (names.length > MAX_DEPTH) throw refuse(`is nested deeper than ${MAX_DEPTH} folders`)
  for (const name of names) {
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw refuse(`has a name longer than ${MAX_NAME_BYTES} bytes`)
    if (RESERVED.test(name)) throw refuse('has a name that some systems reserve for devices')
  }
  return names
}

/** True for what file managers add by themselves. `._shard_00.frames` must never be taken for a frame log. */
export function isClutter(names: readonly string[]): boolean {
  return names.some((name) => name === '__MACOSX' || name === '.DS_Store' || name.startsWith('._'))
}

/** A name from outside, safe to show: no control characters, not endless. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is replaced
  return text.slice(0, 200).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e]/g, '?')
}

/** Holds every path of an archive once, so that no entry can replace another. */
export class EntryNames {
  readonly #seen = new Map<string, 'file' | 'directory'>()

  /** @throws StudioError ARCHIVE_UNSAFE when a file comes twice, in other letter case too, or a file is also a folder */
  claim(names: readonly string[], type: 'file' | 'directory'): void {
    for (let depth = 1; depth < names.length; depth++) this.#one(names.slice(0, depth), 'directory')
    this.#one(names, type)
  }

  #one(names: readonly string[], type: 'file' | 'directory'): void {
    const key = names.join('/').normalize('NFC').toLowerCase()
    const before = this.#seen.get(key)
    if (before === undefined) this.#seen.set(key, type)
    else if (before === 'file' || type === 'file') {
      const entry = printable(names.join('/'))
      throw new StudioError(
        'ARCHIVE_UNSAFE',
        `The archive was refused: it holds the same name twice. Nothing was unpacked. Entry: ${entry}`
      )
    }
  }
}
