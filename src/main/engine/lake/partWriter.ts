import { TIMESTAMPTZ, UINTEGER, UUID, VARCHAR, type DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api'
import type { Channel, EventInstrument } from '../../../shared/channels/index.ts'
import { fillNumber, fillColumn, fillFlatLevels, fillId, type ChunkRows } from './columnFill.ts'
import {
  duckType,
  FLAT_TYPE,
  isFlat,
  lakeColumns,
  LAKE_SCHEMA_VERSION,
  sqlName,
  sqlText,
  type ColumnSource,
  type LakeColumn
} from './columns.ts'
import type { LakeDatabase } from './database.ts'
import { derivedColumns, withMembers } from './derivedColumns.ts'
import { eventHashSql, frameHashSql, uuidSql } from './eventIdSql.ts'
import type { LakeDisk } from './lakeDisk.ts'
import { localTimeSql, spanOf, type TimeSpan } from './localTimeSql.ts'
import type { RecordBatch } from './recordBatch.ts'

/** Rows of a row group: small enough that a query for one market reads little else. */
export const ROW_GROUP_ROWS = 20_480
const CHUNK_ROWS = 2048
/** Differences from row to row (version 2) and zstd beat dictionaries here, in size and in time: values of a market change a little. */
const PARQUET_OPTIONS = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`

/** What a part is about, beside its rows. */
export interface PartFacts {
  readonly disk: LakeDisk
  readonly channel: Channel
  readonly runId: string
  /** Nanoseconds since the Unix epoch of relNs 0. */
  readonly originTsNs: bigint
  readonly station: string
  readonly date: string
  /** SHA-256 of the journal segments that the rows come from. */
  readonly segmentHashes: readonly string[]
}

const EVENT_UUID = 'event_uuid'
const CAUSE_UUID = 'cause_uuid'
const WINDOW_ID = 'window_id'
const INSTRUMENT_NUMBER = 'instrument_number'
const FLAT = 'flat_levels'
const INSTRUMENT_COLUMNS = ['market_id', 'token_id', 'station_id'] as const

/**
 * Writes rows of a batch as one Parquet file, in the order given, and makes it durable. DuckDB asks for the rows and writes the file; every
 * number reaches it as it is in the record, never through text or a binary fraction.
 * @throws StudioError ABORTED, DISK_FULL, FILE_FAILED
 */
export async function writePart(
  database: LakeDatabase,
  path: string,
  facts: PartFacts,
  batch: RecordBatch,
  order: Uint32Array
): Promise<void> {
  const instruments = new InstrumentTexts(batch, order)
  const plan = partPlan(facts, instruments, batch)
  const { channel, originTsNs } = facts
  const origin = { originUs: Number(originTsNs / 1000n), originRestNs: Number(originTsNs % 1000n) }
  let from = 0
  const source = database.rowSource({
    columns: plan,
    next: (chunk) => {
      const to = Math.min(order.length, from + CHUNK_ROWS)
      chunk.rowCount = to - from
      if (to === from) return
      const rows: ChunkRows = { batch, order, from, to, channel, ...origin }
      plan.forEach(({ fill }, index) => fill(chunk, index, rows))
      from = to
    }
  })
  facts.disk.expectFile(path)
  await database.run(copySql(source, path, facts, instruments, batch, order))
  facts.disk.syncFile(path)
}

interface StoredColumn {
  readonly name: string
  readonly type: DuckDBType
  readonly fill: (chunk: DuckDBDataChunk, index: number, rows: ChunkRows) => void
}

function partPlan(facts: PartFacts, instruments: InstrumentTexts, batch: RecordBatch): StoredColumn[] {
  const plain = (name: string, type: DuckDBType, source: ColumnSource): StoredColumn => ({
    name,
    type,
    fill: (chunk, index, rows) => fillColumn(chunk, index, source, rows)
  })
  return [
    plain('ts', TIMESTAMPTZ, { kind: 'ts' }),
    instruments.column,
    ...idColumns(batch),
    ...(batch.windowIds.size === 0 ? [] : [plain(WINDOW_ID, VARCHAR, { kind: 'windowId' })]),
    ...lakeColumns(facts.channel)
      .filter(({ source }) => source.kind !== 'level')
      .map((column) => plain(column.name, duckType(column), column.source)),
    ...(isFlat(facts.channel) ? [{ name: FLAT, type: FLAT_TYPE, fill: fillFlatLevels }] : [])
  ]
}

/** The stored columns as they are made of what the plan hands over. */
function storedSql(columns: readonly LakeColumn[]): string[] {
  let levels = 0
  return columns.map(({ name, source }) => (source.kind === 'level' ? `${FLAT}[${++levels}] AS ${sqlName(name)}` : sqlName(name)))
}

/** Ids that the journal states are copied; they are derived anew where it does not state all of them. */
function idColumns(batch: RecordBatch): StoredColumn[] {
  if (batch.idCount < batch.count) return []
  return ([EVENT_UUID, CAUSE_UUID] as const).map((name, which) => ({
    name,
    type: UUID,
    fill: (chunk, index, rows) => fillId(chunk, index, which as 0 | 1, rows)
  }))
}

/** Texts of the instruments of a part. A row has a number only; the texts are a constant list in the SQL. */
class InstrumentTexts {
  readonly #known: readonly EventInstrument[]
  readonly #numbers: ReadonlyMap<EventInstrument, number>

  constructor(batch: RecordBatch, order: Uint32Array) {
    const known = new Set<EventInstrument>()
    for (const row of order) {
      const instrument = batch.instruments[row]
      if (instrument !== undefined) known.add(instrument)
    }
    this.#known = [...known]
    this.#numbers = new Map(this.#known.map((instrument, number) => [instrument, number]))
  }

  readonly column: StoredColumn = {
    name: INSTRUMENT_NUMBER,
    type: UINTEGER,
    fill: (chunk, index, rows) => {
      const { instruments } = rows.batch
      const numberOf = (instrument: EventInstrument | undefined): number =>
        instrument === undefined ? -1 : (this.#numbers.get(instrument) ?? -1)
      fillNumber(chunk, index, (row) => numberOf(instruments[row]), rows)
    }
  }

  sql(name: (typeof INSTRUMENT_COLUMNS)[number]): string {
    const texts = this.#known.map(({ marketId, tokenId, stationId }) =>
      name === 'market_id' ? marketId : name === 'token_id' ? tokenId : stationId
    )
    if (texts.every((text) => text === undefined || text === '')) return `CAST(NULL AS VARCHAR) AS ${name}`
    const list = texts.map((text) => (text === undefined || text === '' ? 'NULL' : sqlText(text)))
    return `list_extract([${list.join(', ')}], ${INSTRUMENT_NUMBER} + 1) AS ${name}`
  }
}

function copySql(
  source: string,
  path: string,
  facts: PartFacts,
  instruments: InstrumentTexts,
  batch: RecordBatch,
  order: Uint32Array
): string {
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
  const hashed = `SELECT *, ${eventHashSql(runId)} AS event_hash, ${frameHashSql(runId, channel)} AS frame_hash FROM ${source}`
  const span = spanOf(originTsNs, batch, order)
  const hasIds = batch.idCount === batch.count
  const ids = hasIds ? [EVENT_UUID, CAUSE_UUID].map((name) => `CAST(${name} AS VARCHAR)`) : [uuidSql('event_hash'), uuidSql('frame_hash')]
  const columns = selectedColumns(facts, instruments, span, ids, batch.windowIds.size > 0)
  return `COPY (SELECT ${columns.join(', ')} FROM ${withMembers(channel, hasIds ? source : `(${hashed})`)}) TO ${sqlText(path)} (${PARQUET_OPTIONS}, KV_METADATA {${pairs.join(', ')}})`
}

function selectedColumns(
  { channel, runId }: PartFacts,
  instruments: InstrumentTexts,
  span: TimeSpan,
  ids: readonly string[],
  hasWindows: boolean
): string[] {
  const venueTime = Object.entries(channel.fields).find(([name]) => name === 'exchTsMs')?.[1].wire
  return [
    'ts',
    `${ids[0]} AS event_id`,
    `${ids[1]} AS correlation_id`,
    `${localTimeSql('America/New_York', span)} AS ts_nyc`,
    `${localTimeSql('Europe/Madrid', span)} AS ts_es`,
    `${venueTime === undefined ? 'CAST(NULL AS TIMESTAMPTZ)' : instantSql(sqlName(venueTime))} AS obs_time_utc`,
    ...INSTRUMENT_COLUMNS.map((name) => instruments.sql(name)),
    hasWindows ? WINDOW_ID : `CAST(NULL AS VARCHAR) AS ${WINDOW_ID}`,
    `${sqlText(runId)} AS run_id`,
    ...storedSql(lakeColumns(channel)),
    ...derivedColumns(channel).map(({ name, sql }) => `${sql} AS ${sqlName(name)}`)
  ]
}

/** A venue may state any number; one that no calendar has stays a number only. */
function instantSql(ms: string): string {
  return `CASE WHEN ${ms} BETWEEN -8640000000000000 AND 8640000000000000 THEN make_timestamptz(${ms} * 1000) END`
}
