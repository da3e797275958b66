import { jsonRecord, type JsonRecord } from '../../../shared/gates/index.ts'
import { ageText, bytesText, countText } from '../../ui/humanText.ts'
import { HEALTH_GROUPS, LEFT_OUT, type HealthRow, type HealthUnit } from './healthTable.ts'

export interface HealthFact {
  readonly label: string
  readonly value: string
  /** The field as the heartbeat names it. */
  readonly field: string
}

export interface HealthGroup {
  readonly title: string
  readonly facts: readonly HealthFact[]
}

const PARTS = ['mean', 'p50', 'p95', 'p99', 'max'] as const
/** Units of objects that get a row for each of their members, and the unit of a member. */
const EACH: Partial<Record<HealthUnit, HealthUnit>> = { counts: 'count', states: 'word', ages: 's' }
const KINDS: Readonly<Record<string, string>> = { metar: 'reports', pws: 'personal stations', forecast: 'forecast' }
/** Counted, but no part to show: how many samples a series had. */
const SERIES_END = /_(?:mean|p50|p95|p99|max|count)$/

/** The newest heartbeat in groups; groups of which it says nothing are left out. @returns undefined when it cannot be read */
export function healthGroups(json: string): HealthGroup[] | undefined {
  const beat = jsonRecord(json)
  if (beat === undefined) return undefined
  const used = new Set<string>()
  const groups = HEALTH_GROUPS.map(([title, rows]) => ({ title, facts: rows.flatMap((row) => factsOf(beat, row, used)) }))
  const isUsed = (field: string): boolean => {
    const base = field.replace(SERIES_END, '')
    return used.has(field) || used.has(base) || LEFT_OUT.includes(field) || LEFT_OUT.includes(base)
  }
  const others = Object.keys(beat).filter((field) => !isUsed(field))
  const rest = others.flatMap((field) => factsOf(beat, [field, field, unitOf(beat[field])], used))
  return [...groups, { title: 'Other fields', facts: rest }].filter(({ facts }) => facts.length > 0)
}

function factsOf(beat: JsonRecord, [field, label, unit]: HealthRow, used: Set<string>): HealthFact[] {
  used.add(field)
  const value = beat[field]
  const each = EACH[unit]
  if (each !== undefined && isObject(value)) {
    return Object.entries(value).map(([name, one]) => {
      const shown = unit === 'counts' ? name : sourceName(name)
      return { label: label === '' ? shown : `${label} ${shown}`, value: valueText(one, unitOfName(name, each)), field: `${field}.${name}` }
    })
  }
  if (value !== undefined) return [{ label, value: valueText(value, unit), field }]
  const parts = PARTS.filter((part) => typeof beat[`${field}_${part}`] === 'number')
  if (parts.length === 0) return []
  return [{ label, value: parts.map((part) => `${part} ${valueText(beat[`${field}_${part}`], unit)}`).join(' · '), field }]
}

/** A name that says its unit itself has that one. */
function unitOfName(name: string, unit: HealthUnit): HealthUnit {
  return name.endsWith('_ms') ? 'ms' : unit
}

/** `metar/KLGA` for people. */
function sourceName(name: string): string {
  const [kind = '', station] = name.split('/')
  if (name === 'ws_publisher_lag_ms') return 'from receipt to the screen'
  return station === undefined ? kind : `${KINDS[kind] ?? kind} ${station}`
}

function unitOf(value: unknown): HealthUnit {
  return typeof value === 'number' ? 'count' : isObject(value) ? 'counts' : 'word'
}

function valueText(value: unknown, unit: HealthUnit): string {
  if (unit === 'shards' && isObject(value)) return bytesText(Object.values(value).reduce<number>((sum, one) => sum + Number(one), 0))
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value)
  switch (unit) {
    case 'bytes':
      return bytesText(value)
    case 'byteRate':
      return `${bytesText(Math.round(value))}/s`
    case 'rate':
      return `${rounded(value)}/s`
    case 'percent':
      return `${rounded(value)} %`
    case 's':
      return value < 60 ? `${rounded(value)} s` : ageText(value)
    case 'ms':
      return `${rounded(value)} ms`
    case 'ns':
      return value < 60e9 ? `${rounded(value / 1e6)} ms` : ageText(value / 1e9)
    default:
      return Number.isInteger(value) ? countText(value) : rounded(value)
  }
}

/** Three digits behind the point below ten, none from a hundred up: enough to see a change, short enough to read. */
function rounded(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 10 ? 3 : Math.abs(value) < 100 ? 1 : 0)))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
