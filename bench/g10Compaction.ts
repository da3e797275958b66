import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { l2Snap1s } from '../src/shared/channels/index.ts'
import { writeParts } from '../src/main/engine/lake/compactEntry.ts'
import { PART_BYTES } from '../src/main/engine/lake/compactRun.ts'
import { LakeDatabase } from '../src/main/engine/lake/database.ts'
import { hostLakeDisk } from '../src/main/engine/lake/lakeDisk.ts'
import { compactRun, readChannelManifest, readProof } from '../src/main/engine/lake/index.ts'
import { readJournalFacts } from '../src/main/engine/lake/journalFiles.ts'
import type { BenchOptions, GoalReport } from './goal.ts'
import { flatCopySql, nestedCopySql, plainDuckDb } from './lake/duckCopy.ts'
import { journalInput, type JournalInput } from './lake/journalInput.ts'
import { interleave, ratesInMillions, ratioOf, same, spreadOf, type Work } from './measure.ts'
import { inWorkFolder } from './workFolder.ts'

const OURS = 'journal to Parquet'
const PROVED = 'journal to Parquet, proved and published'
const NESTED = 'DuckDB COPY, nested'
const FLAT = 'DuckDB COPY, flat and sorted'

/** Journals of 1 s books to Parquet, against DuckDB's own COPY of the same lines with typed columns, one thread of DuckDB each. */
export async function g10Compaction({ quick }: BenchOptions): Promise<GoalReport> {
  const input = journalInput(20, quick ? 1200 : 9000)
  const dir = inWorkFolder('lake-out')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const duck = await plainDuckDb()
  const files = { nested: join(dir, 'nested.parquet'), flat: join(dir, 'flat.parquet') }
  const copy = (sql: string) => () => timedWork(input.rows, async () => void (await duck.connection.run(sql)))
  const sizes = { ours: 0 }
  const cpu = { ours: [] as number[], nested: [] as number[] }
  const rounds = await interleave(
    [
      { name: OURS, run: () => measured(cpu.ours, () => write(input, join(dir, 'parts'), sizes)) },
      { name: PROVED, run: () => compact(input, join(dir, 'lake')) },
      { name: NESTED, run: () => measured(cpu.nested, copy(nestedCopySql(input.segments, files.nested))) },
      { name: FLAT, run: copy(flatCopySql(input.segments, files.flat)) }
    ],
    { rounds: quick ? 3 : 5, warmUps: 1 }
  )
  const ours = `${join(dir, 'lake')}/*/*/ch=l2_snap_1s/*.parquet`
  const digest = async (path: string): Promise<string> => JSON.stringify(await rowsOf(duck.connection, digestSql(path)))
  same('rows and sums of our Parquet and the flat COPY', await digest(ours), await digest(files.flat))
  duck.close()
  const [nestedBytes, flatBytes] = [statSync(files.nested).size, statSync(files.flat).size]
  const ratio = (a: number, b: number) => spreadOf([a / b])
  const cpuRatio = spreadOf(cpu.ours.map((seconds, round) => (cpu.nested[round] ?? NaN) / seconds))
  return {
    id: 'G10',
    what: `Compaction of ${input.rows.toLocaleString('en')} books of 20 + 20 levels, ${Math.round(input.textBytes / 1e6)} MB of lines in zstd`,
    count: input.rows,
    counted: 'rows; sums over prices and sizes, and ids, equal in our Parquet and in the flat COPY',
    findings: [
      {
        what: 'against COPY of the nested lines',
        unit: 'x',
        figure: ratioOf(rounds, OURS, NESTED),
        now: { atLeast: 1 },
        later: { atLeast: 1.5 }
      },
      { what: 'against COPY into the same layout', unit: 'x', figure: ratioOf(rounds, OURS, FLAT) },
      { what: 'the same against nested, by processor time', unit: 'x', figure: cpuRatio },
      { what: 'with proof and publishing, against nested', unit: 'x', figure: ratioOf(rounds, PROVED, NESTED) },
      { what: 'size of the Parquet, against nested', unit: 'x', figure: ratio(sizes.ours, nestedBytes), now: { atMost: 1.05 } },
      { what: 'size of the Parquet, against flat', unit: 'x', figure: ratio(sizes.ours, flatBytes) }
    ],
    ratesM: ratesInMillions(rounds),
    notes: [
      'ours reads lines while DuckDB writes the part before, so it uses more than one thread; processor time says what it costs',
      'ours also hashes every record, sorts, and makes the local times anew; the nested COPY does none of it'
    ]
  }
}

async function write(input: JournalInput, dir: string, sizes: { ours: number }): Promise<Work> {
  rmSync(dir, { recursive: true, force: true })
  const facts = readJournalFacts(input.bundleDir)!
  const database = await LakeDatabase.open({ spillDir: `${dir}-spill` })
  const work = await timedWork(input.rows, async () => {
    const { segments } = readChannelManifest(facts, 'l2_snap_1s')
    const { parts } = await writeParts(
      {
        disk: hostLakeDisk,
        database,
        facts,
        channel: l2Snap1s,
        date: '2026-11-20',
        segments,
        firstGeneration: 0,
        dir,
        partBytes: PART_BYTES,
        onBytes: () => undefined
      },
      undefined
    )
    same(
      'rows written',
      parts.reduce((sum, { rows }) => sum + rows, 0),
      input.rows
    )
    sizes.ours = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  })
  database.close()
  return work
}

async function compact(input: JournalInput, lakeDir: string): Promise<Work> {
  rmSync(lakeDir, { recursive: true, force: true })
  const work = await timedWork(input.rows, async () => {
    const { faults } = await compactRun({ bundleDir: input.bundleDir, lakeDir })
    same('faults', faults.join(' '), '')
  })
  const rows = readProof(lakeDir, input.runId)?.entries.find(({ ch }) => ch === 'l2_snap_1s')?.rows
  same('rows proved', rows, input.rows)
  return work
}

async function timedWork(count: number, work: () => Promise<void>): Promise<Work> {
  const begun = performance.now()
  await work()
  return { count, seconds: (performance.now() - begun) / 1000 }
}

async function measured(cpu: number[], run: () => Promise<Work>): Promise<Work> {
  const before = process.cpuUsage()
  const work = await run()
  const { user, system } = process.cpuUsage(before)
  cpu.push((user + system) / 1e6)
  return work
}

function digestSql(path: string): string {
  return `SELECT count(*)::BIGINT AS n, sum(bid_px_1) AS a, sum(ask_sz_20) AS b, sum(bid_sz_7) AS c, bit_xor(hash(event_id)) AS d, bit_xor(hash(token_id)) AS e,
    bit_xor(hash(epoch_us(ts))) AS f, bit_xor(hash(ts_nyc)) AS g, bit_xor(hash(ts_es)) AS h, sum(recv_rel_ns) AS i FROM '${path}'`
}

async function rowsOf(connection: Awaited<ReturnType<typeof plainDuckDb>>['connection'], sql: string): Promise<unknown> {
  return (await connection.runAndReadAll(sql)).getRowsJson()
}
