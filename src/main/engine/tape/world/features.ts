import type { FeatureName } from '../../../../shared/channels/index.ts'
import { fahrenheit1 } from '../../../../shared/world/index.ts'
import { ageS, dayOf } from './outlook.ts'
import type { StationState } from './stationState.ts'
import { upstreamOf } from './upstream.ts'
import { zoneNamed } from './zones.ts'

const HOUR_MS = 3600_000

type Values = Readonly<Partial<Record<FeatureName, number | string | undefined>>>

/** Features of a station at an instant, and how many seconds old each of them is; null where there is none. */
export interface Features {
  readonly features: { readonly env: Readonly<Record<string, number | string | null>>; readonly qc: string }
  readonly staleness: Readonly<Record<string, number | null>>
}

/** Only what was known at that instant goes in. @param all stations of the run, this one among them */
export function featuresOf(station: StationState, all: readonly StationState[], nowMs: number): Features {
  const { report, cluster, forecast } = station
  const env: Record<string, number | string | null> = {}
  const staleness: Record<string, number | null> = {}
  const add = (values: Values, sinceMs: number | undefined): void => {
    for (const [name, value] of Object.entries(values)) {
      env[name] = value ?? null
      staleness[name] = value === undefined || sinceMs === undefined ? null : ageS(nowMs, sinceMs)
    }
  }
  add(fromReport(station), report?.observation.obsTimeMs)
  add(fromDay(station, nowMs), dayOf(station, zoneNamed(station.timeZone).at(nowMs).date).last?.obsTimeMs)
  add(fromCluster(station), cluster?.newestMs)
  const upstream = upstreamOf(station, all, nowMs)
  add({ upstream_delta_f: rounded2(upstream?.deltaF), upstream_stations: upstream?.stations }, upstream?.sinceMs)
  add(fromForecast(station, nowMs), forecast?.receivedMs)
  // No source of ours tells of the sea or of haze; the names are those that a source would fill.
  add({ sst_f: undefined, aod: undefined }, undefined)
  return { features: { env, qc: station.qc }, staleness }
}

function fromReport({ report }: StationState): Values {
  const said = report?.observation
  return {
    temp_f: report?.tempF,
    dewpoint_f: said?.dewpointC === undefined ? undefined : fahrenheit1(said.dewpointC),
    wind_dir: said?.windDirDeg,
    wind_speed_kt: said?.windSpeedKt,
    gust_kt: said?.gustKt,
    visibility_mi: said?.visibilityMi,
    altimeter_hpa: said?.altimeterHpa,
    sky: said === undefined ? undefined : (said.sky.at(-1)?.cover ?? 'CLR')
  }
}

function fromDay(station: StationState, nowMs: number): Values {
  const day = dayOf(station, zoneNamed(station.timeZone).at(nowMs).date)
  return { max_so_far_f: day.maxF, trend_f_per_h: rounded2(day.trendF), bias_f: rounded2(day.biasF) }
}

function fromCluster({ cluster, report }: StationState): Values {
  const medianF = cluster === undefined ? undefined : fahrenheit1(cluster.medianC)
  return {
    pws_median_f: medianF,
    pws_support: cluster?.support,
    pws_minus_report_f: medianF === undefined || report === undefined ? undefined : rounded2(medianF - report.tempF)
  }
}

/** The hour of the forecast that is running; radiation is the mean of the hour before its time, so that of the next hour counts. */
function fromForecast({ forecast }: StationState, nowMs: number): Values {
  const hour = forecast?.hours.findLast(({ timeMs }) => timeMs <= nowMs && nowMs - timeMs < HOUR_MS)
  const next = forecast?.hours.find(({ timeMs }) => timeMs > nowMs && timeMs - nowMs <= HOUR_MS)
  return {
    forecast_temp_f: hour?.temperatureC === undefined ? undefined : fahrenheit1(hour.temperatureC),
    cloud_cover_pct: hour?.cloudCoverPct,
    shortwave_wm2: next?.shortwaveWm2,
    forecast_wind_kmh: hour?.windSpeedKmh,
    forecast_wind_dir: hour?.windDirDeg
  }
}

function rounded2(x: number | undefined): number | undefined {
  return x === undefined ? undefined : Math.round(x * 100) / 100 + 0
}
