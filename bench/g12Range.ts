import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { compactRun, LakeQuery, type RangeResult } from '../src/main/engine/lake/index.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { flatCopySql, plainDuckDb } from './lake/duckCopy.ts'
import { journalInput, ORIGIN_S } from './lake/journalInput.ts'
import { interleave, ratioOf, same, spreadOf, type Rounds, type Work } from './measure.ts'
import { inWorkFolder } from './workFolder.ts'

const COLUMNS = ['best_bid', 'best_ask', 'bid_px_1', 'bid_sz_1', 'ask_px_1', 'ask_sz_1', 'imbalance']
/** Questions in one measured round. */
const REPEATS = 20

/** Typed columns of one market and span of time from the lake, against DuckDB on one sorted file of the same rows, one thread each. */
export async function g12Range({ quick }: BenchOptions): Promise<GoalReport> {
  const seconds = quick ? 1200 : 9000
  const input = journalInput(20, seconds)
  const dir = inWorkFolder('lake-range')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const lakeDir = join(dir, 'lake')
  same('faults', (await compactRun({ bundleDir: input.bundleDir, lakeDir })).faults.join(' '), '')
  const duck = await plainDuckDb()
  const file = join(dir, 'flat.parquet')
  await duck.connection.run(flatCopySql(input.segments, file))
  const query = await LakeQuery.open(lakeDir)
  const tokenId = input.tokens[7]!
  const spans = { '1% of the time': Math.max(1, Math.round(seconds / 100)), 'the whole market': seconds } as const
  const all: [string, Rounds][] = []
  for (const [name, length] of Object.entries(spans)) {
    const from = name === 'the whole market' ? 0 : Math.round(seconds / 3)
    const question = { tokenId, fromS: ORIGIN_S + from, toS: ORIGIN_S + from + length + (from === 0 ? 1 : 0) }
    same(`answers for ${name}`, digestOf(await ours(query, question)), await theirs(duck.connection, file, question))
    all.push([name, await rounds(query, duck.connection, file, question, length, quick)])
  }
  query.close()
  duck.close()
  return {
    id: 'G12',
    what: `One market of 20, ${COLUMNS.length} columns, from ${input.rows.toLocaleString('en')} books in the lake`,
    count: input.rows,
    counted: 'rows in the lake; answers equal in rows, times and sums of all columns',
    findings: all.flatMap(([name, measured]) => {
      // Time, not rate: ours over theirs.
      const slower = ratioOf(measured, 'DuckDB', 'lake')
      const perMs = (who: string) => spreadOf((measured.get(who) ?? []).map((rate) => 1000 / rate))
      return [
        { what: `${name}: time against DuckDB on one sorted file`, unit: 'x' as const, figure: slower, now: { atMost: 1.5 } },
        { what: `${name}: one question to the lake`, unit: 'ms' as const, figure: perMs('lake') },
        { what: `${name}: one question to DuckDB`, unit: 'ms' as const, figure: perMs('DuckDB') }
      ]
    }),
    ratesM: {},
    notes: [
      'the first question to a part also compares its bytes with the proof; that is not in these figures',
      'files from the page cache, no network'
    ]
  }
}

interface Question {
  readonly tokenId: string
  readonly fromS: number
  readonly toS: number
}

function rounds(
  query: LakeQuery,
  connection: DuckDBConnection,
  file: string,
  question: Question,
  rows: number,
  quick: boolean
): Promise<Rounds> {
  const repeated = async (ask: () => Promise<number>): Promise<Work> => {
    const begun = performance.now()
    for (let n = 0; n < REPEATS; n++) same('rows of an answer', await ask(), rows)
    return { count: REPEATS, seconds: (performance.now() - begun) / 1000 }
  }
  return interleave(
    [
      { name: 'lake', run: () => repeated(async () => (await ours(query, question)).rows) },
      { name: 'DuckDB', run: () => repeated(async () => (await connection.runAndReadAll(sqlOf(file, question))).currentRowCount) }
    ],
    { rounds: quick ? 3 : 7, warmUps: 2 }
  )
}

function ours(query: LakeQuery, { tokenId, fromS, toS }: Question): Promise<RangeResult> {
  const ns = (seconds: number): bigint => BigInt(seconds) * 1_000_000_000n
  return query.range({ channel: 'l2_snap_1s', tokenId, fromTsNs: ns(fromS), toTsNs: ns(toS), columns: COLUMNS })
}

function sqlOf(file: string, { tokenId, fromS, toS }: Question): string {
  return `SELECT ts, ${COLUMNS.join(', ')} FROM '${file}' WHERE token_id = '${tokenId}' AND ts >= to_timestamp(${fromS}) AND ts < to_timestamp(${toS}) ORDER BY ts`
}

function digestOf(result: RangeResult): string {
  const sums = COLUMNS.map((name) => (result.columns[name]!.values as Float64Array).reduce((sum, value) => sum + value, 0))
  const scaled = sums.map((sum, n) => (COLUMNS[n] === 'imbalance' ? sum : sum / 1e6).toFixed(3))
  return JSON.stringify([result.rows, result.tsUs.reduce((sum, us) => sum + us / 1e6, 0).toFixed(0), ...scaled])
}

async function theirs(connection: DuckDBConnection, file: string, question: Question): Promise<string> {
  const sums = COLUMNS.map((name) => `printf('%.3f', sum(${name})::DOUBLE)`)
  const sql = `SELECT count(*)::INT, printf('%.0f', sum(epoch_us(ts) / 1e6)), ${sums.join(', ')} FROM (${sqlOf(file, question)})`
  const [row] = (await connection.runAndReadAll(sql)).getRowsJson()
  return JSON.stringify(row)
}
