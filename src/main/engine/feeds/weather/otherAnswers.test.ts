import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knownStation, parseForecastAnswer, parsePwsAnswer } from './index.ts'

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

describe('an answer of private stations', () => {
  const reading = { stationID: 'KNYNEWYO123', epoch: 1_767_225_600, lat: 40.7, lon: -73.9, winddir: 200, humidity: 51, qcStatus: 1 }

  it('is the same in every system of units', () => {
    const systems = {
      imperial: { temp: 68, dewpt: 50, windSpeed: 10 },
      metric: { temp: 20, dewpt: 10, windSpeed: 16.09 },
      uk_hybrid: { temp: 20, dewpt: 10, windSpeed: 10 },
      metric_si: { temp: 20, dewpt: 10, windSpeed: 4.47 }
    }
    for (const [name, values] of Object.entries(systems)) {
      const { observations } = parsePwsAnswer(bytes({ observations: [{ ...reading, [name]: values }] }))
      expect(observations).toEqual([
        {
          pwsId: 'KNYNEWYO123',
          obsTimeMs: 1_767_225_600_000,
          tempC: 20,
          dewpointC: 10,
          windSpeedKmh: 16.09,
          humidityPct: 51,
          windDirDeg: 200,
          lat: 40.7,
          lon: -73.9,
          qcStatus: 1
        }
      ])
    }
  })

  it('may have nulls everywhere; without station or time it is refused', () => {
    const nulls = {
      stationID: 'A',
      epoch: null,
      obsTimeUtc: '2026-01-01T00:00:00Z',
      lat: null,
      humidity: null,
      qcStatus: null,
      metric: { temp: null }
    }
    const { observations, rejected } = parsePwsAnswer(bytes({ observations: [nulls, { stationID: 'B' }, { epoch: 1 }] }))
    expect(observations).toEqual([{ pwsId: 'A', obsTimeMs: 1_767_225_600_000 }])
    expect(rejected.map(({ reason }) => reason)).toEqual(['no_time', 'no_station'])
  })

  it('has no observation when it is empty, expired, a page or an error', () => {
    expect(parsePwsAnswer(bytes(''))).toEqual({ observations: [], rejected: [] })
    const reasons = ['{"observations":[]}', 'Data Expired', '<html>', '{"errors":[{"error":{"code":"CDN-0001"}}]}', 'null'].map((body) =>
      parsePwsAnswer(bytes(body)).rejected.map(({ reason }) => reason)
    )
    expect(reasons).toEqual([[], ['expired'], ['html'], ['no_observations'], ['no_observations']])
  })
})

describe('a forecast', () => {
  const hourly = {
    time: ['2026-07-01T00:00', '2026-07-01T01:00'],
    temperature_2m: [68, null],
    cloud_cover: [50, 101],
    shortwave_radiation: [0, 12],
    wind_speed_10m: [10, 20],
    wind_direction_10m: [180, 360]
  }
  const units = { temperature_2m: '°F', cloud_cover: '%', shortwave_radiation: 'W/m²', wind_speed_10m: 'mp/h', wind_direction_10m: '°' }
  const answer = { latitude: 40.78, longitude: -73.88, utc_offset_seconds: -14_400, hourly_units: units, hourly }

  it('has its hours in UTC and its values in our units; nulls and impossible values are left out', () => {
    const forecast = parseForecastAnswer(bytes(answer))
    expect(forecast).toEqual({
      lat: 40.78,
      lon: -73.88,
      hours: [
        { timeMs: Date.UTC(2026, 6, 1, 4), temperatureC: 20, cloudCoverPct: 50, shortwaveWm2: 0, windSpeedKmh: 16.09, windDirDeg: 180 },
        { timeMs: Date.UTC(2026, 6, 1, 5), shortwaveWm2: 12, windSpeedKmh: 32.19, windDirDeg: 360 }
      ]
    })
    expect(parseForecastAnswer(bytes([answer, 7]))).toEqual(forecast)
    const seconds = { ...answer, hourly: { ...hourly, time: [1_782_878_400, 1_782_882_000] } }
    expect(parseForecastAnswer(bytes(seconds))).toEqual(forecast)
  })

  it('does not guess: unknown units, local times without an offset and other answers give nothing', () => {
    const unknown = parseForecastAnswer(bytes({ ...answer, hourly_units: { temperature_2m: 'K' } }))
    expect(unknown?.hours).toEqual([{ timeMs: Date.UTC(2026, 6, 1, 4) }, { timeMs: Date.UTC(2026, 6, 1, 5) }])
    for (const value of [
      '',
      '<html>',
      '[]',
      '{}',
      { error: true, reason: 'x' },
      { ...answer, utc_offset_seconds: null },
      { ...answer, latitude: 91 }
    ])
      expect(parseForecastAnswer(bytes(value))).toBeUndefined()
  })
})

it('any bytes and any JSON are read without a throw', () => {
  for (const parse of [parsePwsAnswer, parseForecastAnswer]) {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (body) => void parse(body)))
    fc.assert(fc.property(fc.jsonValue(), (value) => void parse(bytes(value))))
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void parse(bytes({ observations: [value], latitude: 1, longitude: 1, hourly: value })))
    )
  }
})

it('the station that settles New York is known with its clock', () => {
  expect(knownStation('KLGA')).toMatchObject({ timeZone: 'America/New_York', lat: 40.779 })
  expect(knownStation('KXYZ')).toBeUndefined()
})
