import { open } from 'node:fs/promises'
import { StudioError } from '../../../shared/errors.ts'

/** How an archive is packed, told from its first bytes; its name is never trusted. */
export type ArchiveKind = 'zip' | 'tar' | 'tar.gz' | 'tar.zst'

/** Where the magic of a tar header lies. */
const TAR_MAGIC_AT = 257
/** A tar begins with a header block of this size. */
export const TAR_BLOCK_BYTES = 512

/** True when these bytes (at least one block) begin a tar. */
export function beginsTar(head: Buffer): boolean {
  return head.length >= TAR_BLOCK_BYTES && head.toString('latin1', TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === 'ustar'
}

/** Formats that people may try; naming them tells what to do. */
const OTHERS: readonly (readonly [magic: string, name: string])[] = [
  ['fd377a585a00', 'an .xz archive'],
  ['425a68', 'a .bz2 archive'],
  ['377abcaf271c', 'a .7z archive'],
  ['526172211a07', 'a .rar archive'],
  ['04224d18', 'an .lz4 archive']
]

/**
 * @returns how the archive is packed
 * @throws StudioError BUNDLE_FOREIGN when the file is no archive that Tapedeck can unpack
 */
export async function archiveKind(path: string): Promise<ArchiveKind> {
  const head = await readHead(path)
  const hex = head.toString('hex', 0, 8)
  // 0506 is a zip without entries: unpacking says that no bundle is inside.
  if (/^504b(0304|0506|0708)/.test(hex)) return 'zip'
  if (hex.startsWith('1f8b')) return 'tar.gz'
  // The second form is a skippable frame, which may come before the first frame.
  if (hex.startsWith('28b52ffd') || /^5.2a4d18/.test(hex)) return 'tar.zst'
  if (beginsTar(head)) return 'tar'
  const other = OTHERS.find(([magic]) => hex.startsWith(magic))?.[1]
  const found = other ?? (head.length === 0 ? 'an empty file' : 'something else')
  throw new StudioError(
    'BUNDLE_FOREIGN',
    `Expected the folder of a run bundle, or a .zip, .tar.gz, .tar.zst or .tar of one; found ${found}. ${path}`
  )
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAR_BLOCK_BYTES), 0, TAR_BLOCK_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
