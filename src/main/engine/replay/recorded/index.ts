/** A calendar day replayed from what was recorded: journals and the lake, no raw frames. */
export { dayReport, type DayReport } from './dayReport.ts'
export type { DayCalendar } from './dayCalendar.ts'
export type { DayMoment, RecordedEvent } from './dayMoments.ts'
export { openDay, type DaySourceHost, type RecordedDay } from './daySource.ts'
export { openDaySession } from './daySession.ts'
export { listDays } from './listDays.ts'
export type { DayRequest } from './openDay.ts'
export type { StorePlaces } from './storedRuns.ts'
