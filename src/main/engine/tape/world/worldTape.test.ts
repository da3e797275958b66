import { describe, expect, test } from 'vitest'
import { FEATURES, STATION_BASE, type TapeRecord } from '../../../../shared/channels/index.ts'
import { eventIdsOf } from '../eventId.ts'
import { MS, S, TestTape } from '../testTape.ts'
import { forecastBody, metarElement, metars, ORIGIN_MS, pwsBody, weather } from '../testWorld.ts'

const HOUR = 60
const tape = (): TestTape => new TestTape('polymarket')
const json = (record: { readonly text: string } | undefined): Record<string, never> => JSON.parse(record?.text ?? 'null') as never
/** Events between the announcement of an answer and the record of its own frame. */
const channels = (records: readonly TapeRecord[]): string[] => records.map(({ ch }) => ch).filter((ch) => ch !== 'frame_raw')

test('every feature is declared, in the order in which it is written, and has an age', () => {
  const t = metars(tape(), { minute: -10, tempC: 20 })
  const { features, staleness } = JSON.parse(t.of('features_1m')[0]!.text) as { features: { env: object }; staleness: object }
  const declared = FEATURES.map(([name]) => name)
  expect(Object.keys(features.env)).toEqual(declared)
  expect(Object.keys(staleness)).toEqual(declared)
})

