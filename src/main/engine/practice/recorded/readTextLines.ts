import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'

import { StudioError } from '../../../../shared/errors.ts'

/**
 * Lines of a text file, gzip or plain (told by the first two bytes), without line ends; a last line without an end counts.
 * @throws StudioError FILE_FAILED when the file cannot be read or its compression is damaged
 */
export async function* readTextLines(file: string): AsyncIterable<string> {
  let stream: Readable
  try {
    stream = await openText(file)
  } catch (error) {
    throw unreadable(file, error)
  }
  const decoder = new StringDecoder('utf8')
  let rest = ''
  try {
    for await (const chunk of chunksOf(stream, file)) {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop()!
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
    }
  } finally {
    stream.destroy()
  }
  rest += decoder.end()
  if (rest !== '') yield rest
}

async function* chunksOf(stream: Readable, file: string): AsyncIterable<Buffer> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw unreadable(file, error)
    })
    if (next.done) return
    yield next.value
  }
}

async function openText(file: string): Promise<Readable> {
  const handle = await open(file)
  const head = Buffer.alloc(2)
  try {
    await handle.read(head, 0, 2, 0)
  } finally {
    await handle.close()
  }
  const input = createReadStream(file)
  if (head[0] !== 0x1f || head[1] !== 0x8b) return input
  // pipeline hands an error of either stream to the other, so that the reader sees it.
  return pipeline(input, createGunzip(), () => undefined)
}

function unreadable(file: string, cause: unknown): StudioError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StudioError('FILE_FAILED', `A recording was expected as text or gzip, but it cannot be read (${reason}): ${file}`, { cause })
}
