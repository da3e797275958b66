import { StudioError } from '../../../../shared/errors.ts'
import { isTimeZone, LocalTime } from '../../../../shared/world/index.ts'

const QUARTER_MS = 900_000
/** A zone is at most so far from UTC. */
const REACH_MS = 16 * 3_600_000

/** Beginning and end of a calendar day, ms since the Unix epoch; the end belongs to the next day. */
export interface DayBounds {
  readonly startMs: number
  readonly endMs: number
}

/** @returns where a calendar day of a time zone lies: 23, 24 or 25 hours @throws StudioError USAGE */
export function dayBounds(date: string, timeZone: string): DayBounds {
  const utcMs = Date.parse(`${date}T00:00:00Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(utcMs))
    throw new StudioError('USAGE', `${date} is no day. Write it as YYYY-MM-DD, for example 2026-11-20.`)
  if (!isTimeZone(timeZone)) throw new StudioError('USAGE', `There is no time zone ${timeZone}. Use a name such as America/New_York.`)
  const zone = new LocalTime(timeZone)
  const next = new Date(utcMs + 86_400_000).toISOString().slice(0, 10)
  return { startMs: firstOf(zone, date, utcMs), endMs: firstOf(zone, next, utcMs + 86_400_000) }
}

/** The first quarter of an hour of a date; clocks change on quarters only. */
function firstOf(zone: LocalTime, date: string, utcMs: number): number {
  let low = (utcMs - REACH_MS) / QUARTER_MS
  let high = (utcMs + REACH_MS) / QUARTER_MS
  while (low < high) {
    const mid = Math.floor((low + high) / 2)
    if (zone.at(mid * QUARTER_MS).date < date) low = mid + 1
    else high = mid
  }
  return low * QUARTER_MS
}