describe('a report', () => {
  test('becomes an observation with the judge’s rounding, and causes a window, features and a nowcast in its frame', () => {
    const t = metars(tape(), { minute: -10, tempC: 26.7, dewpointC: 12.2 })
    expect(channels(t.records())).toEqual(['station', 'metar_obs', 'event_window', 'features_1m', 'nowcast_1m'])
    expect(
      new Set(
        t
          .records()
          .filter(({ ch }) => ch !== 'frame_raw')
          .map(({ frameIdx }) => frameIdx)
      )
    ).toEqual(new Set([1]))
    expect(t.of('station')[0]).toMatchObject({ instrumentId: STATION_BASE + 1, lat: 40.779, lon: -73.88 })
    expect(json(t.of('station')[0])).toEqual({ station_id: 'KLGA', name: 'New York/LaGuardia', time_zone: 'America/New_York' })
    expect(t.of('metar_obs')[0]).toMatchObject({
      instrumentId: STATION_BASE + 1,
      tempC: 26.7,
      dewpointC: 12.2,
      tempF: 80.1,
      tempAligned: 80,
      tempSource: 't_group',
      windDirDeg: 270,
      windSpeedKt: 10,
      kind: 'METAR',
      corrected: false,
      qc: 'OK',
      exchTsMs: ORIGIN_MS - 600_000
    })
    expect(t.of('metar_obs')[0]?.tempFLow).toBeUndefined()
    expect(json(t.of('metar_obs')[0])).toMatchObject({ src: 'METAR', qc_flags: [], sky: [{ cover: 'FEW', baseFt: 25_000 }] })
    expect(t.of('event_window')[0]).toMatchObject({ trigger: 'METAR', action: 'START', durationS: 120, text: 'METAR of KLGA: 26.7 °C.' })
  })

  test('in whole degrees says what it may stand for', () => {
    expect(metars(tape(), { minute: -10, tempC: 29, body: true }).of('metar_obs')[0]).toMatchObject({
      tempSource: 'body',
      tempF: 84.2,
      tempAligned: 84,
      tempFLow: 83.3,
      tempFHigh: 85.1
    })
  })

  test('comes once, however often the service repeats it', () => {
    const t = metars(tape(), { minute: -70, tempC: 20 }, { minute: -10, tempC: 21 })
    metars(t, { minute: -10, tempC: 21 }, { minute: -70, tempC: 20 })
    metars(t, { minute: -10, tempC: 21 })
    expect(t.of('metar_obs').map(({ tempC }) => tempC)).toEqual([20, 21])
    expect(t.of('event_window')).toHaveLength(1)
    expect(t.of('station')).toHaveLength(1)
  })

  test('that corrects another is a report of its own', () => {
    const t = metars(tape(), { minute: -10, tempC: 35 })
    metars(t, { minute: -10, tempC: 25, corrected: true })
    expect(t.of('metar_obs').map(({ tempC, corrected }) => [tempC, corrected])).toEqual([
      [35, false],
      [25, true]
    ])
    // And the day has not been as warm as the first one said.
    expect(json(t.of('features_1m').at(-1))).toMatchObject({ features: { env: { max_so_far_f: 77, temp_f: 77 } } })
    expect(t.of('event_window').map(({ text }) => text)).toEqual(['METAR of KLGA: 35 °C.', 'Corrected METAR of KLGA: 25 °C.'])
  })

  test('that comes late is written, opens no window and lets the newest one be', () => {
    const t = metars(tape(), { minute: -10, tempC: 21 })
    metars(t, { minute: -40, tempC: 28 })
    expect(t.of('metar_obs')).toHaveLength(2)
    expect(t.of('event_window')).toHaveLength(1)
    t.ticksTo(100 * S)
    expect(json(t.of('features_1m').at(-1))).toMatchObject({ features: { env: { temp_f: 69.8, max_so_far_f: 82.4 } } })
  })

  test('of the future or of two days ago is marked and teaches nothing', () => {
    const t = metars(tape(), { minute: -25 * HOUR, tempC: 40 }, { minute: 30, tempC: 41 }, { minute: -10, tempC: 20 })
    expect(t.of('metar_obs').map(({ tempC, qc, text }) => [tempC, qc, json({ text })['qc_flags']])).toEqual([
      [40, 'UNCERTAIN', ['OLDER_THAN_A_DAY']],
      [20, 'OK', []],
      [41, 'SEVERE', ['TIME_IN_FUTURE']]
    ])
    expect(t.of('event_window').map(({ text }) => text)).toEqual(['METAR of KLGA: 20 °C.'])
    expect(json(t.of('features_1m').at(-1))).toMatchObject({ features: { env: { temp_f: 68, max_so_far_f: 68 } } })
  })

  test('without a temperature is written and uncertain', () => {
    const t = metars(tape(), { minute: -10 })
    const [observation] = t.of('metar_obs')
    expect(observation).toMatchObject({ qc: 'UNCERTAIN', tempSource: 'none' })
    expect([observation?.tempC, observation?.tempF, observation?.tempAligned]).toEqual([undefined, undefined, undefined])
    expect(t.of('event_window').map(({ trigger }) => trigger)).toEqual(['METAR', 'QC_CHANGE'])
    expect(t.of('nowcast_1m')[0]).toMatchObject({ tmaxMeanF: 50, qc: 'UNCERTAIN' })
    expect(json(t.of('nowcast_1m')[0])).toMatchObject({ base_forecast_source: 'FALLBACK' })
  })

  test('whose remarks and body tell of different temperatures is uncertain', () => {
    const report = metarElement({ minute: -10, tempC: 26.7 }) as { rawOb: string }
    const differs = (body: string): object[] => [{ ...report, rawOb: report.rawOb.replace(' 27/', ` ${body}/`) }]
    const [far] = weather(tape(), 'metar', differs('28')).of('metar_obs')
    expect([far?.tempC, far?.qc, json(far)['qc_flags']]).toEqual([26.7, 'UNCERTAIN', ['BODY_DIFFERS']])
    expect(weather(tape(), 'metar', differs('26')).of('metar_obs')[0]?.qc).toBe('OK')
  })

  test('of a day that is over changes nothing of the day that runs', () => {
    // The origin is 17:13 in New York; 6:48 later it is midnight.
    const t = tape()
    t.now = 7 * 3600 * S
    metars(t, { minute: 7 * HOUR - 5, tempC: 10 })
    metars(t, { minute: 6 * HOUR, tempC: 30 })
    expect(json(t.of('features_1m').at(-1))).toMatchObject({ features: { env: { max_so_far_f: 50 } } })
    expect(json(t.of('nowcast_1m').at(-1))).toMatchObject({ target_date: '2023-11-15' })
    expect(t.of('metar_obs')).toHaveLength(2)
  })

  test('has the settlement day of its own station', () => {
    const t = tape()
    t.now = 3600 * S
    weather(t, 'metar', [metarElement({ minute: 50, tempC: 12, station: 'LEMD' })], { key: 'LEMD' })
    metars(t, { minute: 50, tempC: 11 })
    expect(t.of('nowcast_1m').map((record) => json(record)['target_date'])).toEqual(['2023-11-15', '2023-11-14'])
    expect(t.of('nowcast_1m').map(({ instrumentId }) => instrumentId)).toEqual([STATION_BASE + 1, STATION_BASE + 2])
  })

  test('of a station that nobody knows has the days that the log states, or those of New York', () => {
    const stated = weather(tape(), 'metar', [metarElement({ minute: -1, tempC: 12, station: 'ZZZZ' })], {
      key: 'ZZZZ',
      time_zone: 'Asia/Tokyo'
    })
    expect(json(stated.of('station')[0])['time_zone']).toBe('Asia/Tokyo')
    const wrong = weather(tape(), 'metar', [metarElement({ minute: -1, tempC: 12, station: 'ZZZZ' })], {
      key: 'ZZZZ',
      time_zone: 'Mars/Base'
    })
    expect(json(wrong.of('station')[0])['time_zone']).toBe('America/New_York')
  })
})

