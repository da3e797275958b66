import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import type { WeatherFault } from '../faults/fault.ts'
import { jsonAnswer, type HttpAnswer } from '../server/httpExchange.ts'
import { faultyAnswer } from './faultyAnswer.ts'
import { forecastBody } from './forecast.ts'
import { reportElement, reportText } from './metarText.ts'
import { PRACTICE_STATIONS, practicePlace } from './places.ts'
import { privateIds, privateReading } from './privateStations.ts'
import { readRecordedReports, RecordedReports } from './recordedReports.ts'
import { Reports } from './reports.ts'
import { WeatherTime } from './weatherTime.ts'

export interface WeatherOptions {
  /** Airport stations; KLGA, KJFK and KTEB when left out. */
  readonly stations?: readonly string[]
  /** 1 to 10,000: so many times as fast as the clock on the wall does the weather go by. */
  readonly speed?: number
  readonly seed?: number
  /** Recorded answers of the METAR service; their stations answer from them. */
  readonly files?: readonly string[]
}

export const weatherSchema = z.strictObject({
  stations: z
    .array(z.string().regex(/^[A-Z][A-Z0-9]{3}$/))
    .min(1)
    .max(50)
    .default([...PRACTICE_STATIONS]),
  speed: z.number().min(1).max(10_000).default(1),
  seed: z.int().default(1),
  files: z.array(z.string().min(1)).default([])
})

export type WeatherApi = 'metar' | 'pws' | 'forecast'
const PATHS: Readonly<Record<string, WeatherApi>> = {
  '/api/data/metar': 'metar',
  '/v2/pws/observations/current': 'pws',
  '/v1/forecast': 'forecast'
}

/** The three weather services on loopback, over one invented weather. */
export class WeatherService {
  readonly #settings: z.output<typeof weatherSchema>
  readonly #clock: Clock
  readonly #time: WeatherTime
  readonly #reports: ReadonlyMap<string, Reports>
  readonly #recorded: RecordedReports

  private constructor(settings: z.output<typeof weatherSchema>, clock: Clock, recorded: Awaited<ReturnType<typeof readRecordedReports>>) {
    this.#settings = settings
    this.#clock = clock
    const start = nowMs(clock)
    const time = new WeatherTime(start, settings.speed)
    this.#time = time
    this.#reports = new Map(settings.stations.map((id) => [id, new Reports(settings.seed, practicePlace(id), time)]))
    this.#recorded = new RecordedReports(recorded, start, settings.speed)
  }

  /** @throws StudioError FILE_FAILED, CONFIG_INVALID for a recording that cannot be read; zod's error for settings out of range */
  static async start(options: WeatherOptions, clock: Clock): Promise<WeatherService> {
    const settings = weatherSchema.parse(options)
    return new WeatherService(settings, clock, await readRecordedReports(settings.files))
  }

  /** Paths that it answers. */
  static get paths(): readonly string[] {
    return Object.keys(PATHS)
  }

  /** Private stations as a capture's setting names them: `KLGA:KLGAP01`. */
  get privateStations(): string[] {
    return this.#settings.stations.flatMap((station) => privateIds(station).map((id) => `${station}:${id}`))
  }

  get description(): Readonly<Record<string, unknown>> {
    const { stations, speed, seed, files } = this.#settings
    return { stations, speed, seed, files: files.length }
  }

  /** @param takeFault what this answer shall suffer, asked once */
  answer(path: string, query: URLSearchParams, takeFault: (api: WeatherApi) => WeatherFault | undefined): HttpAnswer {
    const api = PATHS[path] ?? 'metar'
    const fault = takeFault(api)
    const asked = fault?.what === 'wrongStation' ? this.#elsewhere(query) : query
    const good = api === 'metar' ? this.#metar(asked) : api === 'pws' ? this.#pws(asked) : this.#forecast(asked)
    const answer = fault === undefined ? good : faultyAnswer(fault, good)
    if (answer.status !== 200) return answer
    return { ...answer, headers: { ...answer.headers, etag: `"${createHash('sha256').update(answer.body).digest('hex').slice(0, 32)}"` } }
  }

