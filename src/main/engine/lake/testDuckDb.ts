import { DuckDBInstance } from '@duckdb/node-api'

/** Asks a DuckDB of its own, as another program would: no setting of ours, no help. */
export async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
