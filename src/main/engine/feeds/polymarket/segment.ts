/** How often markets of a kind start and end. */
export type CadenceBucket = '5m' | '15m' | '30m' | '60m' | 'unknown'

/** What kind of market it is, as far as its listing tells. Instants are Unix milliseconds. */
export interface SegmentTag {
  readonly cadenceBucket: CadenceBucket
  readonly isCrypto: boolean
  /** null: the listing does not say. */
  readonly feeEnabled: boolean | null
  readonly feeRateKnown: boolean
  readonly startMs: number | undefined
  readonly endMs: number | undefined
}

type Json = Readonly<Record<string, unknown>>

const MINUTES: Readonly<Record<string, CadenceBucket>> = { 5: '5m', 15: '15m', 30: '30m', 60: '60m' }
const MINUTE_FIELDS = ['cadenceMinutes', 'cadence_minutes', 'intervalMinutes', 'interval_minutes', 'durationMinutes', 'duration_minutes']
const CADENCE_FIELDS = ['cadence', 'recurrence', 'interval', 'seriesSlug', 'series_slug']
const TEXT_FIELDS = ['slug', 'question', 'title', 'groupItemTitle', 'ticker']
const IN_TEXT: readonly (readonly [RegExp, CadenceBucket])[] = [
  [/(?<!\d)5[ -]?(?:m|min|mins|minute|minutes)\b/i, '5m'],
  [/(?<!\d)15[ -]?(?:m|min|mins|minute|minutes)\b/i, '15m'],
  [/(?<!\d)30[ -]?(?:m|min|mins|minute|minutes)\b/i, '30m'],
  [/(?<!\d)(?:60[ -]?(?:m|min|mins|minute|minutes)|1[ -]?(?:h|hr|hour))\b|\bhourly\b/i, '60m']
]
const CRYPTO_WORDS = /\b(?:crypto|cryptocurrency|bitcoin|btc|ethereum|eth|solana|sol|xrp|ripple|dogecoin|doge|bnb|cardano|ada)\b/i

/** Reads the segment of a market from its listing. Whatever is missing or of a wrong type counts as not stated. */
export function segmentOf(row: Json): SegmentTag {
  const feeEnabled = booleanOf(row['feesEnabled'] ?? row['fees_enabled'] ?? row['feeEnabled'])
  const rate = row['takerBaseFee'] ?? row['feeRateBps'] ?? row['fee_rate_bps']
  return {
    cadenceBucket: cadenceOf(row),
    isCrypto: isCrypto(row),
    feeEnabled,
    feeRateKnown: (typeof rate === 'number' && Number.isFinite(rate)) || (typeof rate === 'string' && /^\d+$/.test(rate)),
    startMs: instantOf(row['eventStartTime'] ?? row['startDate'] ?? row['start_date_iso']),
    endMs: instantOf(row['endDate'] ?? row['end_date_iso'])
  }
}

/** Minute fields first, then words for a cadence, then the market's texts; two different answers of one kind are none. */
function cadenceOf(row: Json): CadenceBucket {
  for (const field of MINUTE_FIELDS) {
    const found = MINUTES[String(row[field])]
    if (found !== undefined) return found
  }
  return onlyMatch(row, CADENCE_FIELDS) ?? onlyMatch(row, TEXT_FIELDS) ?? 'unknown'
}

function onlyMatch(row: Json, fields: readonly string[]): CadenceBucket | undefined {
  const found = new Set<CadenceBucket>()
  for (const field of fields) {
    const text = textOf(row[field])
    for (const [pattern, bucket] of IN_TEXT) if (pattern.test(text)) found.add(bucket)
  }
  if (found.size > 1) return 'unknown'
  return [...found][0]
}

function isCrypto(row: Json): boolean {
  const stated = booleanOf(row['isCrypto'] ?? row['is_crypto'])
  if (stated !== null) return stated
  const texts = ['category', ...TEXT_FIELDS].map((field) => textOf(row[field]).replaceAll('-', ' '))
  return texts.some((text) => CRYPTO_WORDS.test(text))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 1000) : ''
}

function booleanOf(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null
}

function instantOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isFinite(ms) ? ms : undefined
}
