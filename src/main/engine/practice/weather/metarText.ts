import type { Weather } from './climate.ts'
import type { PracticePlace } from './places.ts'

/** What an invented report says, and when. Instants are Unix milliseconds of the host. */
export interface Report {
  readonly place: PracticePlace
  readonly kind: 'METAR' | 'SPECI'
  readonly obsMs: number
  readonly publishedMs: number
  readonly corrected: boolean
  /** Without the tenths of a degree in the remarks. */
  readonly bodyOnly: boolean
  readonly weather: Weather
}

/** The report as a line of text. */
export function reportText({ place, kind, obsMs, corrected, bodyOnly, weather }: Report): string {
  const at = new Date(obsMs)
  const time = [at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()].map((part) => padded(part, 2)).join('')
  const { tempC, dewpointC, pressureInHg, cloudPct } = weather
  const remarks = `RMK AO2 SLP${padded(Math.round(pressureInHg * 338.6389) % 1000, 3)}${bodyOnly ? '' : ` T${tenths(tempC)}${tenths(dewpointC)}`}`
  return [
    kind,
    place.id,
    `${time}Z`,
    ...(corrected ? ['COR'] : []),
    windText(weather),
    dewpointC > tempC - 1 ? '3SM BR' : '10SM',
    skyText(cloudPct),
    `${degrees(tempC)}/${degrees(dewpointC)}`,
    `A${padded(Math.round(pressureInHg * 100), 4)}`,
    remarks
  ].join(' ')
}

/** The report as the service lists it. */
export function reportElement(report: Report): Readonly<Record<string, unknown>> {
  const { place, kind, obsMs, publishedMs, bodyOnly, weather } = report
  const { tempC, dewpointC, pressureInHg, cloudPct, windKt } = weather
  const precise = (value: number): number => (bodyOnly ? wholeOf(value) : Math.round(value * 10) / 10)
  const [cover, base] = skyParts(cloudPct)
  return {
    icaoId: place.id,
    receiptTime: new Date(publishedMs).toISOString(),
    obsTime: Math.floor(obsMs / 1000),
    reportTime: new Date(Math.round(obsMs / 3_600_000) * 3_600_000).toISOString(),
    temp: precise(tempC),
    dewp: precise(dewpointC),
    wdir: weather.windDirDeg,
    wspd: Math.round(windKt),
    visib: dewpointC > tempC - 1 ? 3 : '10+',
    altim: Math.round(pressureInHg * 338.639) / 10,
    qcField: 4,
    metarType: kind,
    rawOb: reportText(report),
    lat: place.lat,
    lon: place.lon,
    elev: place.elevM,
    name: place.name,
    cover,
    clouds: base === undefined ? [] : [{ cover, base }],
    fltCat: 'VFR'
  }
}

function windText({ windDirDeg, windKt }: Weather): string {
  const speed = Math.round(windKt)
  if (speed === 0) return '00000KT'
  const gust = speed >= 13 ? `G${padded(speed + 8, 2)}` : ''
  return `${speed < 4 ? 'VRB' : padded(windDirDeg, 3)}${padded(speed, 2)}${gust}KT`
}

function skyParts(cloudPct: number): [cover: string, baseFt?: number] {
  if (cloudPct < 10) return ['CLR']
  const cover = cloudPct < 35 ? 'FEW' : cloudPct < 60 ? 'SCT' : cloudPct < 90 ? 'BKN' : 'OVC'
  return [cover, 5500 - Math.round(cloudPct / 2.5) * 100]
}

function skyText(cloudPct: number): string {
  const [cover, base] = skyParts(cloudPct)
  return base === undefined ? cover : `${cover}${padded(base / 100, 3)}`
}

/** Whole degrees as a report's body has them. */
function wholeOf(celsius: number): number {
  return Math.round(Math.round(celsius * 10) / 10)
}

function degrees(celsius: number): string {
  const whole = wholeOf(celsius)
  return `${celsius < 0 ? 'M' : ''}${padded(Math.abs(whole), 2)}`
}

/** `-4.7` is `1047`. */
function tenths(celsius: number): string {
  const value = Math.round(celsius * 10)
  return `${value < 0 ? 1 : 0}${padded(Math.abs(value), 3)}`
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
