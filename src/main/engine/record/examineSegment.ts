import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Rewritten } from './salvageSegment.ts'
import { parseJournalLine, type JournalLine } from './lineParser.ts'
import { segmentLines } from './segmentLines.ts'
import { isWholeFrame } from './zstdFrame.ts'

/** Ids are derived from the run and the place of an event, so they show whose line it is; one in so many is looked at, and the first. */
const CHECK_EVERY = 500

/** Says of a line what is wrong with it in this place. */
export class LineJudge {
  readonly #channel: string
  readonly #eventId: (shard: number, frameIdx: number, pos: number) => string
  #seen = 0

  /** @param eventId of the run, as `eventIdsOf` gives it */
  constructor(channel: string, eventId: (shard: number, frameIdx: number, pos: number) => string) {
    this.#channel = channel
    this.#eventId = eventId
  }

  /** @returns the line, or why it does not belong here */
  judge(text: string): JournalLine | string {
    const line = parseJournalLine(text)
    if (line === undefined) return 'a line of it is no event of a journal'
    if (line.channel.name !== this.#channel) return `it holds events of ${line.channel.name}`
    if (this.#seen++ % CHECK_EVERY === 0 && line.eventId !== this.#eventId(line.shard, line.frameIdx, line.pos))
      return 'it is of another run'
    return line
  }
}

/** Used again: to clear a new one costs more than a small file. */
const buffer = Buffer.allocUnsafe(256 * 1024)

/** SHA-256 of a file, hex. @throws the operating system's error */
export function fileSha256(path: string): string {
  const hash = createHash('sha256')
  const fd = openSync(path, 'r')
  try {
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) hash.update(buffer.subarray(0, read))
    return hash.digest('hex')
  } finally {
    closeSync(fd)
  }
}

/** Reads a segment that nothing vouches for, from end to end. @returns its facts, or why it cannot be trusted */
export async function examineSegment(path: string, judge: LineJudge): Promise<Rewritten | string> {
  try {
    const { size } = statSync(path)
    if (size === 0) return 'it is empty'
    if (!isWholeFrame(path)) return 'it is not one whole zstd frame'
    const end = { tornBytes: 0 }
    const facts = { lines: 0, start_t: 0, end_t: 0 }
    for await (const lines of segmentLines(path, size, end)) {
      for (const text of lines) {
        const line = judge.judge(text)
        if (typeof line === 'string') return line
        if (facts.lines++ === 0) facts.start_t = line.recvRelNs
        facts.end_t = line.recvRelNs
      }
    }
    return end.tornBytes > 0 ? 'its last line has no end' : { ...facts, bytes: size, sha256: fileSha256(path) }
  } catch (error) {
    return `it cannot be read (${(error as Error).message})`
  }
}
