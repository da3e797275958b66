import { join } from 'node:path'
import type { ChannelName } from '../../../shared/channels/index.ts'
import { eventIdsOf, OutBuffer } from '../tape/index.ts'
import { LineJudge } from './examineSegment.ts'
import type { Journal } from './journal.ts'
import type { SegmentEntry } from './journalManifest.ts'
import type { JournalLine } from './lineParser.ts'
import { segmentLines } from './segmentLines.ts'

const BATCH_BYTES = 256 * 1024

/** Something that came to light only while reading; what stands behind it in the segment is not read. */
export interface ReadProblem {
  readonly path: string
  readonly why: string
}

export interface JournalReaderOptions {
  /** Channels to read; left out: all. */
  readonly channels?: ReadonlySet<ChannelName>
}

/**
 * The records of a journal in the order of the tape: all channels merged by receive time, shard, frame and position. Memory is bounded by a piece
 * of one segment a channel. Only sound segments are read; what else came to light is in `problems`.
 */
export class JournalReader {
  readonly problems: ReadProblem[] = []
  /** Lines that stood in two segments, as after a fault of the disk; each was read once. */
  repeated = 0
  readonly #journal: Journal
  readonly #options: JournalReaderOptions

  constructor(journal: Journal, options: JournalReaderOptions = {}) {
    this.#journal = journal
    this.#options = options
  }

  /** Whole records; the bytes are the receiver's. */
  async *batches(): AsyncGenerator<Uint8Array> {
    const cursors = this.#journal.channels
      .filter(({ channel }) => this.#options.channels?.has(channel as ChannelName) ?? true)
      .map(({ channel, segments }) => new ChannelCursor(this.#lines(channel, segments)))
    const out = new OutBuffer()
    try {
      for (const cursor of cursors) await cursor.fill()
      let heads = cursors.filter(({ head }) => head !== undefined)
      while (heads.length > 0) {
        let first = heads[0]!
        for (const cursor of heads) if (compareLines(cursor.head!, first.head!) < 0) first = cursor
        const { bytes } = first.head!
        out.append(bytes, 0, bytes.length)
        if (!first.step()) {
          await first.fill()
          if (first.head === undefined) heads = heads.filter((cursor) => cursor !== first)
        }
        if (out.length >= BATCH_BYTES) yield out.take()
      }
      if (out.length > 0) yield out.take()
    } finally {
      for (const cursor of cursors) await cursor.close()
    }
  }

  async *#lines(channel: string, segments: readonly SegmentEntry[]): AsyncGenerator<JournalLine[]> {
    let last: JournalLine | undefined
    for (const segment of segments) {
      const judge = new LineJudge(channel, eventIdsOf(this.#journal.runId))
      let count = 0
      let isOverlap = true
      let first: JournalLine | undefined
      try {
        for await (const texts of segmentLines(join(this.#journal.root, segment.path), segment.bytes)) {
          const lines: JournalLine[] = []
          for (const text of texts) {
            const line = judge.judge(text)
            if (typeof line === 'string') throw new Error(line)
            count++
            first ??= line
            // Only the beginning of a segment can repeat the end of the one before.
            if (isOverlap && last !== undefined && compareLines(line, last) <= 0) {
              this.repeated++
              continue
            }
            isOverlap = false
            last = line
            lines.push(line)
          }
          if (lines.length > 0) yield lines
        }
        const why = mismatch(segment, count, first, last)
        if (why !== undefined) this.problems.push({ path: segment.path, why })
      } catch (error) {
        this.problems.push({ path: segment.path, why: `${(error as Error).message}; ${count} of ${segment.lines} lines were read` })
      }
    }
  }
}

/** @returns what the manifest says of a segment that is not so */
function mismatch(segment: SegmentEntry, lines: number, first: Place | undefined, last: Place | undefined): string | undefined {
  if (lines !== segment.lines) return `it has ${lines} lines where ${segment.lines} are listed`
  if (first !== undefined && first.recvRelNs !== segment.start_t) return 'it does not begin at the time that is listed'
  return lines > 0 && last?.recvRelNs !== segment.end_t ? 'it does not end at the time that is listed' : undefined
}

/** The lines of one channel, one after another. */
class ChannelCursor {
  head: JournalLine | undefined
  readonly #source: AsyncGenerator<JournalLine[]>
  #lines: readonly JournalLine[] = []
  #at = 0

  constructor(source: AsyncGenerator<JournalLine[]>) {
    this.#source = source
  }

  /** @returns false when more lines must be read first */
  step(): boolean {
    this.head = this.#lines[++this.#at]
    return this.head !== undefined
  }

  async fill(): Promise<void> {
    const next = await this.#source.next()
    this.#lines = next.done === true ? [] : next.value
    this.#at = 0
    this.head = this.#lines[0]
  }

  async close(): Promise<void> {
    await this.#source.return(undefined)
  }
}

/** The order of the tape. */
export function compareLines(a: Place, b: Place): number {
  return a.recvRelNs - b.recvRelNs || a.shard - b.shard || a.frameIdx - b.frameIdx || a.pos - b.pos
}

export type Place = Pick<JournalLine, 'recvRelNs' | 'shard' | 'frameIdx' | 'pos'>
