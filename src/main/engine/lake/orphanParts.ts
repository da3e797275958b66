import { existsSync, readdirSync } from 'node:fs'
import { sqlText } from './columns.ts'
import type { LakeDatabase } from './database.ts'
import { inLake } from './lakePaths.ts'

/** Parts of a run in the partitions of a channel and date, by what the files themselves say: for a lake whose proof was lost. */
export async function partsOnDisk(
  database: LakeDatabase,
  lakeDir: string,
  channel: string,
  date: string,
  runId: string
): Promise<string[]> {
  const folders = readdirSync(lakeDir)
    .filter((name) => name.startsWith('station='))
    .map((station) => `${station}/date=${date}/ch=${channel}`)
  const found: string[] = []
  for (const folder of folders) {
    const dir = inLake(lakeDir, folder)
    if (!existsSync(dir)) continue
    for (const name of readdirSync(dir).filter((file) => /^part-\d+\.parquet$/.test(file)))
      if ((await runOf(database, inLake(lakeDir, `${folder}/${name}`))) === runId) found.push(`${folder}/${name}`)
  }
  return found
}

/** @returns undefined when the file does not say, or cannot be read */
async function runOf(database: LakeDatabase, path: string): Promise<string | undefined> {
  try {
    const sql = `SELECT decode(value) AS run FROM parquet_kv_metadata(${sqlText(path)}) WHERE decode(key) = 'run_id'`
    const [row] = (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
    return typeof row?.['run'] === 'string' ? row['run'] : undefined
  } catch {
    return undefined
  }
}
