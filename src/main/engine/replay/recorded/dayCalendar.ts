import { LocalTime } from '../../../../shared/world/index.ts'
import { USUAL_ZONE, type PlannedDay } from './openDay.ts'

const HALF_DAY_MS = 43_200_000

/** Which calendar day is played, and of whom. */
export interface DayCalendar {
  readonly date: string
  /** The chosen weather station; undefined when all are played, or none. */
  readonly stationId: string | undefined
  readonly timeZone: string
  /** `station`: the zone is that of the station. `time_zone`: it was named, or is the usual one. */
  readonly reference: 'station' | 'time_zone'
  /** Dates of the storage that the day touches. */
  readonly sourceDates: readonly string[]
  /** Beginning and end, ms since the Unix epoch; the end belongs to the next day. */
  readonly startMs: number
  readonly endMs: number
}

export function calendarOf({ choice, runs, timeZone, bounds: { startMs, endMs } }: PlannedDay): DayCalendar {
  const venues = new Set<string>(runs.map(({ stored }) => stored.venue))
  const stationId = choice.stations?.find((name) => !venues.has(name))
  const storage = new LocalTime(USUAL_ZONE)
  const dates = new Set<string>()
  for (let ms = startMs; ms < endMs; ms += HALF_DAY_MS) dates.add(storage.at(ms).date)
  dates.add(storage.at(endMs - 1).date)
  const reference = stationId !== undefined && choice.timeZone === undefined ? 'station' : 'time_zone'
  return { date: choice.date, stationId, timeZone, reference, sourceDates: [...dates], startMs, endMs }
}
