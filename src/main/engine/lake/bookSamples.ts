import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { decodeRecord, l2Snap1s, type L2Snap1s } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { sqlText } from './columns.ts'
import { keyText, type RecordBatch } from './recordBatch.ts'

const SAMPLES = 16

/**
 * Books of random seconds, kept while the journal is read and asked for again from the Parquet with plain SQL: another way than the one
 * that rebuilds records, and the one that others use. Which seconds follows from a seed, so that a proof can be repeated.
 */
export class BookSamples {
  /** Of the generator that draws; never 0. */
  #state: number
  #seen = 0
  readonly #kept: Uint8Array[] = []

  constructor(seed: string) {
    this.#state = createHash('sha1').update(seed).digest().readUInt32LE(0) | 1
  }

  /** Each record has the same chance to be kept, however many there are. @param first row from which on they are new */
  add(batch: RecordBatch, first = 0): void {
    for (let row = first; row < batch.count; row++) {
      const place = this.#seen < SAMPLES ? this.#seen : this.#draw(this.#seen)
      this.#seen++
      if (place >= SAMPLES) continue
      const start = batch.starts[row]!
      this.#kept[place] = batch.bytes.slice(start, start + batch.lengthOf(row))
    }
  }

  /** A whole number from 0 to n, by Marsaglia's xorshift: it is drawn for every record. */
  #draw(n: number): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return Math.floor(((state >>> 0) / 4_294_967_296) * (n + 1))
  }

  /** @returns how many books were compared @throws StudioError BUNDLE_DAMAGED at the first that differs */
  async compare(connection: DuckDBConnection, paths: readonly string[]): Promise<number> {
    if (this.#kept.length === 0) return 0
    const records = this.#kept.map((bytes) => decodeRecord(l2Snap1s, new DataView(bytes.buffer), 0))
    const places = records.map(({ shard, frameIdx, pos }) => `(${shard}, ${frameIdx}, ${pos})`)
    const files = `[${paths.map(sqlText).join(', ')}]`
    const found = await connection.runAndReadAll(
      `SELECT * FROM read_parquet(${files}, hive_partitioning = false) WHERE (shard, frame_idx, pos) IN (${places.join(', ')})`
    )
    const rows = new Map(found.getRowObjectsJson().map((row) => [placeOf(row), row]))
    for (const record of records) {
      const row = rows.get(JSON.stringify([record.shard, record.frameIdx, record.pos]))
      if (row !== undefined && bookOfRow(row) === bookOfRecord(record)) continue
      throw new StudioError(
        'BUNDLE_DAMAGED',
        `A book differs between the journal and its Parquet copy: ${keyText(record)}, second ${record.second}. Nothing was published.`
      )
    }
    return records.length
  }
}

function placeOf(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([row['shard'], row['frame_idx'], row['pos']])
}

function bookOfRecord({ levels, second, resyncEpochId, bookOk }: L2Snap1s): string {
  return JSON.stringify([String(second), resyncEpochId, bookOk, levels.bids.map(e6Text), levels.asks.map(e6Text)])
}

function bookOfRow(row: Readonly<Record<string, unknown>>): string {
  const side = (name: string): string[] => {
    const out: string[] = []
    for (let n = 1; typeof row[`${name}_px_${n}`] === 'string'; n++)
      out.push(String(row[`${name}_px_${n}`]), String(row[`${name}_sz_${n}`]))
    return out
  }
  return JSON.stringify([row['second'], row['resync_epoch_id'], row['book_ok'], side('bid'), side('ask')])
}

/** As DuckDB writes a DECIMAL(18,6). */
function e6Text(value: number): string {
  const digits = String(Math.abs(value)).padStart(7, '0')
  return `${value < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`
}
