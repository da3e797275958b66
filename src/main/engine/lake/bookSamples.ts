import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { decodeRecord, l2Snap1s, type L2Snap1s } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { sqlText } from './columns.ts'
import { keyAt, keyText, type RecordBatch } from './recordBatch.ts'

const SAMPLES = 16

/**
 * Books of random seconds, kept while the journal is read and asked for again from the Parquet with plain SQL: another way than the one
 * that rebuilds records, and the one that others use. Which seconds follows from a seed, so that a proof can be repeated.
 */
export class BookSamples {
  readonly #seed: string
  #seen = 0
  readonly #kept: Uint8Array[] = []

  constructor(seed: string) {
    this.#seed = seed
  }

  /** Each record has the same chance to be kept, however many there are. */
  add(batch: RecordBatch): void {
    for (let row = 0; row < batch.count; row++) {
      const place = this.#seen < SAMPLES ? this.#seen : this.#draw(this.#seen)
      this.#seen++
      if (place >= SAMPLES) continue
      const start = batch.starts[row]!
      this.#kept[place] = batch.bytes.slice(start, start + batch.lengthOf(row))
    }
  }

  /** A whole number from 0 to n. */
  #draw(n: number): number {
    return createHash('sha1').update(`${this.#seed}:${n}`).digest().readUInt32LE(0) % (n + 1)
  }

  /** @returns how many books were compared @throws StudioError BUNDLE_DAMAGED at the first that differs */
  async compare(connection: DuckDBConnection, paths: readonly string[]): Promise<number> {
    const files = `[${paths.map(sqlText).join(', ')}]`
    for (const bytes of this.#kept) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      const record = decodeRecord(l2Snap1s, view, 0)
      const found = await connection.runAndReadAll(
        `SELECT * FROM read_parquet(${files}, hive_partitioning = false) WHERE instrument = ${record.instrumentId} AND second = ${record.second}
         AND shard = ${record.shard} AND frame_idx = ${record.frameIdx} AND pos = ${record.pos}`
      )
      const rows = found.getRowObjectsJson()
      if (rows.length === 1 && bookOfRow(rows[0]!) === bookOfRecord(record)) continue
      throw new StudioError(
        'BUNDLE_DAMAGED',
        `A book differs between the journal and its Parquet copy: ${keyText(keyAt(view, 0))}, second ${record.second}, ${rows.length} rows found. Nothing was published.`
      )
    }
    return this.#kept.length
  }
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
