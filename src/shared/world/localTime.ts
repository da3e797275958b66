const HOUR_MS = 3600_000

/** An instant on the calendar of a time zone. */
export interface LocalInstant {
  /** `YYYY-MM-DD`: the settlement day. */
  readonly date: string
  /** Hours since midnight on the clock, with minutes and seconds as a fraction. */
  readonly hour: number
  /** What the zone is ahead of UTC at that instant. */
  readonly offsetMs: number
}

/** The calendar of one time zone. Daylight saving time is taken into account: a day has 23, 24 or 25 hours. */
export class LocalTime {
  readonly timeZone: string
  readonly #format: Intl.DateTimeFormat
  #offsetFrom = NaN
  #offsetMs = 0

  /** @param timeZone an IANA name. @throws RangeError when there is no such zone */
  constructor(timeZone: string) {
    this.timeZone = timeZone
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric'
    })
  }

  /** @param unixMs milliseconds since the Unix epoch */
  at(unixMs: number): LocalInstant {
    const offsetMs = this.#offsetAt(unixMs)
    const iso = new Date(unixMs + offsetMs).toISOString()
    const intoDay = (((unixMs + offsetMs) % (24 * HOUR_MS)) + 24 * HOUR_MS) % (24 * HOUR_MS)
    return { date: iso.slice(0, iso.indexOf('T')), hour: intoDay / HOUR_MS, offsetMs }
  }

  /** Offsets change on quarters of an hour at most, so one is kept for each quarter. */
  #offsetAt(unixMs: number): number {
    const quarter = Math.floor(unixMs / (HOUR_MS / 4))
    if (quarter === this.#offsetFrom) return this.#offsetMs
    const start = quarter * (HOUR_MS / 4)
    const part: Partial<Record<string, number>> = {}
    for (const { type, value } of this.#format.formatToParts(start)) part[type] = Number(value)
    const local = Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second'])
    this.#offsetFrom = quarter
    this.#offsetMs = local - start
    return this.#offsetMs
  }
}

/** @returns true when this is the name of a time zone that is known here */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** `2026-01-29T17:51:00.000+00:00`, for texts inside payloads. @returns undefined when no calendar has that instant */
export function isoUtc(unixMs: number): string | undefined {
  return Math.abs(unixMs) <= 8.64e15 ? new Date(unixMs).toISOString().replace('Z', '+00:00') : undefined
}

/** `YYYY-MM-DD HH:MM:SS` in a time zone. */
export function localText(zone: LocalTime, unixMs: number): string {
  const local = new Date(unixMs + zone.at(unixMs).offsetMs).toISOString()
  return `${local.slice(0, 10)} ${local.slice(11, 19)}`
}
