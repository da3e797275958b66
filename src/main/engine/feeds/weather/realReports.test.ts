import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { realDataPath } from '../../testing/realData.ts'
import { parseMetarAnswer } from './index.ts'
import type { MetarObservation } from './observation.ts'

const answers = realDataPath('metar/awc_metar_response_3stations.json')
const reports = realDataPath('metar/metaf_real_reports.json')
const parsed = realDataPath('metar/avwx')
const collectives = realDataPath('metar/pyiem')

interface Oracle {
  readonly data: {
    readonly raw: string
    readonly temperature: { readonly value: number } | null
    readonly dewpoint: { readonly value: number } | null
    readonly remarks_info: { readonly temperature_decimal: { readonly value: number } | null } | null
    readonly wind_direction: { readonly value: number | null } | null
    readonly wind_speed: { readonly value: number } | null
    readonly wind_gust: { readonly value: number } | null
    readonly altimeter: { readonly value: number } | null
    readonly visibility: { readonly value: number; readonly repr: string } | null
    readonly clouds: readonly { readonly type: string; readonly base: number | null }[]
    readonly time: { readonly dt: string }
  }
}

describe('real reports', () => {
  it.skipIf(answers === undefined)('an answer of the service reads as the service reads it', () => {
    const body = readFileSync(answers!)
    const { observations, rejected } = parseMetarAnswer(body)
    expect(rejected).toEqual([])
    const said = JSON.parse(body.toString()) as Record<string, unknown>[]
    expect(observations).toHaveLength(said.length)
    for (const element of said) {
      const observation = observations.find(({ stationId }) => stationId === element['icaoId'])!
      expect(observation).toMatchObject({
        obsTimeMs: Number(element['obsTime']) * 1000,
        tempC: element['temp'],
        dewpointC: element['dewp'],
        windDirDeg: element['wdir'],
        windSpeedKt: element['wspd'],
        lat: element['lat'],
        elevM: element['elev'],
        raw: element['rawOb']
      })
      // The service rounds pressure by a rule of its own.
      expect(Math.abs(observation.altimeterHpa! - Number(element['altim']))).toBeLessThan(0.15)
    }
  })

  it.skipIf(reports === undefined)('every report of the world is read on its date, or there is a stated reason', () => {
    const all = JSON.parse(readFileSync(reports!, 'utf8')) as { metar: string; date: string; icao: string }[]
    const unread: string[] = []
    const otherDays: string[] = []
    const tenths = { reports: 0, otherFahrenheit: 0 }
    for (const { metar, date, icao } of all) {
      const { observations, rejected } = parseMetarAnswer(Buffer.from(metar), Date.parse(`${date}T12:00:00Z`))
      const [observation] = observations
      if (observation === undefined) {
        unread.push(`${rejected[0]?.reason}: ${metar}`)
        continue
      }
      expect([observations.length, rejected.length, observation.stationId]).toEqual([1, 0, icao])
      if (new Date(observation.obsTimeMs).getUTCDate() !== Number(date.slice(8))) otherDays.push(metar.slice(0, 30))
      if (observation.tempSource === 't_group' && observation.bodyTempC !== undefined) {
        tenths.reports += 1
        if (wholeF(observation.tempC!) !== wholeF(observation.bodyTempC)) tenths.otherFahrenheit += 1
      }
    }
    expect(unread).toEqual(['nil_report: METAR CYSY NIL='])
    // The day in these reports is not that of the file's date.
    expect(otherDays).toHaveLength(5)
    // 91 with both tenths, one without those of the dew point.
    expect(tenths).toEqual({ reports: 92, otherFahrenheit: 45 })
  })

  it.skipIf(parsed === undefined)('another reader finds the same values', () => {
    for (const file of readdirSync(parsed!)) {
      const { data } = JSON.parse(readFileSync(`${parsed!}/${file}`, 'utf8')) as Oracle
      const { observations } = parseMetarAnswer(Buffer.from(data.raw), Date.parse(data.time.dt))
      const observation = observations[0]!
      expect(observation).toMatchObject({
        obsTimeMs: Date.parse(data.time.dt),
        bodyTempC: data.temperature?.value,
        // That reader takes the tenths of the older report that follows, where there is one.
        ...(file === 'KMCO.json' ? { tempC: data.remarks_info?.temperature_decimal?.value } : {}),
        windDirDeg: data.wind_direction?.value,
        windSpeedKt: data.wind_speed?.value
      })
      const value = data.altimeter!.value
      expect(Math.abs(observation.altimeterHpa! - (value < 100 ? value * 33.8639 : value))).toBeLessThan(0.06)
      expect(layers(observation)).toEqual(data.clouds.map(({ type, base }) => [type, base! * 100]))
    }
  })

  it.skipIf(collectives === undefined)('collectives give every report once; three broken ones have a reason', () => {
    const read = readdirSync(collectives!).map((file) => {
      const { observations, rejected } = parseMetarAnswer(readFileSync(`${collectives!}/${file}`), Date.UTC(2011, 6, 2))
      return [file, observations.length, rejected.map(({ reason }) => reason)]
    })
    expect(read).toEqual([
      ['badchars.txt', 3, []],
      ['collective.txt', 10, ['empty_report', 'no_station_and_time', 'no_station_and_time']],
      ['first.txt', 2, []],
      ['kawn.txt', 3, []],
      ['kmwn.txt', 1, []],
      ['rtd_bbb.txt', 1, []]
    ])
  })
})

function wholeF(celsius: number): number {
  return Math.floor(celsius * 1.8 + 32 + 0.5)
}

function layers({ sky }: MetarObservation): [string, number | undefined][] {
  return sky.filter(({ baseFt }) => baseFt !== undefined).map(({ cover, baseFt }) => [cover, baseFt])
}
