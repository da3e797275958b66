import type { ReportView } from './worldRead.ts'

/** A temperature with one decimal; a dash for none. */
export function degrees(value: number | undefined, unit: 'C' | 'F'): string {
  return value === undefined || Number.isNaN(value) ? '–' : `${value.toFixed(1)} °${unit}`
}

/** Which part of the report the temperature is from, and how exact that makes it. */
export function sourceText({ source, lowF, highF }: Pick<ReportView, 'source' | 'lowF' | 'highF'>): string {
  if (source === 't_group') return 'T group of the remarks: tenths of a degree'
  if (source === 'none') return 'the report gives no temperature'
  const between = lowF === undefined || highF === undefined ? '' : `: anything from ${lowF.toFixed(1)} up to ${highF.toFixed(1)} °F`
  return `body, whole degrees${between}`
}

/** What the whole degrees of the body alone would count as: in half of the reports another number than the tenths. */
export function bodyText({ bodyC, bodyAlignedF, alignedF }: Pick<ReportView, 'bodyC' | 'bodyAlignedF' | 'alignedF'>): string {
  if (bodyC === undefined) return '–'
  const counts = bodyAlignedF === undefined ? '' : `, would count as ${bodyAlignedF} °F`
  return `${bodyC} °C${counts}${bodyAlignedF === alignedF ? '' : ': another number'}`
}

const FEATURES: Readonly<Record<string, readonly [string, string]>> = {
  temp_f: ['Temperature', '°F'],
  dewpoint_f: ['Dew point', '°F'],
  wind_dir: ['Wind from', '°'],
  wind_speed_kt: ['Wind', 'kt'],
  gust_kt: ['Gusts', 'kt'],
  visibility_mi: ['Visibility', 'mi'],
  altimeter_hpa: ['Pressure', 'hPa'],
  sky: ['Sky', ''],
  max_so_far_f: ['Maximum so far', '°F'],
  trend_f_per_h: ['Trend', '°F/h'],
  bias_f: ['Report minus forecast', '°F'],
  pws_median_f: ['Private stations', '°F'],
  pws_support: ['Private stations used', ''],
  pws_minus_report_f: ['Private minus report', '°F'],
  upstream_delta_f: ['Upwind minus here', '°F'],
  upstream_stations: ['Upwind stations used', ''],
  sst_f: ['Sea surface', '°F'],
  aod: ['Haze (optical depth)', ''],
  forecast_temp_f: ['Forecast', '°F'],
  cloud_cover_pct: ['Clouds', '%'],
  shortwave_wm2: ['Sunlight', 'W/m²'],
  forecast_wind_kmh: ['Forecast wind', 'km/h'],
  forecast_wind_dir: ['Forecast wind from', '°']
}

/** A feature for people: its name and its unit. One that is not known here keeps its own name. */
export function featureText(name: string): { readonly label: string; readonly unit: string } {
  const [label, unit] = FEATURES[name] ?? [name, '']
  return { label, unit }
}

/** Older than this a value is shown as stale, s. Reports come once an hour, so theirs is a little more. */
export function isStale(name: string, ageS: number): boolean {
  if (name.startsWith('forecast') || name === 'cloud_cover_pct' || name === 'shortwave_wm2') return ageS > 6 * 3600
  return ageS > (name.startsWith('pws') ? 30 * 60 : 75 * 60)
}

const INPUTS: Readonly<Record<string, string>> = {
  METAR: 'Airport report',
  PWS: 'Private stations',
  FORECAST: 'Forecast',
  FEATURES: 'Features'
}

export function inputText(name: string): string {
  return INPUTS[name] ?? name
}
