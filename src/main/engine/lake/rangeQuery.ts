import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api'
import { CHANNELS, getI64, type Channel } from '../../../shared/channels/index.ts'
import { StudioError } from '../../../shared/errors.ts'
import { ENVELOPE_COLUMNS, lakeColumns, sqlName, sqlText, type LakeColumn } from './columns.ts'
import { LakeDatabase } from './database.ts'
import { inLake } from './lakePaths.ts'
import { PartTrust } from './partTrust.ts'
import { readAllProofs, type LakePart, type RunProof } from './proofFile.ts'
import { rawVector } from './rawVector.ts'

export interface RangeRequest {
  readonly channel: string
  /** Market; undefined = rows of all. */
  readonly tokenId?: string | undefined
  /** Weather station; undefined = rows of all. */
  readonly stationId?: string | undefined
  /** Nanoseconds since the Unix epoch; `fromTsNs` inclusive, `toTsNs` exclusive. */
  readonly fromTsNs: bigint
  readonly toTsNs: bigint
  /** Names of fields as in the lake; undefined = all of the channel. `ts` is always there. */
  readonly columns?: readonly string[] | undefined
}

/** One column of a result. Rows without a value have 0 or '' and a cleared bit in `valid`. */
export type RangeColumn =
  | { readonly kind: 'number'; readonly values: Float64Array; readonly valid: Uint8Array | undefined }
  | { readonly kind: 'text'; readonly values: readonly string[]; readonly valid: Uint8Array | undefined }

/** Rows of one span of time, by column, oldest first. Prices and quantities are integers × 1e6; one byte a row in `valid`, 1 = has a value. */
export interface RangeResult {
  readonly rows: number
  /** Microseconds since the Unix epoch. */
  readonly tsUs: Float64Array
  readonly columns: Readonly<Record<string, RangeColumn>>
}

const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.name, channel]))

/** Questions to a lake, over all its runs. Keeps one database open, and remembers which parts it has compared with their proofs. */
export class LakeQuery {
  readonly #lakeDir: string
  readonly #database: LakeDatabase
  readonly #spillDir: string
  readonly #trust: PartTrust
  #proofs: readonly RunProof[]
  readonly #instruments = new WeakMap<RunProof, ReadonlyMap<string, readonly number[]>>()

  private constructor(lakeDir: string, database: LakeDatabase, spillDir: string) {
    this.#lakeDir = lakeDir
    this.#database = database
    this.#spillDir = spillDir
    this.#trust = new PartTrust(lakeDir)
    this.#proofs = readAllProofs(lakeDir).proofs
  }

  static async open(lakeDir: string, options: { readonly threads?: number } = {}): Promise<LakeQuery> {
    const spillDir = mkdtempSync(join(tmpdir(), 'tapedeck-lake-'))
    const database = await LakeDatabase.open({ spillDir, ...options })
    await database.run('SET parquet_metadata_cache = true')
    return new LakeQuery(lakeDir, database, spillDir)
  }

  /** Looks again for what is in the lake. */
  refresh(): void {
    this.#proofs = readAllProofs(this.#lakeDir).proofs
  }

