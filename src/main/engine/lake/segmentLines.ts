import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, Transform } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { StudioError } from '../../../shared/errors.ts'

/** Whole lines of a segment: bytes [0, length) of `bytes` hold lines, each ended by a newline. Valid until the next block is asked for. */
export interface LineBlock {
  readonly bytes: Buffer
  readonly length: number
}

export interface SegmentLinesOptions {
  /** SHA-256 that the file must have. Undefined: any; and the file may end in the middle, as one does that is still being written. */
  readonly sha256?: string
  readonly signal?: AbortSignal | undefined
}

const NEWLINE = 10
const BLOCK_BYTES = 4 * 1024 * 1024

/**
 * The lines of one journal segment, decompressed a block at a time: memory does not grow with the file.
 * @throws StudioError BUNDLE_DAMAGED when the file is not the one that the manifest lists, or its compression is damaged; ABORTED
 */
export async function* segmentLines(path: string, options: SegmentLinesOptions = {}): AsyncGenerator<LineBlock> {
  const { sha256, signal } = options
  const hash = createHash('sha256')
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    }
  })
  const source = createReadStream(path, { highWaterMark: 1 << 20 })
  // Large blocks: each is memory outside the heap, and much of it in small pieces keeps the collector busy.
  const plain = createZstdDecompress({ chunkSize: BLOCK_BYTES })
  // Errors come out of the loop below.
  pipeline(source, hashed, plain, () => undefined)
  let kept = Buffer.alloc(0)
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      if (signal?.aborted === true) throw new StudioError('ABORTED', 'The work on the lake was stopped before its end.')
      const first = chunk.indexOf(NEWLINE) + 1
      if (first === 0) {
        kept = Buffer.concat([kept, chunk])
        continue
      }
      // Only the line that two chunks share is copied.
      const start = kept.length === 0 ? 0 : first
      if (start > 0) yield { bytes: Buffer.concat([kept, chunk.subarray(0, first)]), length: kept.length + first }
      const length = chunk.lastIndexOf(NEWLINE) + 1
      if (length > start) yield { bytes: chunk.subarray(start), length: length - start }
      kept = Buffer.from(chunk.subarray(length))
    }
  } catch (error) {
    if (error instanceof StudioError) throw error
    // The end of a segment that is being written is not there yet.
    if (sha256 === undefined) return
    throw segmentFault(path, error)
  } finally {
    source.destroy()
    plain.destroy()
  }
  if (sha256 === undefined) return
  if (hash.digest('hex') !== sha256)
    throw new StudioError(
      'BUNDLE_DAMAGED',
      `This journal segment is not the one that its manifest lists: its SHA-256 differs. File: ${path}`
    )
  if (kept.length > 0) throw new StudioError('BUNDLE_DAMAGED', `This journal segment ends inside a line. File: ${path}`)
}

function segmentFault(path: string, error: unknown): StudioError {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return new StudioError('BUNDLE_DAMAGED', `A journal segment that the manifest lists is missing. File: ${path}`)
  const text = error instanceof Error ? error.message : String(error)
  if (code !== undefined && /^E[A-Z]+$/.test(code))
    return new StudioError('FILE_FAILED', `A journal segment could not be read (${text}).`, { cause: error })
  return new StudioError('BUNDLE_DAMAGED', `A journal segment is damaged: it cannot be decompressed (${text}). File: ${path}`, {
    cause: error
  })
}
