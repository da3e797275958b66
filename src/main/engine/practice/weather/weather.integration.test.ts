import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../clock.ts'
import { parseForecastAnswer, parseMetarAnswer, parsePwsAnswer, type MetarObservation } from '../../feeds/index.ts'
import { realDataPath } from '../../testing/realData.ts'
import { startPracticeVenue, type PracticeVenue, type WeatherOptions } from '../index.ts'

const START_MS = Date.UTC(2026, 6, 20, 12)
const DAY_MS = 86_400_000
let nowMs = START_MS
const clock: Clock = { wallNs: () => BigInt(Math.round(nowMs)) * 1_000_000n, monoNs: () => BigInt(Math.round(nowMs)) * 1_000_000n }
const venues: PracticeVenue[] = []
afterEach(async () => {
  nowMs = START_MS
  for (const venue of venues.splice(0)) await venue.close()
})

async function start(weather: WeatherOptions = {}): Promise<PracticeVenue> {
  const venue = await startPracticeVenue({
    source: { kind: 'generator', seed: 1, markets: 1, messagesPerSecond: 1 },
    weather,
    clock
  })
  venues.push(venue)
  return venue
}

async function get(
  venue: PracticeVenue,
  path: string,
  headers: Record<string, string> = {}
): Promise<{ response: Response; body: Buffer }> {
  const response = await fetch(`${venue.weatherUrl}${path}`, { headers })
  return { response, body: Buffer.from(await response.arrayBuffer()) }
}

const METAR = '/api/data/metar?ids=KLGA&format=json&hours=3'
const PWS = '/v2/pws/observations/current?format=json&units=m&numericPrecision=decimal&apiKey=k&stationId='
const FORECAST =
  '/v1/forecast?latitude=40.78&longitude=-73.88&hourly=temperature_2m,cloud_cover,shortwave_radiation,wind_speed_10m,wind_direction_10m&timeformat=unixtime&past_days=1&forecast_days=2'

/** A day of weather, asked every few minutes of it: every observation once, and when it was first seen. */
async function wholeDay(venue: PracticeVenue, speed: number): Promise<{ observation: MetarObservation; seenMs: number }[]> {
  const seen = new Map<string, { observation: MetarObservation; seenMs: number }>()
  for (let at = 0; at <= DAY_MS; at += 300_000) {
    nowMs = START_MS + at / speed
    const { body } = await get(venue, METAR)
    const { observations, rejected } = parseMetarAnswer(body)
    expect(rejected).toEqual([])
    for (const observation of observations) {
      const name = `${observation.obsTimeMs} ${observation.raw}`
      if (!seen.has(name)) seen.set(name, { observation, seenMs: nowMs })
    }
  }
  return [...seen.values()]
}

describe('invented weather', () => {
  it.each([1, 60])('has a day of reports with a warm afternoon, specials, corrections and late ones, at %dx', async (speed) => {
    const day = await wholeDay(await start({ speed }), speed)
    const metars = day.filter(({ observation }) => observation.kind === 'METAR' && !observation.corrected)
    expect(metars.length).toBeGreaterThanOrEqual(24)
    expect(day.some(({ observation }) => observation.kind === 'SPECI')).toBe(true)
    expect(day.some(({ observation }) => observation.corrected)).toBe(true)
    expect(day.some(({ observation }) => observation.kind === 'SPECI' && observation.tempSource === 'body')).toBe(true)
    const lateMs = day.filter(({ seenMs }) => seenMs > START_MS).map(({ observation, seenMs }) => (seenMs - observation.obsTimeMs) * speed)
    expect(Math.min(...lateMs)).toBeGreaterThan(0)
    expect(Math.max(...lateMs)).toBeGreaterThan(12 * 60_000)
    const temperatures = metars.map(({ observation }) => observation.tempC!).toSorted((a, b) => a - b)
    expect(temperatures.at(-3)! - temperatures[2]!).toBeGreaterThan(5)
  })

  it('is the same for the same seed and another for another', async () => {
    const answers = await Promise.all([1, 1, 2].map(async (seed) => (await get(await start({ seed }), METAR)).body.toString()))
    expect(answers[0]).toBe(answers[1])
    expect(answers[0]).not.toBe(answers[2])
  })

  it('has plain reports too, which mean the same', async () => {
    const venue = await start()
    const json = parseMetarAnswer((await get(venue, METAR)).body).observations
    const raw = parseMetarAnswer((await get(venue, METAR.replace('json', 'raw'))).body, nowMs).observations
    expect(raw.map(({ raw: text, obsTimeMs, tempC }) => [text, obsTimeMs, tempC])).toEqual(
      json.map(({ raw: text, obsTimeMs, tempC }) => [text, obsTimeMs, tempC])
    )
  })

  it('says "unchanged" to who has the answer already', async () => {
    const venue = await start()
    const { response } = await get(venue, METAR)
    const again = await get(venue, METAR, { 'if-none-match': response.headers.get('etag') ?? '' })
    expect([again.response.status, again.body.length]).toEqual([304, 0])
    nowMs += 3 * 3_600_000
    expect((await get(venue, METAR, { 'if-none-match': response.headers.get('etag') ?? '' })).response.status).toBe(200)
  })

  it('has nothing to say of an unknown station, and refuses wrong questions', async () => {
    const venue = await start()
    expect((await get(venue, '/api/data/metar?ids=KXYZ')).response.status).toBe(204)
    expect((await get(venue, '/api/data/metar?ids=')).response.status).toBe(400)
    expect((await get(venue, '/v1/forecast?latitude=x&longitude=0')).response.status).toBe(400)
    expect((await get(venue, '/v2/pws/observations/current?stationId=KLGAP01')).response.status).toBe(401)
  })

  it('has twelve private stations around an airport, most near its temperature and some broken', async () => {
    const venue = await start()
    const ids = venue.privateStations.filter((text) => text.startsWith('KLGA:')).map((text) => text.slice(5))
    expect(ids).toHaveLength(12)
    const readings = await Promise.all(ids.map(async (id) => parsePwsAnswer((await get(venue, PWS + id)).body).observations[0]))
    const temperatures = readings
      .map((reading) => reading?.tempC)
      .filter((value) => value !== undefined)
      .toSorted((a, b) => a - b)
    const median = temperatures[Math.floor(temperatures.length / 2)]!
    expect(temperatures.filter((value) => Math.abs(value - median) < 2).length).toBeGreaterThanOrEqual(8)
    expect(Math.max(...temperatures) - median).toBeGreaterThan(5)
    const fahrenheit = parsePwsAnswer((await get(venue, PWS.replace('units=m', 'units=e') + 'KLGAP01')).body).observations[0]
    expect(Math.abs(fahrenheit!.tempC! - readings[0]!.tempC!)).toBeLessThan(0.1)
  })

  it('forecasts itself too warm, hour by hour, with gaps', async () => {
    const venue = await start()
    const forecast = parseForecastAnswer((await get(venue, FORECAST)).body)!
    expect(forecast.hours).toHaveLength(72)
    expect(forecast.hours[0]?.timeMs).toBe(Date.UTC(2026, 6, 19))
    const given = forecast.hours.filter(({ temperatureC }) => temperatureC !== undefined)
    expect(given.length).toBeGreaterThan(60)
    expect(Math.max(...forecast.hours.map(({ shortwaveWm2 = 0 }) => shortwaveWm2))).toBeGreaterThan(300)
    const sixth = FORECAST.replace('timeformat=unixtime&', '')
    expect(parseForecastAnswer((await get(venue, sixth)).body)).toEqual(forecast)
  })
})

