import { z } from 'zod'
import { answerBody, RejectedList } from './answerText.ts'
import type { PwsObservation, Rejected } from './observation.ts'
import { maybeNumber, maybeText, present, rounded, within } from './optionalFields.ts'

export interface PwsAnswer {
  /** Oldest first. */
  readonly observations: readonly PwsObservation[]
  readonly rejected: readonly Rejected[]
}

const MAX_READINGS = 10_000
const KMH_PER_MILE_AN_HOUR = 1.609344
const UNITS = {
  imperial: { celsius: (f: number) => ((f - 32) * 5) / 9, kmh: KMH_PER_MILE_AN_HOUR },
  metric: { celsius: (c: number) => c, kmh: 1 },
  uk_hybrid: { celsius: (c: number) => c, kmh: KMH_PER_MILE_AN_HOUR },
  metric_si: { celsius: (c: number) => c, kmh: 3.6 }
} as const

const readings = z.object({ temp: maybeNumber, dewpt: maybeNumber, windSpeed: maybeNumber }).nullish().catch(undefined)
const elementSchema = z.object({
  stationID: z.string().min(1).max(40),
  epoch: maybeNumber,
  obsTimeUtc: maybeText,
  humidity: maybeNumber,
  winddir: maybeNumber,
  lat: maybeNumber,
  lon: maybeNumber,
  qcStatus: maybeNumber,
  imperial: readings,
  metric: readings,
  uk_hybrid: readings,
  metric_si: readings
})
type Element = z.output<typeof elementSchema>

/** Reads an answer of the service of private weather stations (version 2, any units). Never throws. An empty answer has no observation. */
export function parsePwsAnswer(body: Uint8Array): PwsAnswer {
  const answer = answerBody(body)
  if (answer.kind === 'empty') return { observations: [], rejected: [] }
  if (answer.kind === 'rejected') return { observations: [], rejected: [answer.rejected] }
  const rejected = new RejectedList()
  const list = answer.kind === 'json' ? (answer.value as { observations?: unknown } | null)?.observations : undefined
  if (!Array.isArray(list)) {
    const part = answer.kind === 'json' ? answer.value : answer.text
    rejected.add(/expired/i.test(JSON.stringify(part).slice(0, 1000)) ? 'expired' : 'no_observations', part)
    return { observations: [], rejected: rejected.items }
  }
  const observations: PwsObservation[] = []
  for (const element of list.slice(0, MAX_READINGS) as unknown[]) {
    const outcome = observationOf(element)
    if (typeof outcome === 'string') rejected.add(outcome, element)
    else observations.push(outcome)
  }
  return { observations: observations.toSorted((a, b) => a.obsTimeMs - b.obsTimeMs), rejected: rejected.items }
}

function observationOf(value: unknown): PwsObservation | string {
  const parsed = elementSchema.safeParse(value)
  if (!parsed.success) return 'no_station'
  const element = parsed.data
  const obsTimeMs = timeOf(element)
  if (obsTimeMs === undefined) return 'no_time'
  const { stationID: pwsId, humidity, winddir, lat, lon, qcStatus } = element
  return {
    pwsId,
    obsTimeMs,
    ...measured(element),
    ...present({
      humidityPct: within(humidity, 0, 100),
      windDirDeg: within(winddir, 0, 360),
      lat: within(lat, -90, 90),
      lon: within(lon, -180, 180),
      qcStatus: verdictOf(qcStatus)
    })
  }
}

function verdictOf(value: unknown): PwsObservation['qcStatus'] {
  return value === -1 || value === 0 || value === 1 ? value : undefined
}

function measured(element: Element): Partial<PwsObservation> {
  for (const [name, unit] of Object.entries(UNITS)) {
    const values = element[name as keyof typeof UNITS]
    if (values === undefined || values === null) continue
    const { temp, dewpt, windSpeed } = values
    const celsius = (value: number | null | undefined): number | undefined =>
      typeof value === 'number' ? within(rounded(unit.celsius(value), 2), -150, 150) : undefined
    return present({
      tempC: celsius(temp),
      dewpointC: celsius(dewpt),
      windSpeedKmh: typeof windSpeed === 'number' ? within(rounded(windSpeed * unit.kmh, 2), 0, 500) : undefined
    })
  }
  return {}
}

function timeOf({ epoch, obsTimeUtc }: Element): number | undefined {
  const text = typeof obsTimeUtc === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(obsTimeUtc) ? Date.parse(obsTimeUtc) : undefined
  const ms = typeof epoch === 'number' ? Math.round(epoch * 1000) : text
  return ms !== undefined && ms >= 631_152_000_000 && ms <= 4_102_444_800_000 ? ms : undefined
}
