import { setImmediate } from 'node:timers/promises'
import type { Channel } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { BatchSwap } from './batchSwap.ts'
import { BookSamples } from './bookSamples.ts'
import type { LakeDatabase } from './database.ts'
import { checkDerived } from './derivedColumns.ts'
import { envelopeSumsOf, withEnvelopes } from './envelopeSums.ts'
import { HourDigests, type HourDigest } from './hourDigests.ts'
import type { JournalFacts, JournalSegment } from './journalFiles.ts'
import type { LakeDisk } from './lakeDisk.ts'
import { LineEnvelopes } from './lineEnvelopes.ts'
import { partRecords } from './partReader.ts'
import { compareKeys, keyText, type RecordBatch } from './recordBatch.ts'
import { RecordCursor } from './recordCursor.ts'
import { segmentRecords, type OrderCheck } from './segmentRecords.ts'
import { PartStage, type StagedPart } from './stageParts.ts'

export interface EntryWork {
  readonly disk: LakeDisk
  readonly database: LakeDatabase
  readonly facts: JournalFacts
  readonly channel: Channel
  readonly date: string
  /** In the order of time. */
  readonly segments: readonly JournalSegment[]
  readonly firstGeneration: number
  /** A folder of this work alone. */
  readonly dir: string
  /** A generation of parts is written when so many bytes of records are there. */
  readonly partBytes: number
  readonly signal?: AbortSignal | undefined
  /** Called as segments are done. @param bytes compressed bytes of the journal */
  onBytes(bytes: number): void
}

/** Parquet parts that were read back and hold the same events as the segments. */
export interface ProvedParts {
  readonly parts: readonly StagedPart[]
  readonly rows: number
  readonly hours: readonly HourDigest[]
  readonly booksChecked: number
  /** Rows whose derived columns were made anew and compared. */
  readonly derivedChecked: number
}

/**
 * Turns segments into parts and proves them: for each hour counts, a hash over the bytes of the records and a sum over their envelopes; and books
 * of random seconds.
 * @throws StudioError BUNDLE_DAMAGED (a segment, or a copy that is not equal), ABORTED, DISK_FULL, FILE_FAILED
 */
export async function compactEntry(work: EntryWork): Promise<ProvedParts> {
  const { facts, channel, date, segments } = work
  const samples = channel.name === 'l2_snap_1s' ? new BookSamples(`${facts.runId}:${date}`) : undefined
  const written = await writeParts(work, samples)
  const copied = await digestsOfCopy(work, written.parts)
  const difference = differenceOf(written.hours, copied)
  if (difference !== undefined) throw await notEqual(work, written.parts, difference)
  const paths = written.parts.map(({ file }) => file)
  const booksChecked = samples === undefined || paths.length === 0 ? 0 : await samples.compare(work.database.connection, paths)
  const derived = await work.database.guard(() => checkDerived(work.database.connection, channel, paths))
  if (derived.fault !== undefined)
    throw new StudioError('BUNDLE_DAMAGED', `In the Parquet copy of ${channel.name} of ${date} ${derived.fault}. Nothing was published.`)
  const rows = written.parts.reduce((sum, part) => sum + part.rows, 0)
  const lines = segments.reduce((sum, segment) => sum + segment.lines, 0) - written.repeated
  if (rows !== lines)
    throw new StudioError('BUNDLE_DAMAGED', `${channel.name} of ${date}: ${lines} lines became ${rows} rows. Nothing was published.`)
  return { parts: written.parts, rows, hours: written.hours, booksChecked, derivedChecked: derived.rows }
}

/** Journals pack to about an eighth; a batch that guesses too small grows. */
const USUAL_PACKING = 8
const MARGIN_BYTES = 4 * 1024 * 1024