describe('personal stations', () => {
  test('become a cluster with median, deviation and outliers', () => {
    const t = weather(tape(), 'pws', pwsBody(-1, [20, 20.2, 20.4, 20.2, 35]))
    expect(t.of('pws_cluster')[0]).toMatchObject({ medianC: 20.2, medianF: 68.4, support: 4, qc: 'OK', exchTsMs: ORIGIN_MS - 60_000 })
    expect(t.of('pws_cluster')[0]?.madC).toBeCloseTo(0.1)
    expect(json(t.of('pws_cluster')[0])).toMatchObject({
      pws_ids: ['P1', 'P2', 'P3', 'P4'],
      outliers: [{ pws_id: 'P5', temp_c: 35 }],
      qc_flags: []
    })
  })

  test('add up over answers, and fall out after half an hour', () => {
    const t = weather(tape(), 'pws', pwsBody(-1, [20]))
    weather(t, 'pws', pwsBody(-1, [21], 2))
    weather(t, 'pws', pwsBody(-1, [22], 3))
    expect(t.of('pws_cluster').map(({ support, qc }) => [support, qc])).toEqual([
      [1, 'UNCERTAIN'],
      [2, 'UNCERTAIN'],
      [3, 'OK']
    ])
    t.now = 29.5 * 60 * S
    weather(t, 'pws', pwsBody(29, [23]))
    expect(t.of('pws_cluster').at(-1)).toMatchObject({ support: 1, medianC: 23 })
  })

  test('that say the same again are no news', () => {
    const t = weather(tape(), 'pws', pwsBody(-1, [20, 21, 22]))
    weather(t, 'pws', pwsBody(-1, [20, 21, 22]))
    expect(t.of('pws_cluster')).toHaveLength(1)
  })

  test('that cannot be are named and do not count', () => {
    const t = weather(tape(), 'pws', pwsBody(-1, [20, 20.1, 20.2, 99, null]))
    weather(t, 'pws', { observations: [{ stationID: 'Q', epoch: ORIGIN_MS / 1000 + 9999, metric: { temp: 20 } }] })
    expect(t.of('pws_cluster').map(({ support }) => support)).toEqual([3, 3])
    expect(t.of('pws_cluster').map((record) => json(record)['qc_flags'])).toEqual([
      ['TEMP_OUT_OF_BOUNDS:P4', 'NO_TEMPERATURE:P5'],
      ['TIME_IN_FUTURE:Q']
    ])
  })

  test('that all are wrong leave a cluster of none', () => {
    const [cluster] = weather(tape(), 'pws', pwsBody(-1, [99, 98])).of('pws_cluster')
    expect(cluster).toMatchObject({ support: 0, qc: 'UNCERTAIN' })
    expect([cluster?.medianC, cluster?.madF, cluster?.exchTsMs]).toEqual([undefined, undefined, undefined])
  })

  test('far from a report make it an outlier: the model leaves it out, and two windows open', () => {
    const t = metars(tape(), { minute: -70, tempC: 20 })
    weather(t, 'pws', pwsBody(-1, [20, 20.5, 21, 20.2]))
    metars(t, { minute: -5, tempC: 35 })
    expect(t.of('metar_obs').at(-1)?.qc).toBe('OUTLIER')
    expect(t.of('event_window').map(({ trigger, durationS }) => [trigger, durationS])).toEqual([
      ['METAR', 120],
      ['METAR', 120],
      ['QC_OUTLIER', 180]
    ])
    expect(json(t.of('features_1m').at(-1))).toMatchObject({ features: { qc: 'OUTLIER', env: { temp_f: 68, max_so_far_f: 68 } } })
    t.now = 60 * S
    metars(t, { minute: 0, tempC: 20.4 })
    expect(t.of('event_window').at(-1)).toMatchObject({ trigger: 'QC_CHANGE', text: 'The reports of KLGA were OUTLIER and are OK.' })
  })

  test('too few of them make a report uncertain, none at all do not', () => {
    expect(metars(tape(), { minute: -5, tempC: 20 }).of('metar_obs')[0]?.qc).toBe('OK')
    const t = metars(weather(tape(), 'pws', pwsBody(-1, [20, 20.5])), { minute: -5, tempC: 20 })
    expect(json(t.of('metar_obs')[0])['qc_flags']).toEqual(['LOW_SUPPORT'])
  })
})