describe('faults of the weather', () => {
  it.each([
    ['empty', (body: Buffer) => body.length === 0],
    ['html', (body: Buffer) => body.toString().startsWith('<')],
    ['huge', (body: Buffer) => body.length > 4 * 1024 * 1024],
    ['garbage', (body: Buffer) => parseMetarAnswer(body).rejected[0]?.reason === 'malformed_json'],
    ['wrongStation', (body: Buffer) => parseMetarAnswer(body).observations.every(({ stationId }) => stationId === 'KJFK')]
  ] as const)('%s meets one answer and is told', async (what, holds) => {
    const venue = await start()
    const id = venue.inject({ kind: 'weather', what, api: 'metar' })
    expect((await get(venue, `${PWS}KLGAP01`)).body.length).toBeGreaterThan(0)
    expect(holds((await get(venue, METAR)).body)).toBe(true)
    expect(parseMetarAnswer((await get(venue, METAR)).body).observations[0]?.stationId).toBe('KLGA')
    expect(venue.injected).toEqual([
      expect.objectContaining({ fault_id: id, kind: 'weather', what, api: 'metar', path: '/api/data/metar' })
    ])
  })

  it('a refusal has its status and says when to come back; a late answer is late', async () => {
    const venue = await start()
    venue.inject({ kind: 'weather', what: 'status', status: 429, retryAfterS: 7, count: 2 })
    for (const path of [METAR, FORECAST]) {
      const { response } = await get(venue, path)
      expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7'])
    }
    venue.inject({ kind: 'weather', what: 'late', ms: 3_600_000 })
    await expect(fetch(venue.weatherUrl + METAR, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/)
  })
})

const recording = realDataPath('metar/awc_metar_response_3stations.json')
it.skipIf(recording === undefined)('recorded reports are published as they were, at their distance', async () => {
  nowMs = Date.parse('2026-11-01T00:00:00Z')
  const venue = await start({ files: [recording!], speed: 60 })
  expect((await get(venue, '/api/data/metar?ids=KBFL')).response.status).toBe(204)
  expect(parseMetarAnswer((await get(venue, '/api/data/metar?ids=KSTS')).body).observations[0]?.tempC).toBe(23.3)
  nowMs += 2000
  expect(parseMetarAnswer((await get(venue, '/api/data/metar?ids=KBFL,KFFZ')).body).observations).toHaveLength(2)
})

it.skipIf(recording === undefined)('by a clock that is set to their day recorded reports are published when they were', async () => {
  nowMs = Date.parse('2026-07-21T01:56:00Z')
  const venue = await start({ files: [recording!] })
  expect((await get(venue, '/api/data/metar?ids=KSTS')).response.status).toBe(204)
  nowMs = Date.parse('2026-07-21T01:56:32Z')
  expect(parseMetarAnswer((await get(venue, '/api/data/metar?ids=KSTS')).body).observations).toHaveLength(1)
  expect((await get(venue, '/api/data/metar?ids=KBFL')).response.status).toBe(204)
})
