import { describe, expect, it } from 'vitest'
import { captureConfig } from '../config.ts'
import { captureSecrets, repeatsSecret, withoutSecret } from './secrets.ts'
import { worldTargets } from './targets.ts'

const config = (settings: Record<string, unknown>): ReturnType<typeof captureConfig> => captureConfig(settings)

describe('settings of the weather', () => {
  it.each([
    [{ worldStations: ['KXYZ'] }, 'names KXYZ, whose place is not known here'],
    [{ worldStations: ['KXYZ:91:0'] }, 'a latitude of -90 to 90'],
    [{ worldStations: ['KLGA', 'KLGA:1:2'] }, 'names KLGA twice'],
    [{ worldStations: ['KJFK'], worldPwsStations: ['KLGA:A1'] }, 'KLGA is not in world_stations'],
    [{ worldStationTimeZones: ['KXYZ=America/Denver'] }, 'KXYZ is not in world_stations'],
    [{ worldStations: ['KXYZ:1:2'], worldStationTimeZones: ['KXYZ=Mars/Base'] }, 'there is no time zone Mars/Base'],
    [{ worldStations: ['KLGA'], worldMetarIntervalSeconds: 1 }, 'at least 30 is allowed for a service that is not on this machine'],
    [{ worldStations: ['KLGA'], worldForecastIntervalSeconds: 60 }, 'at least 600'],
    [
      {
        worldStations: ['KLGA'],
        offline: true,
        gammaBaseUrl: 'http://127.0.0.1',
        clobBaseUrl: 'http://127.0.0.1',
        clobWsUrl: 'ws://127.0.0.1'
      },
      'world_metar_base_url'
    ]
  ])('%o is refused with a sentence', (settings, sentence) => {
    expect(() => config(settings)).toThrow(sentence)
  })

  it('asks nobody unless stations are named', () => {
    expect(worldTargets(config({}), { pwsKey: 'k' })).toEqual([])
  })

  it('asks every service for every station; the key is apart from the address that is written', () => {
    const targets = worldTargets(config({ worldStations: ['klga', 'KXYZ:51.5:-0.25'], worldPwsStations: ['KLGA:KNY1'] }), { pwsKey: 'p&w' })
    expect(targets.map(({ kind, station, intervalMs }) => [kind, station, intervalMs])).toEqual([
      ['metar', 'KLGA', 60_000],
      ['metar', 'KXYZ', 60_000],
      ['pws', 'KLGA', 60_000],
      ['forecast', 'KLGA', 3_600_000],
      ['forecast', 'KXYZ', 3_600_000]
    ])
    expect(targets[0]?.url).toBe('https://aviationweather.gov/api/data/metar?ids=KLGA&format=json&hours=3')
    expect(targets[2]?.url).toBe(
      'https://api.weather.com/v2/pws/observations/current?stationId=KNY1&format=json&units=m&numericPrecision=decimal'
    )
    expect(targets[2]?.secretQuery).toBe('&apiKey=p%26w')
    expect(targets[4]?.url).toContain('/v1/forecast?latitude=51.5&longitude=-0.25&hourly=temperature_2m,cloud_cover,')
  })

  it('knows the time zone that is stated for a station', () => {
    const settings = { worldStations: ['KLGA', 'KXYZ:1:2'], worldStationTimeZones: ['kxyz=America/Denver'] }
    expect(worldTargets(config(settings), {}).map(({ station, timeZone }) => [station, timeZone])).toEqual([
      ['KLGA', undefined],
      ['KXYZ', 'America/Denver'],
      ['KLGA', undefined],
      ['KXYZ', 'America/Denver']
    ])
  })

  it('leaves out private stations without the key, and a service whose interval is none', () => {
    const settings = { worldStations: ['KLGA'], worldPwsStations: ['KLGA:KNY1'], worldForecastIntervalSeconds: null }
    expect(worldTargets(config(settings), {}).map(({ kind }) => kind)).toEqual(['metar'])
  })
})

describe('the key', () => {
  it('comes from the environment only', () => {
    expect(captureSecrets({ TAPEDECK_PWS_KEY: ' a ', PM_DATA_WORLD_PWS_KEY: 'b' })).toEqual({ pwsKey: 'a' })
    expect(captureSecrets({ PM_DATA_WORLD_PWS_KEY: 'b' })).toEqual({ pwsKey: 'b' })
    expect(captureSecrets({ TAPEDECK_PWS_KEY: '' })).toEqual({})
  })

  it('is cut out of texts in every form in which an address carries it', () => {
    expect(withoutSecret('a p&w12345 b p%26w12345 c', 'p&w12345')).toBe('a [key] b [key] c')
    expect(withoutSecret('apiKey=abcd efgh, abcd+efgh, abcd%20efgh', 'abcd efgh')).toBe('apiKey=[key], [key], [key]')
    expect(repeatsSecret(Buffer.from('{"key":"p%26w12345"}'), 'p&w12345')).toBe(true)
    expect(repeatsSecret(Buffer.from('{}'), 'p&w12345')).toBe(false)
    expect(repeatsSecret(Buffer.from('{"temp":1}'), 't')).toBe(false)
  })
})
