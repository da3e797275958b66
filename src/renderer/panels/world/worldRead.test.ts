import { expect, test } from 'vitest'
import type { AgedEvent, ModelNowcast, StationInputs } from '../../../shared/api/index.ts'
import { clusterOf, featuresOf, nowcastOf, reportOf } from './worldRead.ts'
import { bodyText, sourceText } from './worldText.ts'

const event = (ch: string, data: object, change: object = {}, ageS = 3): AgedEvent => ({
  event: { ch, event_id: `${ch}-1`, ts_ingest_utc: '2023-11-14T22:13:25.123456Z', data, ...change },
  ageS
})
const report = event(
  'metar_obs',
  {
    temp_c: 29,
    temp_f: 84.2,
    temp_aligned: 84,
    temp_source: 'body',
    temp_f_low: 83.3,
    temp_f_high: 85.1,
    kind: 'METAR',
    corrected: false,
    qc: 'OK',
    src: 'METAR',
    raw: 'METAR KLGA 142151Z 29/19',
    body_temp_c: 29,
    body_temp_aligned: 84,
    qc_flags: ['LOW_SUPPORT']
  },
  { obs_time_utc: '2023-11-14T21:51:00.000Z' }
)
const nowcastSaying = (data: object): ModelNowcast => ({ model: 'x', correlationId: '', nowcast: event('nowcast_1m', data), inputs: [] })
const baseline = nowcastSaying({
  tmax_mean_f: 86.4,
  tmax_sigma_f: 2,
  confidence: 0.85,
  model: 'baseline',
  target_date: '2023-11-14',
  confidence_factors: ['wide −0.10'],
  p_bucket: [{ label: '86-87', probability: 0.4, is_impossible: false }]
})
const station: StationInputs = {
  stationId: 'KLGA',
  observations: [
    report,
    event('pws_cluster', {
      support: 4,
      qc: 'OK',
      median_f: 84,
      mad_f: 0.4,
      outliers: [{ pws_id: 'P9', temp_c: 40, score: 12.3 }]
    })
  ],
  features: event('features_1m', {
    features: { env: { gust_kt: null, temp_f: 84.2 } },
    staleness: { temp_f: 60, gust_kt: null }
  }),
  nowcasts: [baseline]
}

test('a report says its words, its temperature and from which part that is', () => {
  expect(reportOf(station)).toMatchObject({
    raw: 'METAR KLGA 142151Z 29/19',
    alignedF: 84,
    source: 'body',
    bodyC: 29,
    bodyAlignedF: 84,
    flags: ['LOW_SUPPORT'],
    ageS: 3
  })
  expect(sourceText(reportOf(station)!)).toBe('body, whole degrees: anything from 83.3 up to 85.1 °F')
})

test('the body is told beside the tenths, and whether it would count as another number', () => {
  expect(bodyText({ bodyC: 29, bodyAlignedF: 84, alignedF: 85 })).toBe('29 °C, would count as 84 °F: another number')
  expect(bodyText({ bodyC: 29, bodyAlignedF: 84, alignedF: 84 })).toBe('29 °C, would count as 84 °F')
})

test('a cluster names the stations that do not fit', () => {
  expect(clusterOf(station)).toMatchObject({ support: 4, outliers: [{ id: 'P9', tempC: 40, score: 12.3 }] })
})

test('features grow older with the playhead, and those without a value come last', () => {
  expect(featuresOf(station)).toEqual([
    { name: 'temp_f', value: '84.2', stalenessS: 63 },
    { name: 'gust_kt', value: '', stalenessS: undefined }
  ])
})

test('a nowcast gives brackets and the reasons of its confidence', () => {
  expect(nowcastOf(baseline)).toMatchObject({
    meanF: 86.4,
    factors: ['wide −0.10'],
    buckets: [{ label: '86-87', share: 0.4, impossible: false }]
  })
})

test('what a stranger’s model writes is read as far as it can be', () => {
  const strange = nowcastSaying({ nowcast: '{"p_bucket":[null,{"label":7}],"confidence_factors":3' })
  expect(nowcastOf(strange)).toMatchObject({ buckets: [], factors: [] })
  const half = nowcastSaying({ nowcast: '{"p_bucket":[null,{"label":7,"probability":9}]}' })
  expect(nowcastOf(half).buckets).toEqual([{ label: '', share: 1, impossible: false }])
  expect(nowcastOf({ ...strange, nowcast: { event: {}, ageS: 0 } }).date).toBe('')
})