describe('a forecast', () => {
  const rising = Array.from({ length: 72 }, (_, i) => 10 + (i % 24) / 2)

  test('is what nowcasts start from, and a changed one opens a window', () => {
    const t = weather(tape(), 'forecast', forecastBody(rising))
    expect(t.of('event_window')).toEqual([])
    expect(json(t.of('nowcast_1m')[0])).toMatchObject({ base_forecast_source: 'OPEN_METEO' })
    weather(t, 'forecast', forecastBody(rising))
    expect(t.of('event_window')).toEqual([])
    weather(t, 'forecast', forecastBody(rising.map((c) => c + 1)))
    expect(t.of('event_window').map(({ trigger, durationS }) => [trigger, durationS])).toEqual([['HRRR_UPDATE', 300]])
  })

  test('that is nothing, is not JSON or has no hours is refused or nothing', () => {
    for (const body of ['', '{', '<html></html>', '{"latitude":1}', JSON.stringify(forecastBody([]))]) {
      const t = weather(tape(), 'forecast', body)
      expect([body, t.of('frame_raw')[1]?.outcome]).toEqual([body, body === '' ? 'decoded' : 'rejected'])
    }
  })
})

describe('each minute', () => {
  test('features and nowcast of every station, as known at its end', () => {
    const t = metars(tape(), { minute: -10, tempC: 20 })
    t.ticksTo(161 * S)
    // The origin is 20 s into a minute.
    const minutes = t.of('nowcast_1m').map(({ minute }) => minute)
    const first = Math.floor(ORIGIN_MS / 60_000) * 60
    expect(minutes).toEqual([first, first, first + 60, first + 120])
    expect(t.of('features_1m').map(({ minute }) => minute)).toEqual(minutes)
    const [caused, ended] = t.of('nowcast_1m').map((record) => json(record) as unknown as { inputs: Record<string, unknown>[] })
    const report = t.of('metar_obs')[0]!
    const idOf = eventIdsOf('test')
    const eventId = idOf(report.shard, report.frameIdx, report.pos)
    expect(caused!.inputs[0]).toEqual({ event_id: eventId, ch: 'metar_obs', name: 'METAR', staleness_s: 600 })
    expect(ended!.inputs[0]).toEqual({ event_id: eventId, ch: 'metar_obs', name: 'METAR', staleness_s: 640 })
    const features = t.of('features_1m')[1]!
    expect(ended!.inputs.at(-1)).toEqual({
      event_id: idOf(features.shard, features.frameIdx, features.pos),
      ch: 'features_1m',
      name: 'FEATURES',
      staleness_s: 0
    })
  })

  test('every feature has its age, and what there is not is null', () => {
    const t = metars(tape(), { minute: -10, tempC: 20 })
    weather(t, 'pws', pwsBody(-2, [20, 21, 22]))
    t.ticksTo(41 * S)
    const { features, staleness } = json(t.of('features_1m').at(-1)) as unknown as {
      features: { env: Record<string, unknown> }
      staleness: Record<string, unknown>
    }
    expect(Object.keys(staleness)).toEqual(Object.keys(features.env))
    expect(features.env).toMatchObject({ temp_f: 68, pws_median_f: 69.8, pws_minus_report_f: 1.8, pws_support: 3, cloud_cover_pct: null })
    expect(staleness).toMatchObject({ temp_f: 640, pws_median_f: 160, cloud_cover_pct: null })
  })

  test('after a silence the minutes in between stay empty', () => {
    const t = metars(tape(), { minute: -10, tempC: 20 })
    t.now = 600 * S
    t.note({ note: 'tick' }).ticksTo(641 * S)
    expect(t.of('nowcast_1m')).toHaveLength(2)
  })

  test('a run without weather has none of it', () => {
    const t = tape().ticksTo(200 * S)
    expect([t.of('nowcast_1m'), t.of('features_1m'), t.of('station')]).toEqual([[], [], []])
  })
})

