import type { AgedEvent, ModelNowcast, StationInputs } from '../../../shared/api/index.ts'

/** What an event says, read with care: a model of somebody else's may write anything. */
export type Json = Readonly<Record<string, unknown>>

export interface ReportView {
  readonly raw: string
  readonly kind: string
  readonly corrected: boolean
  readonly tempC: number | undefined
  readonly tempF: number | undefined
  readonly alignedF: number | undefined
  readonly source: 'none' | 't_group' | 'body'
  readonly lowF: number | undefined
  readonly highF: number | undefined
  /** Whole degrees of the report's body, °C, and what they count as, °F. */
  readonly bodyC: number | undefined
  readonly bodyAlignedF: number | undefined
  readonly qc: string
  readonly flags: readonly string[]
  readonly observed: string
  readonly eventId: string
  /** Since it was received, s. */
  readonly ageS: number
}

export interface ClusterView {
  readonly medianF: number | undefined
  readonly madF: number | undefined
  readonly support: number
  readonly qc: string
  readonly outliers: readonly { readonly id: string; readonly tempC: number; readonly score: number }[]
  readonly ageS: number
}

export interface NowcastView {
  readonly meanF: number
  readonly sigmaF: number
  readonly confidence: number
  readonly factors: readonly string[]
  readonly date: string
  readonly buckets: readonly { readonly label: string; readonly share: number; readonly impossible: boolean }[]
  readonly explanations: readonly { readonly text: string; readonly byF: number }[]
  readonly ageS: number
}

export interface FeatureView {
  readonly name: string
  readonly value: string
  readonly stalenessS: number | undefined
}

/** The newest report of the station. */
export function reportOf({ observations }: StationInputs): ReportView | undefined {
  const found = observations.find(({ event }) => event['ch'] === 'metar_obs')
  if (found === undefined) return undefined
  const data = dataOf(found)
  const report = tailOf(data, 'report')
  const source = data['temp_source']
  return {
    raw: textOf(report['raw']),
    kind: textOf(data['kind']),
    corrected: data['corrected'] === true,
    tempC: numberOf(data['temp_c']),
    tempF: numberOf(data['temp_f']),
    alignedF: numberOf(data['temp_aligned']),
    source: source === 't_group' || source === 'body' ? source : 'none',
    lowF: numberOf(data['temp_f_low']),
    highF: numberOf(data['temp_f_high']),
    bodyC: numberOf(report['body_temp_c']),
    bodyAlignedF: numberOf(report['body_temp_aligned']),
    qc: textOf(data['qc']),
    flags: listOf(report['qc_flags']).map(String),
    observed: textOf(found.event['obs_time_utc']),
    eventId: textOf(found.event['event_id']),
    ageS: found.ageS
  }
}

/** The newest cluster of personal stations around the station. */
export function clusterOf({ observations }: StationInputs): ClusterView | undefined {
  const found = observations.find(({ event }) => event['ch'] === 'pws_cluster')
  if (found === undefined) return undefined
  const data = dataOf(found)
  const members = tailOf(data, 'members')
  return {
    medianF: numberOf(data['median_f']),
    madF: numberOf(data['mad_f']),
    support: numberOf(data['support']) ?? 0,
    qc: textOf(data['qc']),
    outliers: listOf(members['outliers']).map((item) => {
      const { pws_id: id, temp_c: tempC, score } = item as Json
      return { id: textOf(id), tempC: numberOf(tempC) ?? NaN, score: numberOf(score) ?? NaN }
    }),
    ageS: found.ageS
  }
}

export function nowcastOf({ nowcast: found }: ModelNowcast): NowcastView {
  const data = dataOf(found)
  const whole = tailOf(data, 'nowcast')
  return {
    meanF: numberOf(data['tmax_mean_f']) ?? NaN,
    sigmaF: numberOf(data['tmax_sigma_f']) ?? NaN,
    confidence: numberOf(data['confidence']) ?? NaN,
    factors: listOf(whole['confidence_factors']).map(String),
    date: textOf(whole['target_date']),
    buckets: listOf(whole['p_bucket']).map((item) => {
      const { label, probability, is_impossible: impossible } = item as Json
      return { label: textOf(label), share: Math.min(1, Math.max(0, numberOf(probability) ?? 0)), impossible: impossible === true }
    }),
    explanations: listOf(whole['explanations']).map((item) => {
      const { description, contribution_f: byF } = item as Json
      return { text: textOf(description), byF: numberOf(byF) ?? 0 }
    }),
    ageS: found.ageS
  }
}

/** Every feature with its age at the playhead; those without a value come last. */
export function featuresOf({ features: found }: StationInputs): readonly FeatureView[] {
  if (found === undefined) return []
  const text = tailOf(dataOf(found), 'features')
  const values = (text['features'] as Json | undefined)?.['env'] as Json | undefined
  const staleness = text['staleness'] as Json | undefined
  const views = Object.entries(values ?? {}).map(([name, value]) => {
    const age = numberOf(staleness?.[name])
    return {
      name,
      value: typeof value === 'number' || typeof value === 'string' ? String(value) : '',
      stalenessS: age === undefined ? undefined : age + found.ageS
    }
  })
  return [...views.filter((one) => one.value !== ''), ...views.filter((one) => one.value === '')]
}

function dataOf({ event }: AgedEvent): Json {
  const data = event['data']
  return typeof data === 'object' && data !== null ? (data as Json) : {}
}

/** What a channel says beside its fields: members of the payload, or one member with a name of its own where a name was in the way. */
function tailOf(data: Json, name: string): Json {
  const own = data[name]
  if (typeof own === 'string') return parsed(own)
  const isWhole = name !== 'features' && typeof own === 'object' && own !== null
  return isWhole ? (own as Json) : data
}

function parsed(text: unknown): Json {
  try {
    const value: unknown = JSON.parse(textOf(text))
    return typeof value === 'object' && value !== null ? (value as Json) : {}
  } catch {
    return {}
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.filter((item) => item !== null && item !== undefined) : []
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
