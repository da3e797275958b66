import type { DuckDBConnection } from '@duckdb/node-api'
import type { Channel, MemberType } from '../../../shared/channels/index.ts'
import { sqlName, sqlText } from './columns.ts'

/**
 * A column that is made by SQL from a stored one, for those who ask: a member of a JSON text with a type of its own, or a price that a
 * record has as a floating number. Records are rebuilt without it.
 */
export interface DerivedColumn {
  readonly name: string
  /** Over a relation of `withMembers`. */
  readonly sql: string
}

/** The members of a text as one struct. */
const MEMBERS = 'tapedeck_members'
/** Places behind the point: as many as a price of ten digits leaves. */
const PRICE_TYPE = 'DECIMAL(18,8)'

/** The derived columns of a channel, in the order in which they stand behind the stored ones. Everything comes from its declaration. */
export function derivedColumns(channel: Channel): readonly DerivedColumn[] {
  const prices = Object.values(channel.fields).flatMap(({ wire, json, jsonDecimal }) =>
    jsonDecimal === true && json !== undefined ? [{ name: json, sql: `TRY_CAST(${sqlName(wire)} / 1000000 AS ${PRICE_TYPE})` }] : []
  )
  const members = (channel.tail?.members ?? []).map(({ wire, path }) => ({
    name: wire,
    sql: path.reduce((sql, name) => `struct_extract(${sql}, ${sqlText(name)})`, MEMBERS)
  }))
  return [...prices, ...members]
}

/** A relation with what the derived columns of a channel are made from. A text that is no JSON has no members. */
export function withMembers(channel: Channel, relation: string): string {
  const { tail } = channel
  if (tail?.members === undefined || tail.members.length === 0) return relation
  const text = sqlName(tail.wire)
  const structure = sqlText(JSON.stringify(structureOf(channel)))
  return `(SELECT *, CASE WHEN json_valid(${text}) THEN json_transform(${text}, ${structure}) END AS ${MEMBERS} FROM ${relation})`
}

type Structure = string | readonly [Structure] | { readonly [name: string]: Structure }

/** The shape of the text as DuckDB's `json_transform` takes it. */
function structureOf({ tail }: Channel): Structure {
  const root: Record<string, Structure> = {}
  for (const { path, type } of tail?.members ?? []) {
    let at = root
    for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, Structure>
    at[path.at(-1) ?? ''] = structureOfType(type)
  }
  return root
}

const TYPES = { text: 'VARCHAR', number: 'DOUBLE', integer: 'BIGINT', boolean: 'BOOLEAN', date: 'DATE' } as const

function structureOfType(type: MemberType): Structure {
  if (typeof type === 'string') return TYPES[type]
  if ('list' in type) return [structureOfType(type.list)]
  if ('byName' in type) return `MAP(VARCHAR, ${TYPES[type.byName]})`
  return Object.fromEntries(Object.entries(type.object).map(([name, field]) => [name, structureOfType(field)]))
}

export interface DerivedCheck {
  /** Rows that were compared. */
  readonly rows: number
  /** A column that is not what it should be; undefined when there is none. */
  readonly fault: string | undefined
}

/**
 * Reads parts back and makes each derived column anew from what it comes from, which is proved with the records.
 * @param which `there`: parts of before may lack columns that were declared since @throws the database's error, also when a column is not there
 */
export async function checkDerived(
  connection: DuckDBConnection,
  channel: Channel,
  paths: readonly string[],
  which: 'all' | 'there' = 'all'
): Promise<DerivedCheck> {
  if (paths.length === 0) return { rows: 0, fault: undefined }
  const files = `read_parquet([${paths.map(sqlText).join(', ')}], hive_partitioning = false)`
  const there = which === 'all' ? undefined : await columnsOf(connection, files)
  const columns = derivedColumns(channel).filter(({ name }) => there?.has(name) !== false)
  if (columns.length === 0) return { rows: 0, fault: undefined }
  const differs = columns.map(({ name, sql }) => `count(*) FILTER (${sqlName(name)} IS DISTINCT FROM ${sql})`)
  const result = await connection.runAndReadAll(`SELECT count(*), ${differs.join(', ')} FROM ${withMembers(channel, files)}`)
  const [rows = 0, ...wrong] = result.getRowsJson()[0]!.map(Number)
  const at = wrong.findIndex((count) => count > 0)
  return { rows, fault: at < 0 ? undefined : `the column ${columns[at]!.name} is not what the record says in ${wrong[at]} of its rows` }
}

async function columnsOf(connection: DuckDBConnection, relation: string): Promise<ReadonlySet<string>> {
  const result = await connection.runAndReadAll(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${relation})`)
  return new Set(result.getRowsJson().map(([name]) => String(name as string)))
}
