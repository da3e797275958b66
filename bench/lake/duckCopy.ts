import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

/** DuckDB with one thread and nothing of ours. */
export async function plainDuckDb(): Promise<{ readonly connection: DuckDBConnection; close(): void }> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  return {
    connection,
    close() {
      connection.closeSync()
      instance.closeSync()
    }
  }
}

const COLUMNS = {
  schema_version: 'INTEGER',
  event_id: 'VARCHAR',
  correlation_id: 'VARCHAR',
  ch: 'VARCHAR',
  ts_ingest_utc: 'TIMESTAMPTZ',
  ts_nyc: 'VARCHAR',
  ts_es: 'VARCHAR',
  obs_time_utc: 'TIMESTAMPTZ',
  market_id: 'VARCHAR',
  token_id: 'VARCHAR',
  window_id: 'VARCHAR',
  data: `STRUCT("second" BIGINT, seq BIGINT, resync_epoch_id UINTEGER, book_ok BOOLEAN, best_bid DECIMAL(18,6), best_ask DECIMAL(18,6), spread DECIMAL(18,6),
    mid DOUBLE, microprice DOUBLE, imbalance DOUBLE, bids DECIMAL(18,6)[][], asks DECIMAL(18,6)[][])`,
  at: 'BIGINT[]'
}

function readJson(segments: readonly string[]): string {
  const files = segments.map((path) => `'${path}'`).join(', ')
  const columns = Object.entries(COLUMNS).map(([name, type]) => `"${name}": '${type}'`)
  return `read_json([${files}], format = 'newline_delimited', compression = 'zstd', columns = {${columns.join(', ')}})`
}

/** COPY of the lines with typed columns, as they are: levels are lists of lists, the order is that of the files. */
export function nestedCopySql(segments: readonly string[], to: string): string {
  return `COPY (SELECT * FROM ${readJson(segments)}) TO '${to}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)`
}

/** COPY into the layout of the lake: levels as columns, sorted by market and time. */
export function flatCopySql(segments: readonly string[], to: string): string {
  const levels = ['bid', 'ask'].flatMap((side) =>
    Array.from({ length: 20 }, (_, n) => [
      `data.${side}s[${n + 1}][1] AS ${side}_px_${n + 1}`,
      `data.${side}s[${n + 1}][2] AS ${side}_sz_${n + 1}`
    ]).flat()
  )
  const scalars = ['second', 'seq', 'resync_epoch_id', 'book_ok', 'best_bid', 'best_ask', 'spread', 'imbalance']
  const scaled = ['mid', 'microprice'].map((name) => `data.${name} * 1e6 AS ${name}_e6`)
  const fields = [...scalars.map((name) => `data."${name}" AS "${name}"`), ...scaled]
  const place = ['shard', 'frame_idx', 'pos', 'instrument', 'recv_rel_ns'].map((name, n) => `"at"[${n + 1}] AS ${name}`)
  return `COPY (SELECT ts_ingest_utc AS ts, event_id, correlation_id, ts_nyc, ts_es, obs_time_utc, market_id, token_id, window_id, ${[...place, ...fields, ...levels].join(', ')}
    FROM ${readJson(segments)} ORDER BY token_id, ts) TO '${to}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)`
}
