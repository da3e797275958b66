/** Meaning of the weather services' answers: airport reports, private stations, forecasts. */
export { parseMetarAnswer, type MetarAnswer } from './metarAnswer.ts'
export { parsePwsAnswer, type PwsAnswer } from './pwsAnswer.ts'
export { parseForecastAnswer } from './forecastAnswer.ts'
export type { Forecast, ForecastHour, MetarObservation, PwsObservation, Rejected, SkyLayer } from './observation.ts'
export { knownStation, type WeatherStation } from './stations.ts'
