import type { TestTape } from './testTape.ts'
import { ORIGIN } from './testTape.ts'

/** Unix ms of relNs 0 of a test tape. */
export const ORIGIN_MS = Number(ORIGIN / 1_000_000n)

export interface TestReport {
  /** Minutes before (negative) or after the origin. */
  readonly minute: number
  readonly tempC?: number | undefined
  readonly dewpointC?: number
  readonly station?: string
  readonly kind?: 'METAR' | 'SPECI'
  readonly corrected?: boolean
  /** Whole degrees only. */
  readonly body?: boolean
}

/** For tests: one report as the METAR service sends it. */
export function metarElement({
  minute,
  tempC,
  dewpointC = 5,
  station = 'KLGA',
  kind = 'METAR',
  corrected = false,
  body = false
}: TestReport): object {
  const ms = ORIGIN_MS + minute * 60_000
  const time = new Date(ms).toISOString()
  const stamp = `${time.slice(8, 10)}${time.slice(11, 13)}${time.slice(14, 16)}Z`
  const whole = (c: number): string => `${c < -0.5 ? 'M' : ''}${String(Math.abs(Math.floor(c + 0.5))).padStart(2, '0')}`
  const tenths = (c: number): string => `${c < 0 ? 1 : 0}${String(Math.round(Math.abs(c) * 10)).padStart(3, '0')}`
  const temps = tempC === undefined ? '/////' : `${whole(tempC)}/${whole(dewpointC)}`
  const group = tempC === undefined || body ? '' : ` RMK AO2 T${tenths(tempC)}${tenths(dewpointC)}`
  const rawOb = `${kind} ${station} ${stamp}${corrected ? ' COR' : ''} 27010KT 10SM FEW250 ${temps} A2992${group}`
  return {
    icaoId: station,
    obsTime: Math.floor(ms / 1000),
    metarType: kind,
    rawOb,
    lat: 40.779,
    lon: -73.88,
    elev: 4,
    name: 'New York/LaGuardia'
  }
}

/** For tests: readings of personal stations as Weather Underground sends them, `P1`, `P2`, … at the same minute. */
export function pwsBody(minute: number, temps: readonly (number | null)[], first = 1): object {
  const epoch = ORIGIN_MS / 1000 + minute * 60
  return {
    observations: temps.map((temp, i) => ({
      stationID: `P${first + i}`,
      epoch,
      qcStatus: 1,
      lat: 40.7,
      lon: -73.9,
      metric: { temp, dewpt: -90 }
    }))
  }
}

/** For tests: an hourly forecast from 24 hours before the origin on, in °C. */
export function forecastBody(temps: readonly number[]): object {
  const first = ORIGIN_MS / 1000 - 24 * 3600
  const time = temps.map((_, i) => Math.floor(first / 3600) * 3600 + i * 3600)
  return {
    latitude: 40.75,
    longitude: -73.87,
    utc_offset_seconds: 0,
    hourly_units: { temperature_2m: '°C', cloud_cover: '%' },
    hourly: { time, temperature_2m: temps, cloud_cover: temps.map(() => 50) }
  }
}

/** Gives a tape an answer of a weather service. */
export function weather(t: TestTape, kind: 'metar' | 'pws' | 'forecast', body: object | string, more: object = {}): TestTape {
  t.note({ note: 'rest', venue: 'weather', kind, key: 'KLGA', url: '', status: 200, body: true, ...more })
  return t.push(typeof body === 'string' ? body : JSON.stringify(body), 9)
}

export function metars(t: TestTape, ...reports: readonly TestReport[]): TestTape {
  return weather(t, 'metar', reports.map(metarElement), { key: reports[0]?.station ?? 'KLGA' })
}
