/** The baseline model of a day's highest temperature: pure, the same input gives the same nowcast. */
export { nowcast, type Nowcast } from './nowcast.ts'
export { newDay, withReport } from './dayState.ts'
export { baseForecastOf, type HourValue } from './baseForecast.ts'
export { metarStatus } from './sigma.ts'
export type { BaseForecast, DayState, NowcastInput, PwsInput, SourceStatus } from './types.ts'