  /** @throws StudioError USAGE (unknown channel or column), BUNDLE_DAMAGED (a part is not the one that was proved), FILE_FAILED */
  async range(request: RangeRequest): Promise<RangeResult> {
    const channel = byName.get(request.channel)
    if (channel === undefined) throw new StudioError('USAGE', `There is no channel ${request.channel}.`)
    const columns = wantedColumns(channel, request.columns)
    const runs = await this.#runsOf(request)
    for (const { parts } of runs) for (const part of parts) await this.#trust.check(part)
    if (runs.length === 0) return resultOf(columns, [])
    const sql = rangeSql(this.#lakeDir, request, columns, runs)
    return this.#database.guard(async () => resultOf(columns, await chunksOf(this.#database.connection, sql)))
  }

  /** Safe to call twice. */
  close(): void {
    this.#database.close()
    rmSync(this.#spillDir, { recursive: true, force: true })
  }

  /** Runs with parts that may hold rows of the span: a file that is not opened costs nothing. */
  async #runsOf({ channel, tokenId, stationId, fromTsNs, toTsNs }: RangeRequest): Promise<RunParts[]> {
    const runs: RunParts[] = []
    for (const proof of this.#proofs) {
      const origin = BigInt(proof.t0_wall_ns_utc)
      const [fromRelNs, toRelNs] = [Number(fromTsNs - origin), Number(toTsNs - origin)]
      const parts = proof.entries
        .filter(({ ch }) => ch === channel)
        .flatMap((entry) => entry.parts)
        .filter((part) => part.last_rel_ns >= fromRelNs && part.first_rel_ns < toRelNs)
        .filter(({ station }) => stationId === undefined || station === stationId)
        .toSorted((a, b) => a.first_rel_ns - b.first_rel_ns)
      if (parts.length === 0) continue
      const instruments = tokenId === undefined ? undefined : (await this.#instrumentsOf(proof)).get(tokenId)
      runs.push({ runId: proof.run_id, fromRelNs, toRelNs, parts, instruments })
    }
    return runs
  }

  /** Numbers of the markets of a run: to compare a number in each row is much quicker than to compare the text of a token. */
  async #instrumentsOf(proof: RunProof): Promise<ReadonlyMap<string, readonly number[]>> {
    const known = this.#instruments.get(proof)
    if (known !== undefined) return known
    const found = new Map<string, number[]>()
    const parts = proof.entries.filter(({ ch }) => ch === 'instrument').flatMap((entry) => entry.parts)
    for (const part of parts) await this.#trust.check(part)
    if (parts.length > 0) {
      const files = parts.map(({ path }) => sqlText(inLake(this.#lakeDir, path)))
      const sql = `SELECT DISTINCT instrument, token_id FROM read_parquet([${files.join(', ')}], hive_partitioning = false) WHERE token_id IS NOT NULL`
      const rows = await this.#database.guard(() => this.#database.connection.runAndReadAll(sql))
      for (const [id, token] of rows.getRowsJson() as [number, string][]) found.set(token, [...(found.get(token) ?? []), id])
    }
    this.#instruments.set(proof, found)
    return found
  }
}

/** What of a run a question is about: nanoseconds since its origin, since the files' `ts` has microseconds only. */
interface RunParts {
  readonly runId: string
  readonly fromRelNs: number
  readonly toRelNs: number
  /** In the order of time. */
  readonly parts: readonly LakePart[]
  /** Numbers of the market in this run; undefined when all are wanted, or the run does not tell. */
  readonly instruments: readonly number[] | undefined
}

function wantedColumns(channel: Channel, names: readonly string[] | undefined): LakeColumn[] {
  const known = lakeColumns(channel)
  if (names === undefined) return [...known]
  return names.map((name) => {
    const text = { name, type: 'VARCHAR', source: { kind: 'text' } } as const
    const column = known.find((candidate) => candidate.name === name) ?? (isEnvelopeText(name) ? text : undefined)
    if (column === undefined) throw new StudioError('USAGE', `The channel ${channel.name} has no column ${name}.`)
    return column
  })
}

function isEnvelopeText(name: string): boolean {
  return name !== 'ts' && name !== 'obs_time_utc' && (ENVELOPE_COLUMNS as readonly string[]).includes(name)
}

function rangeSql(lakeDir: string, { tokenId }: RangeRequest, columns: readonly LakeColumn[], runs: readonly RunParts[]): string {
  const parts = runs.flatMap((run) => run.parts)
  const files = parts.map(({ path }) => sqlText(inLake(lakeDir, path)))
  const selected = columns.map(({ name, source }) => (source.kind === 'levels' ? `CAST(${sqlName(name)} AS VARCHAR)` : sqlName(name)))
  const wheres = runs.map((run) => whereSql(run, tokenId, runs.length > 1))
  // Rows of one market lie in the order of time in each part, and the parts of a station follow one another.
  const [only] = runs
  const isOrdered = runs.length === 1 && only!.instruments?.length === 1 && new Set(parts.map(({ station }) => station)).size === 1
  const order = isOrdered ? '' : ' ORDER BY ts, shard, frame_idx, pos'
  return `SELECT ${['ts', ...selected].join(', ')} FROM read_parquet([${files.join(', ')}], hive_partitioning = false) WHERE ${wheres.join(' OR ')}${order}`
}

function whereSql({ runId, fromRelNs, toRelNs, parts, instruments }: RunParts, tokenId: string | undefined, isOneOfMany: boolean): string {
  // The times of rows need not be read where every part lies in the span.
  const isInside = parts.every(({ first_rel_ns: first, last_rel_ns: last }) => first >= fromRelNs && last < toRelNs)
  const terms = isInside ? [] : [`recv_rel_ns >= ${fromRelNs}`, `recv_rel_ns < ${toRelNs}`]
  if (isOneOfMany) terms.unshift(`run_id = ${sqlText(runId)}`)
  if (instruments !== undefined)
    terms.unshift(instruments.length === 1 ? `instrument = ${instruments[0]}` : `instrument IN (${instruments.join(', ')})`)
  else if (tokenId !== undefined) terms.unshift(`token_id = ${sqlText(tokenId)}`)
  const all = terms.length === 0 ? 'true' : terms.join(' AND ')
  return isOneOfMany ? `(${all})` : all
}

async function chunksOf(connection: DuckDBConnection, sql: string): Promise<DuckDBDataChunk[]> {
  const result = await connection.run(sql)
  return result.fetchAllChunks()
}

function resultOf(columns: readonly LakeColumn[], chunks: readonly DuckDBDataChunk[]): RangeResult {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0)
  const made = columns.map((column, index) => [column.name, columnOf(column, chunks, index + 1, rows)] as const)
  return { rows, tsUs: numbersOf(chunks, 0, rows, 'i64').values, columns: Object.fromEntries(made) }
}

function columnOf({ type, source }: LakeColumn, chunks: readonly DuckDBDataChunk[], index: number, rows: number): RangeColumn {
  const texts = source.kind === 'text' || source.kind === 'levels' || type.startsWith('ENUM')
  return texts ? textsOf(chunks, index, rows) : numbersOf(chunks, index, rows, widthOf(type))
}

type Width = 'u8' | 'u16' | 'u32' | 'i64' | 'f64'

function widthOf(type: string): Width {
  if (type === 'BOOLEAN') return 'u8'
  if (type === 'USMALLINT') return 'u16'
  if (type === 'UINTEGER') return 'u32'
  return type === 'DOUBLE' ? 'f64' : 'i64'
}

function numbersOf(
  chunks: readonly DuckDBDataChunk[],
  index: number,
  rows: number,
  width: Width
): Extract<RangeColumn, { kind: 'number' }> {
  const values = new Float64Array(rows)
  let valid: Uint8Array | undefined
  let at = 0
  for (const chunk of chunks) {
    const raw = rawVector(chunk.getColumnVector(index))
    const count = chunk.rowCount
    readNumbers(raw.view, count, width, values, at)
    if (raw.valid !== undefined) {
      valid ??= new Uint8Array(rows).fill(1)
      for (let row = 0; row < count; row++) {
        if ((raw.valid[row >> 3]! & (1 << (row & 7))) !== 0) continue
        valid[at + row] = 0
        values[at + row] = 0
      }
    }
    at += count
  }
  return { kind: 'number', values, valid: valid?.includes(0) === true ? valid : undefined }
}

/** One loop for each width: what the numbers are is known before the first of them. */
function readNumbers(view: DataView, count: number, width: Width, out: Float64Array, at: number): void {
  if (width === 'i64') for (let row = 0; row < count; row++) out[at + row] = getI64(view, row * 8)
  else if (width === 'f64') for (let row = 0; row < count; row++) out[at + row] = view.getFloat64(row * 8, true)
  else if (width === 'u32') for (let row = 0; row < count; row++) out[at + row] = view.getUint32(row * 4, true)
  else if (width === 'u16') for (let row = 0; row < count; row++) out[at + row] = view.getUint16(row * 2, true)
  else for (let row = 0; row < count; row++) out[at + row] = view.getUint8(row)
}

function textsOf(chunks: readonly DuckDBDataChunk[], index: number, rows: number): RangeColumn {
  const values: string[] = []
  const valid = new Uint8Array(rows)
  for (const chunk of chunks) {
    const vector: DuckDBVector = chunk.getColumnVector(index)
    for (let row = 0; row < chunk.rowCount; row++) {
      const value = vector.getItem(row)
      valid[values.length] = value === null ? 0 : 1
      values.push(typeof value === 'string' ? value : '')
    }
  }
  return { kind: 'text', values, valid: valid.includes(0) ? valid : undefined }
}
