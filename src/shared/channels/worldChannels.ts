import { defineChannel, type RecordOf } from './channel.ts'
import { bool, f64, i64, inJson, jsonText, oneOf, optional, text, u32 } from './fields.ts'
import { FEATURE_MEMBERS, METAR_MEMBERS, NOWCAST_MEMBERS, PWS_MEMBERS, STATION_MEMBERS } from './worldMembers.ts'

/** Numbers of stations in a record's header start behind this one; those of instruments stay below. */
export const STATION_BASE = 0x8000_0000

/** How far an observation is trusted. `SEVERE`: it cannot be; `OUTLIER`: it does not fit its neighbours; both are recorded and left out of the model. */
export const QC_STATES = ['OK', 'UNCERTAIN', 'OUTLIER', 'SEVERE'] as const
export type QcState = (typeof QC_STATES)[number]

/** What opens an event window. */
export const WINDOW_TRIGGERS = [
  'METAR',
  'QC_OUTLIER',
  'QC_CHANGE',
  'MID_SHOCK',
  'SPREAD_REGIME',
  'DEPTH_CLIFF',
  'HRRR_UPDATE',
  'MANUAL'
] as const
export type WindowTrigger = (typeof WINDOW_TRIGGERS)[number]

export const station = defineChannel({
  name: 'station',
  version: 1,
  wireId: 13,
  scope: 'tape',
  doc: 'Announces a weather station and its number in this run, 2147483648 plus 1, 2, … in the order of meeting, and again when its facts change. Comes before any record that uses the number.',
  fields: {
    lat: optional(f64('lat', 'latitude, north positive', 'degrees')),
    lon: optional(f64('lon', 'longitude, east positive', 'degrees'))
  },
  tail: jsonText('facts', 'JSON: {"station_id","name","time_zone"}, absent facts left out', STATION_MEMBERS)
})

export const metarObs = defineChannel({
  name: 'metar_obs',
  version: 1,
  wireId: 14,
  scope: 'tape',
  doc: 'One report of an airport station, once for each text that came; a correction is a report of its own.',
  fields: {
    tempC: optional(f64('temp_c', 'air temperature', '°C')),
    dewpointC: optional(f64('dewpoint_c', 'dew point', '°C')),
    tempF: optional(f64('temp_f', 'air temperature, °C × 1.8 + 32 rounded half up to one decimal', '°F')),
    tempAligned: optional(i64('temp_aligned', 'as the judge rounds, once and from the exact value: floor(°C × 1.8 + 32 + 0.5)', '°F')),
    tempSource: oneOf('temp_source', ['none', 't_group', 'body'] as const, 'T group: tenths of a degree; body: whole degrees Celsius'),
    tempFLow: optional(f64('temp_f_low', 'body only: lowest temperature that reads as this whole degree', '°F')),
    tempFHigh: optional(f64('temp_f_high', 'body only: the end of that interval, itself not in it', '°F')),
    windDirDeg: optional(f64('wind_dir', 'direction from which the wind comes; absent when variable', 'degrees')),
    windSpeedKt: optional(inJson(f64('wind_speed_kt', 'wind speed', 'kt'), 'wind_speed')),
    gustKt: optional(f64('gust_kt', 'gusts', 'kt')),
    kind: oneOf('kind', ['METAR', 'SPECI'] as const, 'routine or special report'),
    corrected: bool('corrected', 'the station corrects an earlier report'),
    qc: oneOf('qc', QC_STATES, 'how far it is trusted'),
    exchTsMs: i64('obs_ts_ms', 'time of the observation, as the report states it', 'ms since the Unix epoch')
  },
  tail: jsonText(
    'report',
    'JSON: {"src":"METAR","raw","body_temp_c","body_temp_aligned" (whole degrees of the body, and the judge’s °F of them),"sky","qc_flags",…}',
    METAR_MEMBERS
  )
})

export const pwsCluster = defineChannel({
  name: 'pws_cluster',
  version: 1,
  wireId: 15,
  scope: 'tape',
  doc: 'What the personal weather stations around a station say together, at each answer about them.',
  fields: {
    medianC: optional(f64('median_c', 'median temperature of the readings that count', '°C')),
    madC: optional(f64('mad_c', 'median of the absolute deviations from it, not scaled', '°C')),
    medianF: optional(f64('median_f', 'the same median', '°F')),
    madF: optional(f64('mad_f', 'the same deviation', '°F')),
    support: u32('support', 'readings that count', 'stations'),
    qc: oneOf('qc', QC_STATES, 'UNCERTAIN below three readings'),
    exchTsMs: optional(i64('obs_ts_ms', 'time of the newest reading that counts', 'ms since the Unix epoch'))
  },
  tail: jsonText('members', 'JSON: {"pws_ids" (first 10),"readings","outliers","qc_flags"}', PWS_MEMBERS)
})

export const features1m = defineChannel({
  name: 'features_1m',
  version: 1,
  wireId: 16,
  scope: 'tape',
  doc: 'What is known of the weather at a station at the end of each minute of receive time, and again with each of its reports; every feature with its age.',
  fields: {
    minute: i64('minute', 'start of the minute, Unix time', 's'),
    qc: oneOf('qc', QC_STATES, 'state of the station')
  },
  tail: jsonText('features', 'JSON: {"features":{…},"staleness":{name: seconds or null}}', FEATURE_MEMBERS)
})

export const nowcast1m = defineChannel({
  name: 'nowcast_1m',
  version: 1,
  wireId: 17,
  scope: 'tape',
  doc: 'What the baseline model, or an outside one, expects of the day’s highest temperature, at the end of each minute and with each report.',
  fields: {
    minute: i64('minute', 'start of the minute, Unix time', 's'),
    tmaxMeanF: f64('tmax_mean_f', 'expected highest temperature of the settlement day', '°F'),
    tmaxSigmaF: f64('tmax_sigma_f', 'standard deviation of it', '°F'),
    confidence: f64('confidence', 'in [0.1, 1]'),
    qc: oneOf('qc', QC_STATES, 'state of the station'),
    model: oneOf('model', ['baseline', 'external'] as const, 'whose nowcast it is')
  },
  tail: jsonText('nowcast', 'JSON: the whole nowcast with buckets, hours of the peak, explanations and the inputs it used', NOWCAST_MEMBERS)
})

export const eventWindow = defineChannel({
  name: 'event_window',
  version: 1,
  wireId: 18,
  scope: 'tape',
  doc: 'A stretch of time in which something happened, from its START to its END. Several may be open at once.',
  fields: {
    action: oneOf('action', ['START', 'END'] as const, 'first or last event of the window'),
    trigger: oneOf('trigger', WINDOW_TRIGGERS, 'what opened it'),
    durationS: u32('duration_s', 'how long it is meant to last', 's'),
    startRelNs: i64('start_rel_ns', 'receive time of its START, ns since the origin of the run', 'ns'),
    causeShard: u32('cause_shard', 'shard of its START', 'shard'),
    causeFrameIdx: u32('cause_frame_idx', 'frame of its START', 'frame'),
    causePos: u32('cause_pos', 'position of its START among the events of that frame', 'position')
  },
  tail: text('reason', 'one plain sentence')
})

export type Station = RecordOf<typeof station>
export type MetarObs = RecordOf<typeof metarObs>
export type PwsCluster = RecordOf<typeof pwsCluster>
export type Features1m = RecordOf<typeof features1m>
export type Nowcast1m = RecordOf<typeof nowcast1m>
export type EventWindow = RecordOf<typeof eventWindow>
