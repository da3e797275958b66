import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import { StudioError } from '../../../shared/errors.ts'
import type { ArchiveEntry, EntrySource } from './archiveEntry.ts'
import { damaged } from './archiveFaults.ts'
import { printable } from './entryPath.ts'

// The upper half of the external attributes holds a Unix file mode, where the packer wrote one.
const S_IFMT = 0o170000
const S_IFREG = 0o100000
const S_IFDIR = 0o040000

/** The entries of a zip, in the order of its directory; sizes and checksums are verified while reading. */
export async function* zipEntries(source: EntrySource): AsyncGenerator<ArchiveEntry> {
  const zip = await yauzl.openPromise(source.path, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
  // A late error also reaches the reader that waits for it; without a listener it would end the process.
  zip.on('error', () => undefined)
  try {
    let done = 0
    for await (const entry of zip.eachEntry()) {
      const type = entryType(entry)
      if (entry.isEncrypted()) throw passwordNeeded(source.path)
      yield { path: entry.fileName, type, sizeBytes: type === 'file' ? entry.uncompressedSize : 0, read: () => content(zip, entry, source) }
      done++
      source.onProgress(done / Math.max(1, zip.entryCount))
    }
  } finally {
    zip.close()
  }
}

function entryType(entry: yauzl.Entry): ArchiveEntry['type'] {
  const mode = (entry.externalFileAttributes >>> 16) & S_IFMT
  if (mode !== 0 && mode !== S_IFREG && mode !== S_IFDIR) {
    const name = printable(entry.fileName)
    throw new StudioError(
      'ARCHIVE_UNSAFE',
      `The archive was refused: it holds a link or a device, and recordings hold none. Nothing was unpacked. Entry: ${name}`
    )
  }
  return entry.fileName.endsWith('/') || mode === S_IFDIR ? 'directory' : 'file'
}

async function* content(zip: yauzl.ZipFile, entry: yauzl.Entry, source: EntrySource): AsyncGenerator<Buffer> {
  const stream = await zip.openReadStreamPromise(entry)
  let checksum = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    source.onUnpacked(chunk.length)
    checksum = crc32(chunk, checksum)
    yield chunk
  }
  if (checksum !== entry.crc32) throw damaged(source.path, `the checksum of ${printable(entry.fileName)} is wrong`)
}

function passwordNeeded(path: string): StudioError {
  return new StudioError(
    'ARCHIVE_DAMAGED',
    `The archive is protected by a password, so it cannot be opened here. Unpack it yourself and add the folder. ${path}`
  )
}