/** Turns segments into parts, unproved. */
export async function writeParts(
  work: EntryWork,
  samples: BookSamples | undefined
): Promise<{ readonly parts: readonly StagedPart[]; readonly hours: readonly HourDigest[]; readonly repeated: number }> {
  const { disk, database, facts, channel, date, segments, firstGeneration, dir, partBytes, signal } = work
  const envelopes = new LineEnvelopes(channel, facts.originTsNs)
  const digests = new HourDigests(facts.originTsNs)
  const stage = new PartStage({
    disk,
    database,
    dir,
    channel,
    date,
    firstGeneration,
    runId: facts.runId,
    originTsNs: facts.originTsNs,
    venue: facts.venue,
    segmentHashes: segments.map(({ sha256 }) => sha256)
  })
  const textBytes = segments.reduce((sum, segment) => sum + segment.bytes, 0) * USUAL_PACKING
  const into = new BatchSwap(Math.min(partBytes + MARGIN_BYTES, textBytes), (full) => stage.write(full))
  const order: OrderCheck = { last: undefined }
  let seen = 0
  try {
    for (const segment of segments) {
      for await (const batch of segmentRecords(facts.dir, segment, channel, order, { into, envelopes, signal })) {
        digests.add(batch, seen)
        samples?.add(batch, seen)
        seen = batch.count
        // DuckDB asks this thread for rows and waits until it gets them.
        if (into.isWriting) await setImmediate()
        if (batch.used < partBytes) continue
        await into.swap()
        seen = 0
      }
      work.onBytes(segment.bytes)
    }
    await into.swap()
  } finally {
    await into.settle()
  }
  return { parts: stage.parts, hours: withEnvelopes(digests.end(), envelopes.sums), repeated: order.repeated ?? 0 }
}

/** Records are rebuilt on this thread while DuckDB sums up the envelopes on another. */
async function digestsOfCopy(work: EntryWork, parts: readonly StagedPart[]): Promise<readonly HourDigest[]> {
  const { database, channel, facts } = work
  const digests = new HourDigests(facts.originTsNs)
  const paths = parts.map(({ file }) => file)
  const sums = database.guard(() => envelopeSumsOf(database.connection, channel, paths))
  const ended = sums.then(
    () => undefined,
    () => undefined
  )
  try {
    for await (const batch of stagedRecords(work, parts)) digests.add(batch)
  } finally {
    // Whatever comes of the records: nothing reads the files any more once this is told.
    await ended
  }
  return withEnvelopes(digests.end(), await sums)
}

function stagedRecords({ database, channel, dir, date, signal }: EntryWork, parts: readonly StagedPart[]): AsyncGenerator<RecordBatch> {
  const asParts = parts.map(({ file, generation, station, rows, bytes, sha256, firstRelNs, lastRelNs }) => ({
    path: file.slice(dir.length + 1),
    generation,
    station,
    rows,
    bytes,
    sha256,
    first_rel_ns: firstRelNs,
    last_rel_ns: lastRelNs,
    date
  }))
  return partRecords(database, dir, channel, asParts, { signal })
}

/** @returns the first hour that is not the same in both */
function differenceOf(ours: readonly HourDigest[], theirs: readonly HourDigest[]): string | undefined {
  const copied = new Map(theirs.map((digest) => [digest.hour, digest]))
  for (const { hour, count, sha256, envelopes } of ours) {
    const copy = copied.get(hour)
    if (copy === undefined || copy.count !== count || copy.sha256 !== sha256 || copy.envelopes !== envelopes) return hour
    copied.delete(hour)
  }
  return [...copied.keys()][0]
}

/** Reads both once more, side by side, to say where they part. */
async function notEqual(work: EntryWork, parts: readonly StagedPart[], hour: string): Promise<StudioError> {
  const { channel, date } = work
  const journal = new RecordCursor(journalRecords(work))
  const copy = new RecordCursor(stagedRecords(work, parts))
  try {
    for (;;) {
      const [ours, theirs] = [await journal.next(), await copy.next()]
      if (!ours && !theirs) break
      if (ours && theirs && Buffer.from(journal.bytes()).equals(Buffer.from(copy.bytes()))) continue
      const first = !theirs || (ours && compareKeys(journal.key(), copy.key()) <= 0) ? journal.key() : copy.key()
      return new StudioError(
        'BUNDLE_DAMAGED',
        `The Parquet copy of ${channel.name} of ${date} is not equal to its journal in the hour ${hour} (UTC), first at ${keyText(first)}. Nothing was published; the journal is kept.`
      )
    }
  } finally {
    await journal.close()
    await copy.close()
  }
  return new StudioError(
    'BUNDLE_DAMAGED',
    `The Parquet copy of ${channel.name} of ${date} has the events of its journal, but not the same ids, times, markets or event windows beside them, in the hour ${hour} (UTC). Nothing was published; the journal is kept.`
  )
}

async function* journalRecords({ facts, channel, segments, signal }: EntryWork): AsyncGenerator<RecordBatch> {
  const order: OrderCheck = { last: undefined }
  for (const segment of segments) yield* segmentRecords(facts.dir, segment, channel, order, { signal })
}