describe('answers that are not what they should be', () => {
  test.each(['{', '<html>busy</html>', 'nonsense', '{"error":"x"}', '[{}]', '[{"icaoId":"KLGA"}]', '[1,null,"x"]'])('METAR: %s', (body) => {
    const t = weather(tape(), 'metar', body)
    expect(t.of('frame_raw')[1]?.outcome).toBe('rejected')
    expect(t.integrity()).toEqual(['MALFORMED_FRAME undecodable 0'])
    expect(t.tape.malformed).toBe(1)
    expect(metars(t, { minute: -5, tempC: 20 }).of('metar_obs')).toHaveLength(1)
  })

  test.each(['', '[]'])('nothing at all (%s) is no fault', (body) => {
    const t = weather(tape(), 'metar', body)
    expect([t.of('frame_raw')[1]?.outcome, t.integrity()]).toEqual(['decoded', []])
  })

  test('what can be read of a half-broken answer is taken, and the rest is told', () => {
    const t = weather(tape(), 'metar', [metarElement({ minute: -5, tempC: 20 }), { icaoId: 'KLGA', rawOb: 'x' }, 7])
    expect(t.of('metar_obs')).toHaveLength(1)
    expect(t.of('integrity').at(-1)).toMatchObject({ kind: 'MALFORMED_FRAME', instrumentId: 0 })
    expect(t.of('integrity').at(-1)?.text).toMatch(/^2 of the reports/)
    expect([t.of('frame_raw')[1]?.outcome, t.tape.world.rejected]).toEqual(['decoded', 2])
  })

  test('readings that have expired are no fault', () => {
    expect(weather(tape(), 'pws', '{"errors":[{"error":{"code":"Data Expired"}}]}').integrity()).toEqual([])
  })

  test('an answer that says of no station, of an unknown kind or one too many is refused, not taken', () => {
    expect(weather(tape(), 'pws', pwsBody(-1, [20]), { key: '' }).of('frame_raw')[1]?.outcome).toBe('rejected')
    expect(weather(tape(), 'pws', pwsBody(-1, [20]), { key: 'a b' }).of('frame_raw')[1]?.outcome).toBe('rejected')
    expect(weather(tape(), 'metar', '[]', { kind: 'taf' }).of('frame_raw')[1]?.outcome).toBe('unknown')
    const t = tape()
    for (let i = 0; i < 260; i++) {
      const station = `K${String(i).padStart(3, '0')}`
      weather(t, 'metar', [metarElement({ minute: -5, tempC: 20, station })], { key: station })
    }
    expect([t.of('station').length, t.of('metar_obs').length, t.tape.world.stations.length]).toEqual([256, 256, 256])
    expect(t.of('frame_raw').at(-1)?.outcome).toBe('rejected')
    expect(t.of('integrity').at(-1)?.kind).toBe('MALFORMED_FRAME')
  })

  test('reports of a station that was not asked about are refused and counted, those of the other are taken', () => {
    const other = metarElement({ minute: -5, tempC: 30, station: 'KJFK' })
    const t = weather(tape(), 'metar', [other, metarElement({ minute: -5, tempC: 20 })])
    expect(t.of('metar_obs').map(({ tempC }) => tempC)).toEqual([20])
    expect(t.of('station')).toHaveLength(1)
    expect([t.of('frame_raw').at(-1)?.outcome, t.tape.world.rejected]).toEqual(['decoded', 1])
    expect(t.of('integrity').at(-1)?.text).toContain('other_station')
    weather(t, 'metar', [other])
    expect([t.of('frame_raw').at(-1)?.outcome, t.tape.world.rejected, t.tape.malformed]).toEqual(['rejected', 2, 1])
  })

  test('an answer that was announced and did not come is nothing', () => {
    const t = tape().note({ note: 'rest', venue: 'weather', kind: 'metar', key: 'KLGA', status: 503, body: false, error: 'busy' })
    expect([t.integrity(), t.of('station')]).toEqual([[], []])
  })
})

test('weather and books do not disturb each other: a book that was asked for stays asked for', () => {
  const t = new TestTape('binance').note({ note: 'conn_open', venue: 'binance', url: '', streams: ['abc@depth'] })
  t.now = 5 * MS
  metars(t, { minute: -5, tempC: 20 })
  expect(t.of('station')[0]?.instrumentId).toBe(STATION_BASE + 1)
  expect(t.of('instrument')[0]?.instrumentId).toBe(1)
})
