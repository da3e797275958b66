import type { QcState } from '../../../shared/channels/index.ts'

/** How alive a source is. */
export type SourceStatus = 'OK' | 'STALE' | 'DEAD' | 'NO_DATA'

/** Hourly forecast of one settlement day. */
export interface BaseForecast {
  /** °F at each hour of the day, 24 of them. */
  readonly hourlyF: readonly number[]
  readonly maxF: number
  /** First hour of the highest temperature. */
  readonly peakHour: number
  readonly source: string
  /** Received at this instant, Unix ms; valid for six hours from then on. */
  readonly receivedMs: number
}

/** What the reports of one settlement day have taught. */
export interface DayState {
  /** `YYYY-MM-DD` in the station's time zone. */
  readonly date: string
  readonly observations: number
  /** Highest temperature so far, as the judge rounds and as reported, °F. */
  readonly maxAlignedF: number | undefined
  readonly maxF: number | undefined
  /** Observed minus forecast, smoothed, °F. */
  readonly biasF: number | undefined
  /** °F an hour, smoothed. */
  readonly trendF: number | undefined
  readonly last: { readonly tempF: number; readonly obsTimeMs: number } | undefined
  /** Temperatures by time of observation, oldest first: a correction replaces what it corrects. */
  readonly temps: readonly { readonly obsTimeMs: number; readonly tempF: number; readonly alignedF: number }[]
}

/** The personal stations around the station, at their newest. */
export interface PwsInput {
  readonly medianF: number
  /** Age of the newest reading, s. */
  readonly ageS: number
  readonly support: number
  /** Cluster minus the station's own report when both were last seen together, °C; 0 when they never were. */
  readonly driftC: number
  /** Where the readings come from, as shares of 1. All zero: none of these. */
  readonly shares: { readonly synoptic: number; readonly madis: number; readonly openMeteo: number }
}

/** Everything the model may look at: known at that instant and nothing later. */
export interface NowcastInput {
  /** Unix ms. */
  readonly nowMs: number
  readonly stationId: string
  /** Day of `nowMs` in the station's time zone, and hours since its midnight. */
  readonly date: string
  readonly hour: number
  /** Hours that New York and Madrid are ahead of the station's clock. */
  readonly newYorkAhead: number
  readonly madridAhead: number
  readonly day: DayState
  /** The newest report, which may be of the day before; age in s. */
  readonly metar: { readonly tempF: number; readonly ageS: number } | undefined
  readonly qc: QcState
  readonly base: BaseForecast | undefined
  readonly pws: PwsInput | undefined
  readonly sources: readonly { readonly name: string; readonly status: SourceStatus }[]
}

/** One reason behind a number, °F. */
export interface Explanation {
  readonly factor: string
  readonly contribution_f: number
  readonly description: string
}
