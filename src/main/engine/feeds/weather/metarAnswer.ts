import { z } from 'zod'
import { answerBody, RejectedList } from './answerText.ts'
import { reportsOfText } from './collective.ts'
import { readReport, reportLine, type MetarReport } from './metarReport.ts'
import type { MetarObservation, Rejected, SkyLayer } from './observation.ts'
import { maybeNumber, maybeText, present, within } from './optionalFields.ts'
import { reportTimeMs } from './reportTime.ts'

export interface MetarAnswer {
  /** Oldest first; a correction after what it corrects. */
  readonly observations: readonly MetarObservation[]
  readonly rejected: readonly Rejected[]
}

/** Ten times what a question here can bring. What is beyond is not read, so that no answer holds up what comes after it. */
const MAX_REPORTS = 1000
const MAX_CHARS = 200_000
/** 1990 to 2100: an instant outside was not meant as one. */
const FIRST_MS = 631_152_000_000
const LAST_MS = 4_102_444_800_000
/** What the service calls the time of observation and what the report says may differ by so much. */
const SAME_TIME_MS = 600_000

const elementSchema = z.object({
  icaoId: z.string().regex(/^[A-Z][A-Z0-9]{3}$/),
  obsTime: maybeNumber,
  receiptTime: maybeText,
  reportTime: maybeText,
  rawOb: maybeText,
  metarType: maybeText,
  temp: maybeNumber,
  dewp: maybeNumber,
  wdir: maybeNumber,
  wspd: maybeNumber,
  wgst: maybeNumber,
  visib: z
    .union([z.number(), z.string().max(20)])
    .nullish()
    .catch(undefined),
  altim: maybeNumber,
  lat: maybeNumber,
  lon: maybeNumber,
  elev: maybeNumber,
  name: maybeText,
  clouds: z
    .array(z.object({ cover: z.string().max(20), base: maybeNumber }))
    .max(20)
    .nullish()
    .catch(undefined)
})
type Element = z.output<typeof elementSchema>

/**
 * Reads an answer of the METAR service: its JSON, or plain reports. Never throws: what cannot be read is in `rejected` with a reason.
 * @param receivedMs when the answer came, Unix milliseconds: plain reports name only the day of the month and need it
 */
export function parseMetarAnswer(body: Uint8Array, receivedMs?: number): MetarAnswer {
  const answer = answerBody(body)
  const rejected = new RejectedList()
  const found: MetarObservation[] = []
  const take = (outcome: MetarObservation | string, part: unknown): void => {
    if (typeof outcome === 'string') rejected.add(outcome, part)
    else found.push(outcome)
  }
  if (answer.kind === 'rejected') return { observations: [], rejected: [answer.rejected] }
  if (answer.kind === 'json') {
    if (!Array.isArray(answer.value)) rejected.add('not_a_list', answer.value)
    else for (const element of believable(answer.value, rejected)) take(ofElement(element), element)
  } else if (answer.kind === 'text') {
    for (const text of believable(reportsOfText(answer.text), rejected)) take(ofText(text, receivedMs), text)
  }
  return { observations: inOrder(found), rejected: rejected.items }
}

function believable<T>(parts: readonly T[], rejected: RejectedList): readonly T[] {
  let chars = 0
  const end = parts.findIndex((part, i) => {
    const raw: unknown = typeof part === 'string' ? part : (part as { rawOb?: unknown } | null)?.rawOb
    chars += typeof raw === 'string' ? raw.length : 0
    return i >= MAX_REPORTS || chars > MAX_CHARS
  })
  if (end < 0) return parts
  rejected.add('too_many_reports', `${parts.length} reports, ${end} were read`)
  return parts.slice(0, end)
}

function ofText(text: string, receivedMs: number | undefined): MetarObservation | string {
  const outcome = readReport(reportLine(text))
  if ('reason' in outcome) return outcome.reason
  if (receivedMs === undefined) return 'no_reference_time'
  const { stationId, day, hour, minute, kind, facts } = outcome.report
  const obsTimeMs = reportTimeMs(day, hour, minute, receivedMs)
  return obsTimeMs === undefined ? 'no_such_time' : { stationId, obsTimeMs, kind: kind ?? 'METAR', ...facts }
}

