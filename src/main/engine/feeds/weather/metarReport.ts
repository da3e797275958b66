import { DistanceUnit, parseMetar, SpeedUnit, type IMetar } from 'metar-taf-parser'
import type { MetarObservation, SkyLayer } from './observation.ts'
import { present, rounded, within } from './optionalFields.ts'

/** Twice the longest report; the reader's time grows faster than the length. */
const MAX_REPORT_CHARS = 700
const HEAD = /^(?:(METAR|SPECI) )?(?:(COR) )?([A-Z][A-Z0-9]{3}) (\d{2})(\d{2})(\d{2})Z?(?= |$)/
const CORRECTED = /^(?:COR|CC[A-Z])$/
const BODY_TEMPERATURE = / (M?\d{2})\/(M?\d{2}|\/\/)?(?= |$)/
const T_GROUP = / T([01]\d{3})([01]\d{3})?(?= |$)/
const KNOTS: Readonly<Record<string, number>> = {
  [SpeedUnit.Knot]: 1,
  [SpeedUnit.MetersPerSecond]: 3600 / 1852,
  [SpeedUnit.KilometersPerHour]: 1 / 1.852
}
const MILE_M = 1609.344
const HPA_PER_INHG = 33.863886

/** What one report says; the day of the month is all it tells of its date. */
export interface MetarReport {
  readonly stationId: string
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly kind: 'METAR' | 'SPECI' | undefined
  readonly facts: Omit<MetarObservation, 'stationId' | 'obsTimeMs' | 'kind'>
}

export type ReportOutcome = { readonly report: MetarReport } | { readonly reason: string }

/** The report on one line, without what belongs to its transmission. A report that follows another one directly is cut off. */
export function reportLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- teletype bytes are what is looked for
  const line = text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim()
  const end = line.indexOf('=')
  const whole = (end < 0 ? line : line.slice(0, end)).trim()
  const next = / (?:(?:METAR|SPECI) )?(?:COR )?([A-Z][A-Z0-9]{3}) \d{6}Z(?= |$)/.exec(whole.slice(12))
  const station = HEAD.exec(whole)?.[3]
  return next !== null && next[1] === station ? whole.slice(0, 12 + next.index) : whole
}

/** Reads one report, given as one line. Never throws. */
export function readReport(raw: string): ReportOutcome {
  if (raw.length > MAX_REPORT_CHARS) return { reason: 'report_too_long' }
  const head = HEAD.exec(raw)
  if (head === null) return { reason: raw.endsWith(' NIL') ? 'nil_report' : 'no_station_and_time' }
  const [whole, kind, cor, stationId = '', day, hour, minute] = head
  const rest = raw.slice(whole.length)
  if (rest.trim() === '') return { reason: 'empty_report' }
  const corrected = cor !== undefined || CORRECTED.test(rest.trimStart().split(' ', 1)[0] ?? '') || / COR(?= |$)/.test(beforeRemarks(rest))
  try {
    const metar = parseMetar(raw)
    if (metar.nil === true) return { reason: 'nil_report' }
    return {
      report: {
        stationId,
        day: Number(day),
        hour: Number(hour),
        minute: Number(minute),
        kind: kind === 'METAR' || kind === 'SPECI' ? kind : undefined,
        facts: { corrected, raw, ...temperatures(raw, metar), ...conditions(metar), sky: skyOf(metar, rest) }
      }
    }
  } catch {
    return { reason: 'unreadable_report' }
  }
}

function temperatures(raw: string, metar: IMetar): Pick<MetarObservation, 'tempC' | 'dewpointC' | 'tempSource' | 'bodyTempC'> {
  const body = BODY_TEMPERATURE.exec(beforeRemarks(raw))
  const bodyTempC = plausible(metar.temperature ?? bodyDegrees(body?.[1]))
  const bodyDewC = plausible(metar.dewPoint ?? bodyDegrees(body?.[2]))
  const tenths = T_GROUP.exec(raw)
  const groupTempC = plausible(tenthsOf(tenths?.[1]))
  const tempC = groupTempC ?? bodyTempC
  const dewpointC = plausible(tenthsOf(tenths?.[2])) ?? bodyDewC
  const tempSource = groupTempC !== undefined ? 't_group' : bodyTempC !== undefined ? 'body' : 'none'
  return { ...present({ tempC, dewpointC, bodyTempC }), tempSource }
}

/** Colder and hotter than ever measured on Earth's surface is a transmission fault, not weather. */
function plausible(celsius: number | undefined): number | undefined {
  const value = within(celsius, -99, 99)
  return value === undefined ? undefined : value + 0
}

function beforeRemarks(text: string): string {
  const remarks = text.indexOf(' RMK')
  return remarks < 0 ? text : text.slice(0, remarks)
}

function bodyDegrees(text: string | undefined): number | undefined {
  return text === undefined || text === '//' ? undefined : Number(text.replace('M', '-'))
}

/** `1047` is -4.7. */
function tenthsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return (Number(text.slice(1)) / 10) * (text.startsWith('1') ? -1 : 1)
}

function conditions(metar: IMetar): Partial<MetarObservation> {
  const { wind, visibility, altimeter } = metar
  const knots = wind === undefined ? 1 : (KNOTS[wind.unit] ?? 1)
  const miles =
    visibility === undefined ? undefined : visibility.unit === DistanceUnit.Meters ? visibility.value / MILE_M : visibility.value
  const hpa = altimeter === undefined ? undefined : altimeter.unit === 'inHg' ? altimeter.value * HPA_PER_INHG : altimeter.value
  return present({
    windDirDeg: within(wind?.degrees, 0, 360),
    windSpeedKt: within(rounded(wind && wind.speed * knots, 1), 0, 300),
    gustKt: within(rounded(wind?.gust === undefined ? undefined : wind.gust * knots, 1), 0, 300),
    visibilityMi: within(rounded(miles, 2), 0, 1000),
    altimeterHpa: within(rounded(hpa, 1), 500, 1200)
  })
}

function skyOf(metar: IMetar, rest: string): SkyLayer[] {
  const layers: SkyLayer[] = metar.clouds.map(({ quantity, height, type }) => ({
    cover: type === undefined ? quantity : `${quantity}${type}`,
    ...present({ baseFt: within(height, 0, 99_900) })
  }))
  const vertical = within(metar.verticalVisibility, 0, 99_900)
  if (vertical !== undefined) layers.push({ cover: 'VV', baseFt: vertical })
  const clear = layers.length === 0 ? / (CLR|SKC|NCD|NSC|CAVOK)(?= |$)/.exec(beforeRemarks(rest))?.[1] : undefined
  return clear === undefined ? layers : [{ cover: clear }]
}
