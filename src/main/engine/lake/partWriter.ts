import { closeSync, fsyncSync, openSync } from 'node:fs'
import { DuckDBDataChunk, type DuckDBAppender } from '@duckdb/node-api'
import type { Channel, EventInstrument } from '../../../shared/channels/index.ts'
import { fillByInstrument, fillColumn, type ChunkRows } from './columnFill.ts'
import { lakeColumns, LAKE_SCHEMA_VERSION, sqlName, sqlText, type ColumnSource } from './columns.ts'
import type { LakeDatabase } from './database.ts'
import { correlationIdSql, eventIdSql } from './eventIdSql.ts'
import type { RecordBatch } from './recordBatch.ts'

/** Rows of a row group: small enough that a query for one market reads little else. */
export const ROW_GROUP_ROWS = 20_480
const CHUNK_ROWS = 2048

/** What a part is about, beside its rows. */
export interface PartFacts {
  readonly channel: Channel
  readonly runId: string
  /** Nanoseconds since the Unix epoch of relNs 0. */
  readonly originTsNs: bigint
  readonly station: string
  readonly date: string
  /** SHA-256 of the journal segments that the rows come from. */
  readonly segmentHashes: readonly string[]
  instrument(id: number): EventInstrument | undefined
}

const INSTRUMENT_COLUMNS = ['market_id', 'token_id', 'station_id'] as const

/**
 * Writes rows of a batch as one Parquet file, in the order given, and makes it durable. The rows pass through a table in memory:
 * DuckDB writes the file, and every number reaches it as it is in the record, never through text or a binary fraction.
 * @throws StudioError ABORTED, DISK_FULL, FILE_FAILED
 */
export async function writePart(
  database: LakeDatabase,
  path: string,
  facts: PartFacts,
  batch: RecordBatch,
  order: Uint32Array
): Promise<void> {
  const plan = partPlan(facts, batch, order)
  await database.run(`CREATE OR REPLACE TABLE part_rows (${plan.map(({ name, type }) => `${sqlName(name)} ${type}`).join(', ')})`)
  try {
    await database.guard(() => appendRows(database, plan, facts, batch, order))
    await database.run(copySql(path, facts))
  } finally {
    await database.connection.run('DROP TABLE IF EXISTS part_rows')
  }
  syncFile(path)
}

interface StoredColumn {
  readonly name: string
  readonly type: string
  readonly fill: (chunk: DuckDBDataChunk, index: number, rows: ChunkRows) => void
}

function partPlan(facts: PartFacts, batch: RecordBatch, order: Uint32Array): StoredColumn[] {
  const known = instrumentsIn(facts, batch, order)
  const plain = (name: string, type: string, source: ColumnSource): StoredColumn => ({
    name,
    type,
    fill: (chunk, index, rows) => fillColumn(chunk, index, source, rows)
  })
  return [
    plain('ts', 'TIMESTAMPTZ', { kind: 'ts' }),
    ...INSTRUMENT_COLUMNS.map((name) => byInstrument(name, known)),
    plain('window_id', 'VARCHAR', { kind: 'windowId' }),
    ...lakeColumns(facts.channel).map(({ name, type, source }) => plain(name, type, source))
  ]
}

function instrumentsIn(facts: PartFacts, batch: RecordBatch, order: Uint32Array): ReadonlyMap<number, EventInstrument> {
  const known = new Map<number, EventInstrument>()
  let last = -1
  for (const row of order) {
    const id = batch.instrumentOf(row)
    if (id === last) continue
    last = id
    const instrument = known.has(id) ? undefined : facts.instrument(id)
    if (instrument !== undefined) known.set(id, instrument)
  }
  return known
}

