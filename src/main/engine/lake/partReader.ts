import type { DuckDBConnection } from '@duckdb/node-api'
import { AT_FRAME_IDX, AT_POS, AT_SHARD, type Channel } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { sqlText } from './columns.ts'
import { databaseFault, type LakeDatabase } from './database.ts'
import { inLake } from './lakePaths.ts'
import { recordColumnsSql, RowDecoder } from './parquetRows.ts'
import type { PartTrust } from './partTrust.ts'
import type { LakePart } from './proofFile.ts'
import { RecordBatch } from './recordBatch.ts'

/** Receive times, ns since the run's origin: `fromRelNs` inclusive, `toRelNs` exclusive. */
export interface RelSpan {
  readonly fromRelNs: number
  readonly toRelNs: number
}

export interface PartReadOptions {
  readonly span?: RelSpan | undefined
  /** Parts are compared with their proof before they are read. Undefined: they were just written. */
  readonly trust?: PartTrust | undefined
  readonly signal?: AbortSignal | undefined
}

/** Parquet packs records to about an eighth. */
const USUAL_PACKING = 8
const OUT_BYTES = 256 * 1024

/**
 * The records of one channel from its parts, in the order of the tape, in batches that are used again. Memory follows the largest
 * generation of parts, never the day.
 * @throws StudioError BUNDLE_DAMAGED when a part is missing or is not what the lake wrote, ABORTED
 */
export async function* partRecords(
  database: LakeDatabase,
  lakeDir: string,
  channel: Channel,
  parts: readonly LakePart[],
  options: PartReadOptions = {}
): AsyncGenerator<RecordBatch> {
  const connection = await database.connect()
  try {
    for (const generation of generationsOf(parts, options.span)) {
      const batch = new RecordBatch(Math.max(64, ...generation.map(({ bytes }) => bytes)) * USUAL_PACKING)
      for (const part of generation) {
        await options.trust?.check(part)
        await readPart(connection, inLake(lakeDir, part.path), part, channel, batch, options)
      }
      yield* inTapeOrder(batch)
    }
  } finally {
    connection.closeSync()
  }
}

/** Parts of the same span of time together, oldest first; those outside the span left out. */
function generationsOf(parts: readonly LakePart[], span: RelSpan | undefined): LakePart[][] {
  const byNumber = new Map<string, LakePart[]>()
  for (const part of parts) {
    if (span !== undefined && (part.last_rel_ns < span.fromRelNs || part.first_rel_ns >= span.toRelNs)) continue
    const key = `${part.generation} ${dateOf(part)}`
    byNumber.set(key, [...(byNumber.get(key) ?? []), part])
  }
  const firstOf = (generation: readonly LakePart[]): number => Math.min(...generation.map(({ first_rel_ns: first }) => first))
  return [...byNumber.values()].toSorted((a, b) => firstOf(a) - firstOf(b))
}

function dateOf({ path }: LakePart): string {
  return /date=([\d-]+)/.exec(path)?.[1] ?? ''
}

async function readPart(
  connection: DuckDBConnection,
  path: string,
  part: LakePart,
  channel: Channel,
  batch: RecordBatch,
  { span, signal }: PartReadOptions
): Promise<void> {
  const inside = span === undefined || (part.first_rel_ns >= span.fromRelNs && part.last_rel_ns < span.toRelNs)
  const where = inside ? '' : ` WHERE recv_rel_ns >= ${span.fromRelNs} AND recv_rel_ns < ${span.toRelNs}`
  const before = batch.count
  try {
    const decoder = new RowDecoder(channel)
    const sql = `SELECT ${recordColumnsSql(channel)} FROM read_parquet(${sqlText(path)}, hive_partitioning = false)${where}`
    const result = await connection.stream(sql)
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      signal?.throwIfAborted()
      decoder.decode(chunk, batch)
    }
  } catch (error) {
    throw partFault(path, error, signal)
  }
  if (inside && batch.count - before !== part.rows)
    throw new StudioError(
      'BUNDLE_DAMAGED',
      `A part of the lake holds ${batch.count - before} rows where its proof says ${part.rows}. File: ${path}`
    )
}

function partFault(path: string, error: unknown, signal: AbortSignal | undefined): StudioError {
  const fault = databaseFault(error, signal)
  if (fault.code === 'ABORTED' || fault.code === 'DISK_FULL') return fault
  return new StudioError('BUNDLE_DAMAGED', `A part of the lake cannot be read: ${fault.message} File: ${path}`, { cause: error })
}

/** Rows lie by market in a part; here they are put back into the order of the tape. */
function* inTapeOrder(batch: RecordBatch): Generator<RecordBatch> {
  const order = tapeOrder(batch)
  const out = new RecordBatch(OUT_BYTES)
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!
    const start = batch.starts[row]!
    out.push(batch.bytes.subarray(start, start + batch.lengthOf(row)))
    if (out.used < OUT_BYTES && i + 1 < order.length) continue
    yield out
    out.clear()
  }
}

/** A plain array: its sort sees that the rows of each market are in order already. */
function tapeOrder(batch: RecordBatch): readonly number[] {
  const { view, starts } = batch
  const order = Array.from({ length: batch.count }, (_, row) => row)
  const recv = Float64Array.from(order, (row) => batch.recvOf(row))
  return order.sort((a, b) => recv[a]! - recv[b]! || comparePlaces(view, starts[a]!, starts[b]!))
}

/** Below 0 when the record at `a` comes first of two that were received at one instant. */
function comparePlaces(view: DataView, a: number, b: number): number {
  return (
    view.getUint16(a + AT_SHARD, true) - view.getUint16(b + AT_SHARD, true) ||
    view.getUint32(a + AT_FRAME_IDX, true) - view.getUint32(b + AT_FRAME_IDX, true) ||
    view.getUint32(a + AT_POS, true) - view.getUint32(b + AT_POS, true)
  )
}