function ofElement(value: unknown): MetarObservation | string {
  const parsed = elementSchema.safeParse(value)
  if (!parsed.success) return 'no_station'
  const element = parsed.data
  const raw = reportLine(element.rawOb ?? '')
  const outcome = raw === '' ? undefined : readReport(raw)
  const report = outcome !== undefined && 'report' in outcome ? outcome.report : undefined
  if (outcome !== undefined && 'reason' in outcome && outcome.reason === 'nil_report') return 'nil_report'
  if (report !== undefined && report.stationId !== element.icaoId) return 'station_mismatch'
  const obsTimeMs = timeOf(element, report)
  if (typeof obsTimeMs === 'string') return obsTimeMs
  const { icaoId: stationId, lat, lon, elev, name } = element
  const own = report?.facts ?? { corrected: false, raw, tempSource: 'none' as const, sky: [] }
  return {
    stationId,
    obsTimeMs,
    kind: element.metarType === 'SPECI' || (element.metarType !== 'METAR' && report?.kind === 'SPECI') ? 'SPECI' : 'METAR',
    ...fromService(element),
    ...own,
    ...(own.tempSource === 'none' ? serviceTemperature(element) : {}),
    ...(own.sky.length === 0 ? { sky: skyOf(element) } : {}),
    ...present({ lat: within(lat, -90, 90), lon: within(lon, -180, 180), elevM: within(elev, -500, 9000), name })
  }
}

/** What the service derived, for reports that cannot be read or leave it out. */
function fromService({ dewp, wdir, wspd, wgst, visib, altim }: Element): Partial<MetarObservation> {
  const miles = typeof visib === 'string' ? Number.parseFloat(visib) : visib
  return present({
    dewpointC: within(dewp, -99, 99),
    windDirDeg: within(wdir, 0, 360),
    windSpeedKt: within(wspd, 0, 300),
    gustKt: within(wgst, 0, 300),
    visibilityMi: within(miles, 0, 1000),
    altimeterHpa: within(altim, 500, 1200)
  })
}

function serviceTemperature({ temp }: Element): Partial<MetarObservation> {
  const tempC = within(temp, -99, 99)
  return tempC === undefined ? {} : { tempC, tempSource: 'body' }
}

function skyOf({ clouds }: Element): SkyLayer[] {
  return (clouds ?? []).map(({ cover, base }) => ({ cover, ...present({ baseFt: within(base, 0, 99_900) }) }))
}

/** @returns Unix milliseconds, or why there is no believable time */
function timeOf({ obsTime, receiptTime, reportTime }: Element, report: MetarReport | undefined): number | string {
  const said = typeof obsTime === 'number' ? Math.round(obsTime * 1000) : undefined
  const known = said ?? instantOf(receiptTime) ?? instantOf(reportTime)
  if (known === undefined) return 'no_time'
  if (known < FIRST_MS || known > LAST_MS) return 'no_such_time'
  if (report === undefined) return said ?? 'no_time'
  const reported = reportTimeMs(report.day, report.hour, report.minute, known)
  if (said === undefined) return reported ?? 'no_such_time'
  return reported !== undefined && Math.abs(reported - said) <= SAME_TIME_MS ? said : 'time_mismatch'
}

function instantOf(text: string | null | undefined): number | undefined {
  const ms = typeof text === 'string' && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(ms) ? ms : undefined
}

function inOrder(found: readonly MetarObservation[]): MetarObservation[] {
  // The service lists the newest first: turned round, what was sent later stands later among equals.
  const sorted = found.toReversed().toSorted((a, b) => a.obsTimeMs - b.obsTimeMs || Number(a.corrected) - Number(b.corrected))
  const seen = new Set<string>()
  return sorted.filter(({ stationId, obsTimeMs, raw }) => {
    const key = `${stationId} ${obsTimeMs} ${raw}`
    return !seen.has(key) && seen.add(key) !== undefined
  })
}
