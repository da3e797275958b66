import { member, type Member, type MemberType } from './members.ts'

export const STATION_MEMBERS: readonly Member[] = [
  member('name', 'text', 'name of the station'),
  member('time_zone', 'text', 'its time zone, which has the settlement day')
]

export const METAR_MEMBERS: readonly Member[] = [
  member('src', 'text', '`METAR`'),
  member('raw', 'text', 'the report as it was sent'),
  member('body_temp_c', 'number', 'whole degrees of the body, °C'),
  member('body_temp_aligned', 'integer', 'the judge’s °F of them'),
  member('sky', { list: { object: { cover: 'text', baseFt: 'number' } } }, 'layers of cloud, lowest first; base in feet'),
  member('visibility_mi', 'number', 'visibility, miles'),
  member('altimeter_hpa', 'number', 'pressure, hPa'),
  member('qc_flags', { list: 'text' }, 'reasons behind `qc`')
]

const READING = { pws_id: 'text', temp_c: 'number', obs_ts_ms: 'integer' } as const

export const PWS_MEMBERS: readonly Member[] = [
  member('pws_ids', { list: 'text' }, 'stations that count, the first 10'),
  member('readings', { list: { object: READING } }, 'readings that count, the first 50'),
  member('outliers', { list: { object: { ...READING, score: 'number' } } }, 'readings that do not count, the first 50'),
  member('qc_flags', { list: 'text' }, 'reasons behind `qc`, and what was left out')
]

/** Every feature of a minute, in the order in which it is written. */
export const FEATURES = [
  ['temp_f', 'number', 'temperature of the newest report, °F'],
  ['dewpoint_f', 'number', 'its dew point, °F'],
  ['wind_dir', 'number', 'its wind, degrees'],
  ['wind_speed_kt', 'number', 'its wind, kt'],
  ['gust_kt', 'number', 'its gusts, kt'],
  ['visibility_mi', 'number', 'its visibility, miles'],
  ['altimeter_hpa', 'number', 'its pressure, hPa'],
  ['sky', 'text', 'its highest layer of cloud; `CLR` without one'],
  ['max_so_far_f', 'number', 'highest temperature of the settlement day so far, °F'],
  ['trend_f_per_h', 'number', 'trend of the reports, °F an hour'],
  ['bias_f', 'number', 'reports minus forecast, smoothed, °F'],
  ['pws_median_f', 'number', 'median of the personal stations, °F'],
  ['pws_support', 'integer', 'personal stations in it'],
  ['pws_minus_report_f', 'number', 'that median minus the report, °F'],
  ['upstream_delta_f', 'number', 'stations upwind minus this one, °F'],
  ['upstream_stations', 'integer', 'how many they are'],
  ['forecast_temp_f', 'number', 'forecast of the hour, °F'],
  ['cloud_cover_pct', 'number', 'forecast cloud cover, %'],
  ['shortwave_wm2', 'number', 'forecast radiation of the sun, W/m²'],
  ['forecast_wind_kmh', 'number', 'forecast wind, km/h'],
  ['forecast_wind_dir', 'number', 'forecast wind, degrees'],
  ['sst_f', 'number', 'temperature of the sea, °F; no source tells it'],
  ['aod', 'number', 'haze; no source tells it']
] as const satisfies readonly (readonly [string, MemberType, string])[]

export type FeatureName = (typeof FEATURES)[number][0]

export const FEATURE_MEMBERS: readonly Member[] = [
  ...FEATURES.map(([name, type, doc]) => member(name, type, doc, ['features', 'env', name])),
  ...FEATURES.map(([name]) => member(`staleness_${name}`, 'integer', `age of \`${name}\`, s`, ['staleness', name]))
]

export const NOWCAST_MEMBERS: readonly Member[] = [
  member('target_date', 'date', 'settlement day'),
  member(
    'p_bucket',
    { list: { object: { label: 'text', probability: 'number', is_impossible: 'boolean' } } },
    'brackets of the highest temperature'
  ),
  member('p_ge_strike', { byName: 'number' }, 'probability that the day gets at least so warm, by °F'),
  member(
    't_peak_bins',
    {
      list: {
        object: {
          label: 'text',
          label_nyc: 'text',
          label_es: 'text',
          label_short: 'text',
          bin_start_hour_nyc: 'number',
          bin_end_hour_nyc: 'number',
          probability: 'number'
        }
      }
    },
    'hours of the peak'
  ),
  member('t_peak_expected_hour', 'number', 'middle of the likeliest of them, on the station’s clock'),
  member('nowcast_market_id', 'text', 'the market that it is about, where an outside model says one', ['market_id']),
  member('bias_f', 'number', 'what the reports had over the forecast, as used, °F'),
  member('base_forecast_source', 'text', 'where it started from'),
  member('confidence_factors', { list: 'text' }, 'what made up the confidence'),
  member('explanations', { list: { object: { factor: 'text', contribution_f: 'number', description: 'text' } } }, 'what made up the mean'),
  member('inputs_used', { list: 'text' }, 'sources that it used'),
  member(
    'inputs',
    { list: { object: { event_id: 'text', correlation_id: 'text', ch: 'text', name: 'text', staleness_s: 'number' } } },
    'events that it used, and their ages'
  )
]