  #metar(query: URLSearchParams): HttpAnswer {
    const ids = (query.get('ids') ?? '').toUpperCase().split(',').filter(Boolean)
    const hours = within(query.get('hours') ?? '2', 0.01, 72)
    if (ids.length === 0 || hours === undefined) return jsonAnswer(400, { status: 'error', error: 'ids and hours are expected' })
    const now = nowMs(this.#clock)
    const isRaw = query.get('format') === 'raw'
    const found = ids.flatMap((id): unknown[] => {
      if (this.#recorded.has(id)) return [...this.#recorded.published(id, now)]
      return (this.#reports.get(id)?.published(now, hours) ?? []).map((report) =>
        isRaw ? { rawOb: reportText(report) } : reportElement(report)
      )
    })
    if (found.length === 0) return { status: 204, body: '' }
    if (isRaw) return { status: 200, body: found.map((item) => (item as { rawOb: string }).rawOb).join('\n') }
    return jsonAnswer(200, found)
  }

  #pws(query: URLSearchParams): HttpAnswer {
    if ((query.get('apiKey') ?? '') === '')
      return jsonAnswer(401, { errors: [{ error: { code: 'CDN-0001', message: 'Invalid apiKey.' } }] })
    const reading = privateReading(this.#source, {
      id: query.get('stationId') ?? '',
      units: query.get('units') ?? 'm',
      decimal: query.get('numericPrecision') === 'decimal',
      hostMs: nowMs(this.#clock)
    })
    if (reading === 'unknown') return jsonAnswer(404, { errors: [{ error: { code: 'PWS-0404', message: 'Unknown station or units.' } }] })
    return reading === undefined ? { status: 204, body: '' } : jsonAnswer(200, { observations: [reading] })
  }

  #forecast(query: URLSearchParams): HttpAnswer {
    const [lat, lon] = [within(query.get('latitude'), -90, 90), within(query.get('longitude'), -180, 180)]
    const [pastDays, days] = [within(query.get('past_days') ?? '0', 0, 92), within(query.get('forecast_days') ?? '7', 1, 16)]
    if (lat === undefined || lon === undefined || pastDays === undefined || days === undefined)
      return jsonAnswer(400, { error: true, reason: 'Latitude, longitude and days must be in range.' })
    const names = (query.get('hourly') ?? '').split(',').filter(Boolean)
    const unixTime = query.get('timeformat') === 'unixtime'
    const body = forecastBody(this.#source, { lat, lon, names, unixTime, pastDays, days, hostMs: nowMs(this.#clock) })
    return body === undefined ? jsonAnswer(400, { error: true, reason: 'Unknown hourly variable.' }) : jsonAnswer(200, body)
  }

  get #source(): { seed: number; stations: readonly string[]; time: WeatherTime } {
    return { seed: this.#settings.seed, stations: this.#settings.stations, time: this.#time }
  }

  /** The same question about another station. */
  #elsewhere(query: URLSearchParams): URLSearchParams {
    const { stations } = this.#settings
    const other = (station: string): string => stations.find((id) => id !== station) ?? station
    const changed = new URLSearchParams(query)
    if (query.has('ids')) changed.set('ids', other(query.get('ids') ?? ''))
    const privateId = query.get('stationId')
    if (privateId !== null) changed.set('stationId', other(privateId.slice(0, 4)) + privateId.slice(4))
    if (query.has('latitude')) changed.set('latitude', String(practicePlace(other('KLGA')).lat))
    return changed
  }
}

function within(text: string | null, low: number, high: number): number | undefined {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text)
  return value >= low && value <= high ? value : undefined
}

function nowMs(clock: Clock): number {
  return Number(clock.wallNs() / 1_000_000n)
}
