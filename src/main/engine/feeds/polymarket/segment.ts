import { instrumentOf, isCryptoMarket, TEXT_FIELDS } from './cryptoNames.ts'
import { booleanOf, firstInstantOf, textsOf, wholeNumberOf, type ListingRow } from './listingFields.ts'

/** How often markets of a kind start and end. */
export type CadenceBucket = '5m' | '15m' | '30m' | '60m' | 'unknown'

/** What kind of market it is, as far as its listing tells. Instants are Unix milliseconds. */
export interface SegmentTag {
  readonly cadenceBucket: CadenceBucket
  readonly isCrypto: boolean
  /** Hundredths of a percent, where the listing states it. */
  readonly feeRateBps: number | undefined
  /** null: the listing does not say. */
  readonly feeEnabled: boolean | null
  readonly feeRateKnown: boolean
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  /** When the outcome is decided, where that is stated beside the end. */
  readonly resolveMs: number | undefined
  readonly rollover: RolloverKeys
}

/** Which markets follow one another: those of one group, round after round. */
export interface RolloverKeys {
  /** `cadence:instrument:boundary`; undefined without a cadence. */
  readonly groupKey: string | undefined
  readonly instrument: string | undefined
  readonly boundaryKey: string | undefined
}

const MINUTES: Readonly<Record<number, CadenceBucket>> = { 5: '5m', 15: '15m', 30: '30m', 60: '60m' }
const MINUTE_FIELDS = ['cadence', 'interval', 'resolution', 'duration', 'window'].flatMap((name) => [`${name}Minutes`, `${name}_minutes`])
const CADENCE_FIELDS = ['cadence', 'recurrence', 'interval', 'frequency', 'seriesSlug', 'series_slug']
const IN_TEXT: readonly (readonly [RegExp, CadenceBucket])[] = [
  [/(?<!\d)5[ -]?(?:m|min|mins|minute|minutes)\b/i, '5m'],
  [/(?<!\d)15[ -]?(?:m|min|mins|minute|minutes)\b/i, '15m'],
  [/(?<!\d)30[ -]?(?:m|min|mins|minute|minutes)\b/i, '30m'],
  [/(?<!\d)(?:60[ -]?(?:m|min|mins|minute|minutes)|1[ -]?(?:h|hr|hour))\b|\bhourly\b/i, '60m']
]
const START_FIELDS = ['eventStartTime', 'startDate', 'startTime', 'startTimestamp', 'start_date', 'start_date_iso']
const END_FIELDS = ['endDate', 'endTime', 'endTimestamp', 'closeTime', 'closeDate', 'end_date', 'end_date_iso']
const RESOLVE_FIELDS = ['resolveTime', 'resolutionTime', 'resolvedTime', 'resolveDate', 'resolutionDate']

/** Reads the segment of a market from its listing. */
export function segmentOf(row: ListingRow): SegmentTag {
  const cadenceBucket = cadenceOf(row)
  const feeRateBps = wholeNumberOf(row['takerBaseFee'] ?? row['feeRateBps'] ?? row['fee_rate_bps'])
  return {
    cadenceBucket,
    isCrypto: isCryptoMarket(row),
    feeRateBps,
    feeEnabled: booleanOf(row['feesEnabled'] ?? row['fees_enabled'] ?? row['feeEnabled']),
    feeRateKnown: feeRateBps !== undefined,
    startMs: firstInstantOf(row, START_FIELDS),
    endMs: firstInstantOf(row, END_FIELDS),
    resolveMs: firstInstantOf(row, RESOLVE_FIELDS),
    rollover: rolloverOf(cadenceBucket, instrumentOf(row))
  }
}

/** Minutes as stated decide, also when no kind of market has them; then words for a cadence, then the market's texts; two different answers of one kind are none. */
function cadenceOf(row: ListingRow): CadenceBucket {
  for (const field of MINUTE_FIELDS) {
    const minutes = wholeNumberOf(row[field])
    if (minutes !== undefined) return MINUTES[minutes] ?? 'unknown'
  }
  return onlyMatch(textsOf(row, CADENCE_FIELDS)) ?? onlyMatch(textsOf(row, TEXT_FIELDS)) ?? 'unknown'
}

function onlyMatch(texts: readonly string[]): CadenceBucket | undefined {
  const found = new Set(texts.flatMap((text) => IN_TEXT.filter(([pattern]) => pattern.test(text)).map(([, bucket]) => bucket)))
  return found.size > 1 ? 'unknown' : [...found][0]
}

function rolloverOf(cadence: CadenceBucket, instrument: string | undefined): RolloverKeys {
  if (cadence === 'unknown') return { groupKey: undefined, instrument, boundaryKey: undefined }
  const boundaryKey = cadence === '60m' ? '1h' : cadence
  return { groupKey: `${cadence}:${instrument ?? 'unknown'}:${boundaryKey}`, instrument, boundaryKey }
}
