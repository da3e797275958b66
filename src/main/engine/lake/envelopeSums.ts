import type { DuckDBConnection } from '@duckdb/node-api'
import type { Channel } from '../../../shared/channels/index.ts'
import { sqlText } from './columns.ts'
import type { HourDigest } from './hourDigests.ts'
import { hourText } from './lakeTime.ts'

/** A lane of 32 bits may be added up so often before it is no longer exact. */
const LANE_ADDS = 1 << 20
const DIGEST_LANES = 4

/** The first eight bytes of a digest, as DuckDB makes a number of it. */
const LOW_HALF = '18446744073709551615'

/** Hours of UTC and, for each, the sum over the envelopes of its events. */
export type HourSums = ReadonlyMap<string, string>

interface Lanes {
  readonly sums: Float64Array
  adds: number
  first: bigint
  second: bigint
}

/**
 * Sums up the envelopes of events hour by hour: the MD5 of each text as two numbers of 64 bits, added up. A sum needs no order, so DuckDB can
 * make the same one from the columns of a part, as they are and as others read them.
 */
export class EnvelopeSums {
  readonly #hours = new Map<number, Lanes>()

  /**
   * @param hour since the Unix epoch
   * @param digest words of the MD5 of the envelope and the place of the event, see `envelopeSql`
   */
  add(hour: number, digest: Uint32Array): void {
    let lanes = this.#hours.get(hour)
    if (lanes === undefined) {
      lanes = { sums: new Float64Array(DIGEST_LANES), adds: 0, first: 0n, second: 0n }
      this.#hours.set(hour, lanes)
    }
    for (let lane = 0; lane < DIGEST_LANES; lane++) lanes.sums[lane]! += digest[lane]!
    if (++lanes.adds === LANE_ADDS) fold(lanes)
  }

  get hours(): HourSums {
    return new Map(
      [...this.#hours].map(([hour, lanes]) => {
        fold(lanes)
        return [hourText(hour), sumText(lanes.first, lanes.second)]
      })
    )
  }
}

function fold(lanes: Lanes): void {
  const [a = 0, b = 0, c = 0, d = 0] = lanes.sums
  lanes.first += BigInt(a) + (BigInt(b) << 32n)
  lanes.second += BigInt(c) + (BigInt(d) << 32n)
  lanes.sums.fill(0)
  lanes.adds = 0
}

function sumText(first: bigint, second: bigint): string {
  return [first, second].map((sum) => BigInt.asUintN(64, sum).toString(16).padStart(16, '0')).join('')
}

/** The hours with the sums of their envelopes beside them. */
export function withEnvelopes(hours: readonly HourDigest[], sums: HourSums): HourDigest[] {
  return hours.map((digest) => ({ ...digest, envelopes: sums.get(digest.hour) ?? sumText(0n, 0n) }))
}

/** The sums over the envelopes of some parts, made by DuckDB from the columns that everybody reads. @throws the database's error */
export async function envelopeSumsOf(connection: DuckDBConnection, channel: Channel, paths: readonly string[]): Promise<HourSums> {
  if (paths.length === 0) return new Map()
  const files = `[${paths.map(sqlText).join(', ')}]`
  const result = await connection.runAndReadAll(
    `SELECT hour, sum((digest & ${LOW_HALF})::UBIGINT)::VARCHAR AS first, sum((digest >> 64)::UBIGINT)::VARCHAR AS second FROM (
      SELECT epoch_us(ts) // 3600000000 AS hour, md5_number(${envelopeSql(channel)}) AS digest
      FROM read_parquet(${files}, hive_partitioning = false)
    ) GROUP BY hour`
  )
  const rows = result.getRowsJson() as [hour: string, first: string, second: string][]
  return new Map(rows.map(([hour, first, second]) => [hourText(Number(hour)), sumText(BigInt(first), BigInt(second))]))
}

/** The beginning of an event's journal line, up to its data, and the place of the event: `…|shard:frame:pos`. */
function envelopeSql(channel: Channel): string {
  const member = (name: string): string => `CASE WHEN ${name} IS NULL THEN '' ELSE concat(',"${name}":', to_json(${name})) END`
  return `concat('{"schema_version":1,"event_id":"', event_id, '","correlation_id":"', correlation_id, '","ch":"${channel.name}","ts_ingest_utc":"', strftime(ts, '${ISO}'),
    '","ts_nyc":"', ts_nyc, '","ts_es":"', ts_es, '"',
    CASE WHEN obs_time_utc IS NULL THEN '' ELSE concat(',"obs_time_utc":"', ${venueIsoSql('obs_time_utc')}, '"') END,
    ${['station_id', 'market_id', 'token_id', 'window_id'].map(member).join(', ')}, '|', shard, ':', frame_idx, ':', pos)`
}

const ISO = '%Y-%m-%dT%H:%M:%S.%f+00:00'

/** ISO 8601 as the journal has it: years that do not have four digits with a sign and six. */
function venueIsoSql(column: string): string {
  const year = `CAST(strftime(${column}, '%Y') AS INTEGER)`
  const signed = `concat(CASE WHEN ${year} < 0 THEN '-' ELSE '+' END, lpad(CAST(abs(${year}) AS VARCHAR), 6, '0'))`
  // From the year 0 to the end of the year 9999, in ms.
  return `CASE WHEN epoch_ms(${column}) BETWEEN -62167219200000 AND 253402300799999 THEN strftime(${column}, '${ISO}')
    ELSE concat(${signed}, strftime(${column}, '${ISO.slice(2)}')) END`
}