/** The text of an instrument is an ENUM while it is written: one number a row instead of a long text. */
function byInstrument(name: (typeof INSTRUMENT_COLUMNS)[number], known: ReadonlyMap<number, EventInstrument>): StoredColumn {
  const textOf = ({ marketId, tokenId, stationId }: EventInstrument): string =>
    (name === 'market_id' ? marketId : name === 'token_id' ? tokenId : stationId) ?? ''
  const values = [...new Set([...known.values()].map(textOf))].filter((text) => text !== '')
  const indexes = new Map([...known].map(([id, instrument]) => [id, values.indexOf(textOf(instrument))]))
  if (values.length === 0) return { name, type: 'VARCHAR', fill: fillNulls }
  return {
    name,
    type: `ENUM(${values.map(sqlText).join(', ')})`,
    fill: (chunk, index, rows) => fillByInstrument(chunk, index, values.length, (id) => indexes.get(id) ?? -1, rows)
  }
}

function fillNulls(chunk: DuckDBDataChunk, index: number, { from, to }: ChunkRows): void {
  const vector = chunk.getColumnVector(index)
  for (let row = 0; row < to - from; row++) vector.setItem(row, null)
  vector.flush()
}

async function appendRows(
  database: LakeDatabase,
  plan: readonly StoredColumn[],
  { channel, originTsNs }: PartFacts,
  batch: RecordBatch,
  order: Uint32Array
): Promise<void> {
  const appender = await database.connection.createAppender('part_rows')
  try {
    const types = plan.map((_, index) => appender.columnType(index))
    const origin = { originUs: Number(originTsNs / 1000n), originRestNs: Number(originTsNs % 1000n) }
    for (let from = 0; from < order.length; from += CHUNK_ROWS) {
      database.throwIfAborted()
      const to = Math.min(order.length, from + CHUNK_ROWS)
      const chunk = DuckDBDataChunk.create(types, to - from)
      const rows: ChunkRows = { batch, order, from, to, channel, ...origin }
      plan.forEach(({ fill }, index) => fill(chunk, index, rows))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  } finally {
    closeQuietly(appender)
  }
}

/** After a failed append, closing fails once more for the same reason. */
function closeQuietly(appender: DuckDBAppender): void {
  try {
    appender.closeSync()
  } catch {
    // the first failure is on its way already
  }
}

function copySql(path: string, facts: PartFacts): string {
  const { channel, runId, originTsNs, station, date, segmentHashes } = facts
  const metadata = {
    tapedeck_lake_schema: String(LAKE_SCHEMA_VERSION),
    channel: channel.name,
    channel_version: String(channel.version),
    run_id: runId,
    t0_wall_ns_utc: String(originTsNs),
    station,
    date,
    source_segments_sha256: segmentHashes.join(',')
  }
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${sqlText(value)}`)
  return `COPY (SELECT ${selectedColumns(facts).join(', ')} FROM part_rows) TO ${sqlText(path)}
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, KV_METADATA {${pairs.join(', ')}})`
}

function selectedColumns({ channel, runId }: PartFacts): string[] {
  const local = (zone: string): string => `strftime(ts AT TIME ZONE '${zone}', '%Y-%m-%d %H:%M:%S')`
  const venueTime = Object.entries(channel.fields).find(([name]) => name === 'exchTsMs')?.[1].wire
  return [
    'ts',
    `${eventIdSql(runId)} AS event_id`,
    `${correlationIdSql(runId, channel)} AS correlation_id`,
    `${local('America/New_York')} AS ts_nyc`,
    `${local('Europe/Madrid')} AS ts_es`,
    `${venueTime === undefined ? 'CAST(NULL AS TIMESTAMPTZ)' : instantSql(sqlName(venueTime))} AS obs_time_utc`,
    ...INSTRUMENT_COLUMNS,
    'window_id',
    `${sqlText(runId)} AS run_id`,
    ...lakeColumns(channel).map(({ name }) => sqlName(name))
  ]
}

/** A venue may state any number; one that no calendar has stays a number only. */
function instantSql(ms: string): string {
  return `CASE WHEN ${ms} BETWEEN -8640000000000000 AND 8640000000000000 THEN make_timestamptz(${ms} * 1000) END`
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
