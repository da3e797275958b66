import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { once, type EventEmitter } from 'node:events'
import type { Readable, Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import tar from 'tar-stream'
import { StudioError } from '../../../shared/errors.ts'
import type { ArchiveEntry, EntrySource } from './archiveEntry.ts'
import { damaged } from './archiveFaults.ts'
import { beginsTar, TAR_BLOCK_BYTES, type ArchiveKind } from './archiveKind.ts'
import { printable } from './entryPath.ts'

/** A tar ends with two blocks of zeros. Their absence is the only sign of a cut between two entries, and of a cut zstd stream. */
const END_BYTES = 2 * TAR_BLOCK_BYTES
/** How far a stream that does not begin as a tar is read in search of damage. */
const FOREIGN_LOOK_BYTES = 64 * 1024 * 1024

type TarEntry = AsyncIterable<Buffer> & { readonly header: tar.Header; resume(): unknown }

/** The entries of a tar, packed or not, in file order, in one pass. */
export async function* tarEntries(source: EntrySource, kind: Exclude<ArchiveKind, 'zip'>): AsyncGenerator<ArchiveEntry> {
  const total = Math.max(1, (await stat(source.path)).size)
  // From here on nothing waits before somebody reads: a stream that fails while nobody listens would end the process.
  const extract = tar.extract()
  const packed = createReadStream(source.path, { highWaterMark: 256 * 1024, signal: source.signal })
  const unpacked = kind === 'tar' ? packed : through(packed, kind === 'tar.gz' ? createGunzip() : createZstdDecompress())
  let broken: Error | undefined
  const fed = feed(checkTar(unpacked, kind, source), extract).catch((error: unknown) => {
    broken = error as Error
    extract.destroy(broken)
  })
  try {
    for await (const entry of extract as AsyncIterable<TarEntry>) {
      yield toEntry(entry)
      entry.resume()
      source.onProgress(Math.min(1, packed.bytesRead / total))
    }
    await fed
    if (broken !== undefined) throw broken
  } catch (error) {
    // The first cause is the one worth telling; what follows is only its echo in the other streams.
    throw broken ?? error
  } finally {
    extract.destroy(null)
    unpacked.destroy()
    packed.destroy()
  }
}

function through(packed: Readable, unpack: Transform): Readable {
  packed.on('error', (error) => unpack.destroy(error))
  return packed.pipe(unpack)
}

async function feed(bytes: AsyncIterable<Buffer>, extract: tar.Extract): Promise<void> {
  const closed = once(extract as unknown as EventEmitter, 'close')
  closed.catch(() => undefined)
  for await (const chunk of bytes) {
    if (!extract.write(chunk)) await Promise.race([drained(extract), closed])
    if (extract.destroyed) return
  }
  ;(extract as unknown as NodeJS.WritableStream).end()
}

function drained(extract: tar.Extract): Promise<unknown> {
  const drain = once(extract as unknown as EventEmitter, 'drain')
  // Whoever reads the entries gets the error as well, and tells it.
  drain.catch(() => undefined)
  return drain
}

/** Passes the bytes of a tar on, counts them, and looks at its beginning and its end. */
async function* checkTar(bytes: AsyncIterable<Buffer>, kind: ArchiveKind, source: EntrySource): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  let tail: Buffer = Buffer.alloc(0)
  let started = false
  let foreignBytes = 0
  for await (const chunk of bytes) {
    source.onUnpacked(chunk.length)
    if (foreignBytes > 0) {
      foreignBytes += chunk.length
      if (foreignBytes > FOREIGN_LOOK_BYTES) break
      continue
    }
    tail = Buffer.concat([tail, chunk.subarray(-END_BYTES)]).subarray(-END_BYTES)
    if (started) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < TAR_BLOCK_BYTES) continue
    // A damaged beginning looks like something else: the packing's own checksum at the end tells them apart.
    if (beginsTar(head)) started = true
    else foreignBytes = head.length
    if (started) yield head
  }
  if (foreignBytes > 0) throw noTarInside(source.path, kind)
  if (!started) throw head.length === 0 ? damaged(source.path, 'it holds no data') : noTarInside(source.path, kind)
  if (tail.some((byte) => byte !== 0)) throw damaged(source.path, 'its end is missing')
}

function noTarInside(path: string, kind: ArchiveKind): StudioError {
  const packing = kind === 'tar.gz' ? 'gzip' : 'zstd'
  return new StudioError(
    'BUNDLE_FOREIGN',
    `Expected a run bundle packed with tar; found a ${packing} file with something else inside. ${path}`
  )
}

function toEntry(entry: TarEntry): ArchiveEntry {
  const { type, name, size, pax } = entry.header
  const refuse = (why: string): StudioError =>
    new StudioError('ARCHIVE_UNSAFE', `The archive was refused: ${why}. Nothing was unpacked. Entry: ${printable(name)}`)
  const sparse = Object.keys(pax ?? {}).some((key) => key.startsWith('GNU.sparse'))
  if (sparse) throw refuse('it stores files with holes, which cannot be unpacked here; pack it without --sparse')
  if (type === 'directory') return { path: name, type, sizeBytes: 0, read: () => entry }
  if (type === 'file' || type === 'contiguous-file') return { path: name, type: 'file', sizeBytes: size, read: () => entry }
  throw refuse('it holds a link or a device, and recordings hold none')
}
