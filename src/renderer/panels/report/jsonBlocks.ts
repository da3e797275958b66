import { reportJson } from './reportJson.ts'

/** Statistics of a series as the reports write them; null = the run has no value. */
export interface StatsRow {
  readonly name: string
  readonly unit: string
  readonly count: number
  readonly values: readonly (number | null)[]
}

export interface HistogramBar {
  /** "at most 5", "above 200". */
  readonly label: string
  readonly count: number
  /** 0..1 of the largest bucket. */
  readonly share: number
  readonly percent: number | null
}

/** One part of a report, ready to be drawn. */
export type Block =
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, string])[] }
  | { readonly kind: 'stats'; readonly rows: readonly StatsRow[] }
  | {
      readonly kind: 'histogram'
      readonly name: string
      readonly unit: string
      readonly total: number
      readonly bars: readonly HistogramBar[]
    }
  | { readonly kind: 'table'; readonly name: string; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'group'; readonly name: string; readonly blocks: readonly Block[] }

/** Columns of a stats table after the name. */
export const STATS_COLUMNS = ['min', 'p50', 'p95', 'p99', 'max'] as const

/** A unit in a key stands at its end, or before a word for which value it is. */
const UNIT = /_(per_sec|seconds|bytes|pct|ms|ns|s)(?=_(?:total|min|max|p\d+)$|$)/
const UNIT_TEXT: Readonly<Record<string, string>> = { per_sec: '/s', seconds: 's', pct: '%' }
/** Of these, nothing means that there was none. */
const NONE_KEY = /first_bad|fatal_reason|worst_metric/
const MAX_DEPTH = 8

type Json = Readonly<Record<string, unknown>>

/** Turns a part of a report (the JSON that the command line prints) into blocks. What it does not say is "unknown". */
export function jsonBlocks(value: unknown, unit = '', depth = 0): readonly Block[] {
  if (!isObject(value)) return [{ kind: 'facts', rows: [['value', factText(value)]] }]
  const facts: (readonly [string, string])[] = []
  const stats: StatsRow[] = []
  const rest: Block[] = []
  for (const [key, inner] of Object.entries(value)) {
    const name = words(key)
    const own = unitOf(key) === '' ? unit : unitOf(key)
    if (isStats(inner)) stats.push(statsRow(name, own, inner))
    else if (isHistogram(inner)) rest.push(histogramOf(name, own, inner))
    else if (isRows(inner)) rest.push(tableOf(name, inner))
    else if (isObject(inner) && depth < MAX_DEPTH) addObject(name, inner, own, depth, facts, rest)
    else facts.push([withUnit(name, unitOf(key)), valueText(key, inner)])
  }
  return [
    ...(facts.length > 0 ? [{ kind: 'facts', rows: facts } as const] : []),
    ...(stats.length > 0 ? [{ kind: 'stats', rows: stats } as const] : []),
    ...rest
  ]
}

function addObject(name: string, inner: Json, unit: string, depth: number, facts: (readonly [string, string])[], rest: Block[]): void {
  const blocks = jsonBlocks(inner, unit, depth + 1)
  if (blocks.length === 0) facts.push([name, 'none'])
  else rest.push({ kind: 'group', name, blocks })
}

function valueText(key: string, value: unknown): string {
  return value === null && NONE_KEY.test(key) ? 'none' : factText(value)
}

/** A plain value as text. */
export function factText(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'unknown'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return value
  // Nanoseconds since the Unix epoch are beyond 2^53.
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(factText).join(', ')
  return reportJson(value)
}

/** A number at up to four digits behind the point; whole ones with thin spaces between thousands. */
export function numberText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return 'unknown'
  const text = Number.isInteger(value) ? String(value) : String(Math.round(value * 10_000) / 10_000)
  return Math.abs(value) >= 10_000 ? text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '\u2009') : text
}

function words(key: string): string {
  return key.replace(UNIT, '').replaceAll('_', ' ')
}

function unitOf(key: string): string {
  const unit = UNIT.exec(key)?.[1] ?? ''
  return UNIT_TEXT[unit] ?? unit
}

function withUnit(name: string, unit: string): string {
  return unit === '' ? name : `${name} (${unit})`
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStats(value: unknown): value is Json {
  return isObject(value) && 'count' in value && STATS_COLUMNS.every((column) => column in value)
}

function statsRow(name: string, unit: string, value: Json): StatsRow {
  return { name, unit, count: numberOrNull(value['count']) ?? 0, values: STATS_COLUMNS.map((column) => numberOrNull(value[column])) }
}

function isHistogram(value: unknown): value is Json {
  return isObject(value) && Array.isArray(value['buckets']) && 'bucket_edges' in value
}

function histogramOf(name: string, unit: string, value: Json): Block {
  const buckets = (value['buckets'] as readonly unknown[]).filter(isObject)
  const most = Math.max(1, ...buckets.map((bucket) => numberOrNull(bucket['count']) ?? 0))
  const edges = buckets.map((bucket) => numberOrNull(bucket['le']))
  const bars = buckets.map((bucket, i) => {
    const count = numberOrNull(bucket['count']) ?? 0
    const edge = edges[i] ?? null
    const label = edge === null ? `above ${edges[i - 1] ?? 0}` : `≤ ${edge}`
    return { label, count, share: count / most, percent: numberOrNull(bucket['pct']) }
  })
  return { kind: 'histogram', name, unit, total: numberOrNull(value['total']) ?? 0, bars }
}

/** A list of objects becomes a table. */
function isRows(value: unknown): value is readonly Json[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject)
}

function tableOf(name: string, rows: readonly Json[]): Block {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return {
    kind: 'table',
    name,
    columns: columns.map((key) => withUnit(words(key), unitOf(key))),
    rows: rows.map((row) => columns.map((key) => valueText(key, row[key])))
  }
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
