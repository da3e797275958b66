import { createReadStream, readFileSync } from 'node:fs'
import { createZstdDecompress, zstdDecompressSync } from 'node:zlib'

const NEWLINE = 10
/** No event is nearly as long; a longer one is no journal of ours. */
const MAX_LINE_BYTES = 64 * 1024 * 1024
const SMALL_BYTES = 32 * 1024
const MAX_SMALL_TEXT_BYTES = 1024 * 1024
// What is not UTF-8 was not written by us: a replacement would make it look as if it were.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** How the text of a segment ended: with a whole line, or with bytes that belong to none. */
export interface TextEnd {
  tornBytes: number
}

/**
 * The whole lines of a segment, without line ends, in small groups; what follows the last line end is counted in `end` and left out.
 * A cut file gives all that was flushed. Memory is bounded by a piece of the file.
 * @param bytes read only so many bytes of the file
 * @throws Error when the bytes are not zstd, its checksum does not fit, or the text is not UTF-8
 */
export async function* segmentLines(path: string, bytes: number, end: TextEnd = { tornBytes: 0 }): AsyncGenerator<string[]> {
  if (bytes === 0) return
  const small = bytes <= SMALL_BYTES ? smallText(path, bytes) : undefined
  if (small !== undefined) return yield* linesOf([small], end)
  const file = createReadStream(path, { end: bytes - 1, highWaterMark: 32 * 1024 })
  const text = createZstdDecompress({ chunkSize: 128 * 1024 })
  file.on('error', (error) => text.destroy(error))
  file.pipe(text)
  try {
    yield* linesOf(text as AsyncIterable<Buffer>, end)
  } finally {
    file.destroy()
    text.destroy()
  }
}

/** A small segment in one go: streams cost more than what is in it. @returns undefined when it takes more than that */
function smallText(path: string, bytes: number): Buffer | undefined {
  try {
    return zstdDecompressSync(readFileSync(path).subarray(0, bytes), { maxOutputLength: MAX_SMALL_TEXT_BYTES })
  } catch {
    // Damaged, or not small at all: the stream gives what can be had and says why it stops.
    return undefined
  }
}

async function* linesOf(pieces: AsyncIterable<Buffer> | Iterable<Buffer>, end: TextEnd): AsyncGenerator<string[]> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const piece of pieces) {
    const lines: string[] = []
    let from = 0
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
      const line = rest.length === 0 ? piece.subarray(from, at) : Buffer.concat([rest, piece.subarray(from, at)])
      rest = new Uint8Array(0)
      lines.push(utf8.decode(line))
      from = at + 1
    }
    rest = rest.length === 0 ? piece.subarray(from) : Buffer.concat([rest, piece.subarray(from)])
    if (rest.length > MAX_LINE_BYTES) throw new Error(`a line is longer than ${MAX_LINE_BYTES} bytes`)
    if (lines.length > 0) yield lines
  }
  end.tornBytes = rest.length
}
