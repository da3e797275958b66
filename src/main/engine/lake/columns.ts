import { ARRAY, BIGINT, BOOLEAN, DECIMAL, DOUBLE, ENUM, LIST, UINTEGER, USMALLINT, VARCHAR, type DuckDBType } from '@duckdb/node-api'
import type { Channel, Field } from '../../../shared/channels/index.ts'

/** Version of the layout of the lake's Parquet files, in their metadata. 2 has the derived columns; parts of both are read. */
export const LAKE_SCHEMA_VERSION = 2

/** Levels a side that `l2_snap_1s` has at most; each is a column of its own, because lists are slower to read and larger. */
export const FLAT_LEVELS = 20
const FLAT_CHANNELS: ReadonlySet<string> = new Set(['l2_snap_1s'])

/** Prices and quantities: exact, and no scale to remember for whoever reads the files. Holds every record's integer × 1e6. */
const E6_TYPE = 'DECIMAL(18,6)'

/** What a stored column is made of. */
export type ColumnSource =
  | { readonly kind: 'shard' | 'frameIdx' | 'pos' | 'instrument' | 'recvRelNs' | 'ts' | 'windowId' | 'text' }
  | { readonly kind: 'field'; readonly field: Field; readonly at: number; readonly bit: number }
  /** One number of one level: nth level of a side, its price or its size. */
  | { readonly kind: 'level'; readonly side: 'bid' | 'ask'; readonly part: 'px' | 'sz'; readonly n: number }
  /** All numbers of one side, any length. */
  | { readonly kind: 'levels'; readonly side: 'bid' | 'ask'; readonly part: 'px' | 'sz' }

export interface LakeColumn {
  readonly name: string
  /** Type in DuckDB. An `oneOf` field is an ENUM while it is written and plain text in the file. */
  readonly type: string
  readonly source: ColumnSource
}

/** Columns that are made while a part is written, from the stored ones, the run and its instruments. In the file they come first. */
export const ENVELOPE_COLUMNS = [
  'ts',
  'event_id',
  'correlation_id',
  'ts_nyc',
  'ts_es',
  'obs_time_utc',
  'market_id',
  'token_id',
  'station_id',
  'window_id',
  'run_id'
] as const

/**
 * The columns from which a record of this channel is rebuilt bit for bit, in the order in which they are written. Everything comes from
 * the declaration of the channel; nothing is inferred from data.
 */
export function lakeColumns(channel: Channel): readonly LakeColumn[] {
  return [...PLACE_COLUMNS, ...fieldColumns(channel), ...tailColumns(channel)]
}

const PLACE_COLUMNS: readonly LakeColumn[] = [
  { name: 'shard', type: 'USMALLINT', source: { kind: 'shard' } },
  { name: 'frame_idx', type: 'UINTEGER', source: { kind: 'frameIdx' } },
  { name: 'pos', type: 'UINTEGER', source: { kind: 'pos' } },
  { name: 'instrument', type: 'UINTEGER', source: { kind: 'instrument' } },
  { name: 'recv_rel_ns', type: 'BIGINT', source: { kind: 'recvRelNs' } }
]

/** True when each level has columns of its own. */
export function isFlat(channel: Channel): boolean {
  return FLAT_CHANNELS.has(channel.name)
}

function fieldColumns(channel: Channel): LakeColumn[] {
  return Object.entries(channel.fields).map(([name, field]) => ({
    name: field.wire,
    type: fieldType(field),
    source: { kind: 'field', field, at: channel.at[name] ?? 0, bit: channel.bit[name] ?? 0 }
  }))
}

function fieldType(field: Field): string {
  switch (field.kind) {
    case 'u32':
      return 'UINTEGER'
    case 'i64':
      return 'BIGINT'
    case 'e6':
      return E6_TYPE
    case 'f64':
      return 'DOUBLE'
    case 'bool':
      return 'BOOLEAN'
    case 'oneOf':
      return `ENUM(${(field.values ?? []).map(sqlText).join(', ')})`
  }
}

function tailColumns(channel: Channel): LakeColumn[] {
  if (channel.tail === undefined) return []
  if (channel.tail.kind === 'text') return [{ name: channel.tail.wire, type: 'VARCHAR', source: { kind: 'text' } }]
  const columns: LakeColumn[] = []
  for (const side of ['bid', 'ask'] as const) {
    for (let n = 1; n <= (isFlat(channel) ? FLAT_LEVELS : 0); n++)
      for (const part of ['px', 'sz'] as const)
        columns.push({ name: `${side}_${part}_${n}`, type: E6_TYPE, source: { kind: 'level', side, part, n: n - 1 } })
    if (!isFlat(channel))
      for (const part of ['px', 'sz'] as const)
        columns.push({ name: `${side}s_${part}`, type: `${E6_TYPE}[]`, source: { kind: 'levels', side, part } })
  }
  return columns
}

/** Numbers of the levels of a flat row: each side's prices and sizes in turn, bids first, as in the record. */
export const FLAT_NUMBERS = 4 * FLAT_LEVELS

/** All levels of a flat row at once, on their way to and from their columns: to hand over each of them costs more than the rest of the work. */
export const FLAT_TYPE = ARRAY(DECIMAL(18, 6), FLAT_NUMBERS)

/** The type of a column in the library's words. */
export function duckType({ type, source }: LakeColumn): DuckDBType {
  if (source.kind === 'field' && source.field.kind === 'oneOf') return ENUM(source.field.values ?? [])
  if (source.kind === 'levels') return LIST(DECIMAL(18, 6))
  if (type === E6_TYPE) return DECIMAL(18, 6)
  const known = PLAIN_TYPES[type]
  if (known === undefined) throw new Error(`broken promise: there is no column type ${type}`)
  return known
}

const PLAIN_TYPES: Readonly<Record<string, DuckDBType>> = { USMALLINT, UINTEGER, BIGINT, DOUBLE, BOOLEAN, VARCHAR }

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
