/** What the weather services said, in one form. Instants are Unix milliseconds, UTC; a field that the source left out is absent. */

/** An airport report. Temperatures in °C, winds in knots, visibility in statute miles, pressure in hPa, heights in feet above ground. */
export interface MetarObservation {
  readonly stationId: string
  readonly obsTimeMs: number
  readonly kind: 'METAR' | 'SPECI'
  /** The report says that it corrects an earlier one (COR). */
  readonly corrected: boolean
  /** The report as it was sent, line breaks as spaces, without the closing `=`. */
  readonly raw: string
  readonly tempC?: number
  readonly dewpointC?: number
  /** `t_group`: tenths from the remarks; `body`: whole degrees, which hide up to half a degree. */
  readonly tempSource: 'none' | 't_group' | 'body'
  /** The whole degrees of the report's body, also where `tempC` comes from the remarks. */
  readonly bodyTempC?: number
  readonly windDirDeg?: number
  readonly windSpeedKt?: number
  readonly gustKt?: number
  readonly visibilityMi?: number
  readonly altimeterHpa?: number
  readonly sky: readonly SkyLayer[]
  readonly lat?: number
  readonly lon?: number
  readonly elevM?: number
  readonly name?: string
}

export interface SkyLayer {
  readonly cover: string
  readonly baseFt?: number
}

/** A reading of a private weather station. Temperatures in °C, wind in km/h. */
export interface PwsObservation {
  readonly pwsId: string
  readonly obsTimeMs: number
  readonly tempC?: number
  readonly dewpointC?: number
  readonly humidityPct?: number
  readonly windSpeedKmh?: number
  readonly windDirDeg?: number
  readonly lat?: number
  readonly lon?: number
  /** -1 not checked, 0 possibly wrong, 1 passed. */
  readonly qcStatus?: -1 | 0 | 1
}

/** Hourly forecast of one grid cell, oldest hour first. Shortwave radiation is the mean of the hour before `timeMs`. */
export interface Forecast {
  readonly lat: number
  readonly lon: number
  readonly hours: readonly ForecastHour[]
}

export interface ForecastHour {
  readonly timeMs: number
  readonly temperatureC?: number
  readonly cloudCoverPct?: number
  readonly shortwaveWm2?: number
  readonly windSpeedKmh?: number
  readonly windDirDeg?: number
}

/** A part of an answer that gave no observation, and why. */
export interface Rejected {
  readonly reason: string
  /** The part itself, at most 200 characters. */
  readonly text: string
}
