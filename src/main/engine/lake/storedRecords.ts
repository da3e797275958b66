import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StudioError } from '../../../shared/errors.ts'
import { LakeDatabase } from './database.ts'
import type { JournalSegment } from './journalFiles.ts'
import { mergedRecords } from './mergedRecords.ts'
import { partRecords, type RelSpan } from './partReader.ts'
import { PartTrust } from './partTrust.ts'
import type { LakePart } from './proofFile.ts'
import { RecordBatch } from './recordBatch.ts'
import { segmentRecords, type OrderCheck } from './segmentRecords.ts'
import { SegmentTrust } from './segmentTrust.ts'
import { requireStoredRun, type ChannelPieces, type Piece, type StoredRun, type StoredRunOptions } from './storedRun.ts'

/** Channels with depth ladders or raw bytes, which a light session leaves out. */
const HEAVY: ReadonlySet<string> = new Set(['l2_book', 'l2_deltas_event_window', 'frame_raw'])

export interface StoredRecordsOptions extends StoredRunOptions {
  /** Names; undefined = all that are stored. */
  readonly channels?: readonly string[] | undefined
  /** `light` leaves out full depth and frame records. Default raw. */
  readonly mode?: 'light' | 'raw' | undefined
  /** Receive times that are wanted; undefined = all. */
  readonly span?: RelSpan | undefined
  /** Weather stations that are wanted; markets are always in. Undefined = all. Only the lake keeps stations apart. */
  readonly stations?: readonly string[] | undefined
  /** Told of each piece that cannot be read, in one sentence; the rest goes on. Left out: the first one ends it all. */
  readonly onFault?: ((sentence: string) => void) | undefined
  /** Told of each piece that is damaged and was read from another place, in one sentence: nothing is missing. */
  readonly onNote?: ((sentence: string) => void) | undefined
  /** What was looked at before; left out: nothing. */
  readonly trust?: StoredTrust | undefined
  readonly signal?: AbortSignal | undefined
  readonly memoryMb?: number | undefined
}

/** Files that were compared with what was stated of them. */
export interface StoredTrust {
  readonly parts: PartTrust
  readonly segments: SegmentTrust
}

export function newTrust(lakeDir: string | undefined): StoredTrust {
  return { parts: new PartTrust(lakeDir ?? ''), segments: new SegmentTrust() }
}

/** True when a channel is among those that are asked for. */
export function wantsChannel({ channels, mode }: Pick<StoredRecordsOptions, 'channels' | 'mode'>, name: string): boolean {
  return (channels?.includes(name) ?? true) && (mode !== 'light' || !HEAVY.has(name))
}

/**
 * The recorded events of a run in the order of the tape, as their canonical bytes, from journal segments and Parquet parts, whichever there
 * are: the same bytes from both. Parquet that is not as it was proved is read from its journal, where that is still there. Batches are used again. Memory follows the largest generation of parts, never the run.
 * @throws StudioError BUNDLE_NOT_FOUND (nothing is stored), BUNDLE_DAMAGED (something stored cannot be read, and `onFault` is left out), ABORTED
 */
export async function* storedRecords(options: StoredRecordsOptions): AsyncGenerator<RecordBatch> {
  const run = requireStoredRun(options)
  if (run.faults.length > 0 && options.onFault === undefined) throw new StudioError('BUNDLE_DAMAGED', run.faults.join(' '))
  for (const fault of run.faults) options.onFault?.(fault)
  for (const note of run.notes) options.onNote?.(note)
  const wanted = run.channels.filter(({ channel }) => wantsChannel(options, channel.name))
  const database = new ReadingDatabase(options)
  try {
    yield* mergedRecords(wanted.map((channel) => channelRecords(database, run, channel, options)))
  } finally {
    await database.close()
  }
}

/** Opened when the first part is read: journals need none. */
class ReadingDatabase {
  readonly #options: StoredRecordsOptions
  #opened: Promise<LakeDatabase> | undefined
  #spillDir: string | undefined

  constructor(options: StoredRecordsOptions) {
    this.#options = options
  }

