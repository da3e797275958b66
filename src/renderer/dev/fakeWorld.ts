import type { AgedEvent, PlayheadInputs, RunMarks } from '../../shared/api/index.ts'
import { WINDOW_TRIGGERS } from '../../shared/channels/index.ts'
import { seededRandom } from './fakeMarket.ts'

const MINUTE_NS = 60e9

/** Reports every five minutes with their windows, and a crowd of market windows. */
export function fakeMarks(seconds: number): RunMarks {
  const random = seededRandom(3)
  const endRelNs = seconds * 1e9
  const metar = Array.from({ length: Math.floor(seconds / 300) }, (_, i) => (i + 0.4) * 5 * MINUTE_NS)
  const crowd = Array.from({ length: 120 }, () => {
    const fromRelNs = Math.round(random() * endRelNs)
    const trigger = WINDOW_TRIGGERS[1 + Math.floor(random() * 7)] ?? 'MANUAL'
    const own = {
      fromRelNs,
      trigger,
      instrumentId: trigger === 'MANUAL' ? 0 : 1,
      reason: 'The mid went from 0.645 to 0.585 within a second, by 6 ticks.'
    }
    return fromRelNs + MINUTE_NS < endRelNs ? { ...own, toRelNs: fromRelNs + MINUTE_NS } : own
  })
  const reports = metar.map((fromRelNs) => ({
    fromRelNs,
    toRelNs: fromRelNs + 2 * MINUTE_NS,
    trigger: 'METAR' as const,
    instrumentId: 2_147_483_649,
    stationId: 'KLGA',
    reason: 'METAR of KLGA: 21.1 °C.'
  }))
  const windows = [...crowd, ...reports].toSorted((a, b) => a.fromRelNs - b.fromRelNs)
  return {
    metar,
    windows,
    shocks: windows.filter((one) => one.trigger === 'MID_SHOCK').map((one) => one.fromRelNs),
    gaps: [300.5e9, 900.5e9, 1500.5e9],
    leftOut: 0
  }
}

/** What a station knew, the same at every instant. */
export function fakeInputs(relNs: number): PlayheadInputs {
  const event = (ch: string, data: object, ageS: number): AgedEvent => ({
    event: { ch, event_id: `${ch}-7`, obs_time_utc: '2024-08-08T23:51:00.000Z', ts_ingest_utc: '2024-08-08T23:54:20.000000Z', data },
    ageS
  })
  const raw = 'METAR KLGA 082351Z 33012KT 10SM BKN027 21/19 A2997 RMK AO2 SLP149 T02110194'
  const read = { temp_c: 21.1, temp_f: 70, temp_aligned: 70, temp_source: 't_group', kind: 'METAR', corrected: false, qc: 'OK' }
  const metar = { ...read, src: 'METAR', raw, body_temp_c: 21, body_temp_aligned: 70, qc_flags: [] }
  const outliers = [{ pws_id: 'KLGAP12', temp_c: 30.1, score: 22.4 }]
  const buckets = [0.013, 0.072, 0.284, 0.414, 0.174, 0.036, 0.006].map((probability, i) => ({
    label: `${86 + 2 * i}-${87 + 2 * i}`,
    probability,
    is_impossible: false
  }))
  const nowcast = {
    target_date: '2024-08-08',
    p_bucket: buckets,
    confidence_factors: ['stale sources −0.05', 'late in the day +0.10']
  }
  const features = {
    features: { env: { temp_f: 70, wind_speed_kt: 12, forecast_temp_f: 71.4, gust_kt: null } },
    staleness: { temp_f: 5000, wind_speed_kt: 312, forecast_temp_f: 1800, gust_kt: null }
  }
  return {
    relNs,
    stations: [
      {
        stationId: 'KLGA',
        nowcasts: [
          {
            model: 'baseline',
            correlationId: 'dc306927-b27e-5fff-91d4-07983836ae2d',
            nowcast: event('nowcast_1m', { tmax_mean_f: 92.1, tmax_sigma_f: 2, confidence: 0.85, model: 'baseline', ...nowcast }, 12),
            inputs: [
              { eventId: 'metar_obs-7', ch: 'metar_obs', name: 'METAR', recvRelNs: relNs - 300e9, stalenessS: 300, atPlayheadS: 312 },
              { eventId: '', ch: 'frame_raw', name: 'FORECAST', recvRelNs: relNs - 1811e9, stalenessS: 1800, atPlayheadS: 1812 }
            ]
          },
          {
            model: 'external',
            correlationId: '0a4ff4a5-3a52-5d8e-9a57-7a0a4b8a1c55',
            nowcast: event('nowcast_1m', { tmax_mean_f: 90.4, tmax_sigma_f: 1.2, confidence: 0.7, model: 'external' }, 45),
            inputs: []
          }
        ],
        features: event('features_1m', features, 12),
        observations: [
          event('metar_obs', metar, 300),
          event('pws_cluster', { median_f: 70.4, mad_f: 0.36, support: 8, qc: 'OK', outliers }, 40)
        ]
      }
    ]
  }
}
