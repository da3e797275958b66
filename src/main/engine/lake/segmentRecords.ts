import { join } from 'node:path'
import type { Channel } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import type { JournalSegment } from './journalFiles.ts'
import type { LineEnvelopes } from './lineEnvelopes.ts'
import { LineScanner } from './lineScan.ts'
import { compareKeys, keyAt, keyText, RecordBatch, type TapeKey } from './recordBatch.ts'
import { segmentLines } from './segmentLines.ts'

const NEWLINE = 10
/** Text that is read at once: whoever waits for this thread waits a millisecond or so. */
const PIECE_BYTES = 256 * 1024

/** Place of the newest record read, across the segments of one channel. */
export interface OrderCheck {
  last: TapeKey | undefined
  /** Lines left out: after a fault of the disk a segment may begin with the last lines of the one before. */
  repeated?: number
}

export interface SegmentReadOptions {
  /** Records are added to the batch that is there, which the caller clears or exchanges when it likes. Undefined: each holds new records only. */
  readonly into?: { readonly batch: RecordBatch }
  /** Takes what the lines say beside their records. */
  readonly envelopes?: LineEnvelopes | undefined
  readonly signal?: AbortSignal | undefined
}

/** A segment that cannot be used as it is; the others of its channel may well be. */
export class SegmentFault extends StudioError {
  readonly path: string

  constructor(path: string, fault: StudioError) {
    super('BUNDLE_DAMAGED', fault.message, { cause: fault })
    this.path = path
  }
}

/**
 * The records of one closed segment in batches that are used again. All lines must be events of the channel, as many as the manifest says,
 * between the times that it says, and in the order of the tape.
 * @throws SegmentFault (BUNDLE_DAMAGED) naming the segment and the line, ABORTED
 */
export async function* segmentRecords(
  journalDir: string,
  segment: JournalSegment,
  channel: Channel,
  order: OrderCheck,
  options: SegmentReadOptions = {}
): AsyncGenerator<RecordBatch> {
  try {
    yield* checkedRecords(journalDir, segment, channel, order, options)
  } catch (error) {
    throw error instanceof StudioError && error.code === 'BUNDLE_DAMAGED' ? new SegmentFault(segment.path, error) : error
  }
}

async function* checkedRecords(
  journalDir: string,
  segment: JournalSegment,
  channel: Channel,
  order: OrderCheck,
  { into, envelopes, signal }: SegmentReadOptions
): AsyncGenerator<RecordBatch> {
  const path = join(journalDir, ...segment.path.split('/'))
  const scanner = new LineScanner(channel)
  const own = new RecordBatch()
  const place = { path, atStart: true }
  let lines = 0
  let firstRelNs: number | undefined
  let lastRelNs = 0
  for await (const block of segmentLines(path, { sha256: segment.sha256, signal })) {
    for (let from = 0; from < block.length;) {
      const batch = into?.batch ?? own
      if (into === undefined) batch.clear()
      for (const end = from + PIECE_BYTES; from < block.length && from < end;) {
        const to = block.bytes.indexOf(NEWLINE, from)
        lines++
        if (!scanner.scan(block.bytes, from, to, batch))
          throw new StudioError('BUNDLE_DAMAGED', `Line ${lines} of a journal segment is no event of ${channel.name}. File: ${path}`)
        lastRelNs = batch.recvOf(batch.count - 1)
        firstRelNs ??= lastRelNs
        if (isNew(batch, order, lines, place)) envelopes?.take(block.bytes, from, to, scanner.dataAt, batch)
        from = to + 1
      }
      yield batch
    }
  }
  if (lines !== segment.lines)
    throw new StudioError(
      'BUNDLE_DAMAGED',
      `A journal segment holds ${lines} lines where its manifest says ${segment.lines}. File: ${path}`
    )
  if (firstRelNs !== undefined && (firstRelNs !== segment.startRelNs || lastRelNs !== segment.endRelNs))
    throw new StudioError(
      'BUNDLE_DAMAGED',
      `A journal segment holds events from ${firstRelNs} to ${lastRelNs} ns of the run where its manifest says ${segment.startRelNs} to ${segment.endRelNs}. File: ${path}`
    )
}

interface Place {
  readonly path: string
  /** Nothing new came yet. */
  atStart: boolean
}

/** @returns false when the line repeats one of the segment before; its record is taken out again then */
function isNew(batch: RecordBatch, order: OrderCheck, line: number, place: Place): boolean {
  const key = keyAt(batch.view, batch.starts[batch.count - 1]!)
  if (order.last === undefined || compareKeys(key, order.last) > 0) {
    order.last = key
    place.atStart = false
    return true
  }
  if (!place.atStart)
    throw new StudioError(
      'BUNDLE_DAMAGED',
      `Line ${line} of a journal segment is out of order: ${keyText(key)} comes after ${keyText(order.last)}. File: ${place.path}`
    )
  batch.dropLast()
  order.repeated = (order.repeated ?? 0) + 1
  return false
}