  get(): Promise<LakeDatabase> {
    return (this.#opened ??= this.#open())
  }

  async close(): Promise<void> {
    const database = await this.#opened?.catch(() => undefined)
    database?.close()
    if (this.#spillDir !== undefined) rmSync(this.#spillDir, { recursive: true, force: true })
  }

  #open(): Promise<LakeDatabase> {
    const { signal, memoryMb = 512 } = this.#options
    // Outside the lake: a reader takes no lock, and whoever holds the lock empties the lake's work folder.
    this.#spillDir = mkdtempSync(join(tmpdir(), 'tapedeck-lake-'))
    return LakeDatabase.open({ spillDir: this.#spillDir, signal, memoryMb })
  }
}

async function* channelRecords(
  database: ReadingDatabase,
  run: StoredRun,
  { channel, pieces }: ChannelPieces,
  options: StoredRecordsOptions
): AsyncGenerator<RecordBatch> {
  const { lakeDir, span, signal, trust = newTrust(lakeDir) } = options
  const order: OrderCheck = { last: undefined }
  for (const [n, piece] of pieces.entries()) {
    const segments = piece.kind === 'journal' ? [piece.segment] : await journalInstead(run, piece, channel.name, trust, options)
    if (segments === undefined && piece.kind === 'parquet') {
      try {
        const parts = await readableParts(piece.parts, run.venue, trust.parts, options)
        yield* partRecords(await database.get(), lakeDir!, channel, parts, { span, trust: trust.parts, signal })
      } catch (error) {
        tellFault(error, options)
      }
    }
    for (const segment of segmentsWithin(segments ?? [], pieces[n + 1]?.firstRelNs, span)) {
      try {
        await trust.segments.check(run.journalDir!, segment)
        for await (const batch of segmentRecords(run.journalDir!, segment, channel, order, { signal })) yield inSpan(batch, span)
      } catch (error) {
        tellFault(error, options)
      }
    }
  }
}

/**
 * Says of the first wanted piece that is damaged what is wrong with it, where nothing else that is stored has the same events.
 * @returns undefined when everything that is wanted can be read
 */
export async function damageOf(
  run: StoredRun,
  options: StoredRecordsOptions & { readonly trust: StoredTrust }
): Promise<string | undefined> {
  try {
    for (const { channel, pieces } of run.channels)
      if (wantsChannel(options, channel.name))
        for (const [n, piece] of pieces.entries()) await checkPiece(run, piece, pieces[n + 1]?.firstRelNs, options)
    return undefined
  } catch (error) {
    if (!isDamage(error)) throw error
    return error.message
  }
}

/** @throws StudioError BUNDLE_DAMAGED */
async function checkPiece(
  run: StoredRun,
  piece: Piece,
  nextRelNs: number | undefined,
  options: StoredRecordsOptions & { readonly trust: StoredTrust }
): Promise<void> {
  const { trust, span } = options
  const segments = piece.kind === 'journal' ? [piece.segment] : piece.journal
  if (piece.kind === 'parquet' && (await areSound(wantedParts(piece.parts, run.venue, options), trust.parts, segments))) return
  for (const segment of segmentsWithin(segments ?? [], nextRelNs, span)) await trust.segments.check(run.journalDir!, segment)
}

/** @throws StudioError BUNDLE_DAMAGED when a part is damaged and there is no journal in its place */
async function areSound(parts: readonly LakePart[], trust: PartTrust, journal: readonly JournalSegment[] | undefined): Promise<boolean> {
  try {
    for (const part of parts) await trust.check(part)
    return true
  } catch (error) {
    if (journal === undefined || !isDamage(error)) throw error
    return false
  }
}

/** Those that may have something of the span. @param nextRelNs when what comes after the last of them begins */
function segmentsWithin(
  segments: readonly JournalSegment[],
  nextRelNs: number | undefined,
  span: RelSpan | undefined
): readonly JournalSegment[] {
  return segments.filter(({ startRelNs }, i) => mayReach(startRelNs, segments[i + 1]?.startRelNs ?? nextRelNs, span))
}

/** When a segment begins is in its name; that it ends before the next one begins is sure, what its manifest says of its end is not. */
function mayReach(firstRelNs: number, nextRelNs: number | undefined, span: RelSpan | undefined): boolean {
  return span === undefined || (firstRelNs < span.toRelNs && (nextRelNs === undefined || nextRelNs >= span.fromRelNs))
}

/** @returns the segments to read in place of Parquet that is not as it was proved; undefined: the Parquet is sound, or there are none */
async function journalInstead(
  run: StoredRun,
  { parts, journal }: Extract<Piece, { kind: 'parquet' }>,
  channel: string,
  trust: StoredTrust,
  options: StoredRecordsOptions
): Promise<readonly JournalSegment[] | undefined> {
  if (journal === undefined) return undefined
  try {
    for (const part of wantedParts(parts, run.venue, options)) await trust.parts.check(part)
    return undefined
  } catch (error) {
    if (!isDamage(error)) throw error
    options.onNote?.(`${channel}: ${error.message} Its journal is read instead.`)
    return journal
  }
}

function wantedParts(parts: readonly LakePart[], venue: string, { stations, span }: StoredRecordsOptions): readonly LakePart[] {
  return parts.filter(
    (part) =>
      (stations === undefined || part.station === venue || stations.includes(part.station)) &&
      (span === undefined || (part.last_rel_ns >= span.fromRelNs && part.first_rel_ns < span.toRelNs))
  )
}

/** The parts that are wanted, those that cannot be trusted left out where that can be told. */
async function readableParts(
  parts: readonly LakePart[],
  venue: string,
  trust: PartTrust,
  options: StoredRecordsOptions
): Promise<readonly LakePart[]> {
  const wanted = wantedParts(parts, venue, options)
  if (options.onFault === undefined) return wanted
  const sound: LakePart[] = []
  for (const part of wanted) {
    try {
      await trust.check(part)
      sound.push(part)
    } catch (error) {
      tellFault(error, options)
    }
  }
  return sound
}

function tellFault(error: unknown, { onFault }: StoredRecordsOptions): void {
  if (onFault === undefined || !isDamage(error)) throw error
  onFault(error.message)
}

function isDamage(error: unknown): error is StudioError {
  return error instanceof StudioError && error.code === 'BUNDLE_DAMAGED'
}

function inSpan(batch: RecordBatch, span: RelSpan | undefined): RecordBatch {
  if (span === undefined || batch.count === 0) return batch
  const inside = (row: number): boolean => batch.recvOf(row) >= span.fromRelNs && batch.recvOf(row) < span.toRelNs
  if (inside(0) && inside(batch.count - 1)) return batch
  const out = new RecordBatch(Math.max(64, batch.used))
  for (let row = 0; row < batch.count; row++) {
    const start = batch.starts[row]!
    if (inside(row)) out.push(batch.bytes.subarray(start, start + batch.lengthOf(row)), batch.windowIds.get(row))
  }
  return out
}
