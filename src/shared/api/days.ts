import type { JournalVerdict, RunsVerdict, RunVerdict } from './verdict.ts'

/** `light` leaves out changes of books and all of a book but its best prices; `raw` plays what was recorded. */
export type DayMode = 'light' | 'raw'

/** A calendar day to be replayed from recorded events. */
export interface DayChoice {
  /** YYYY-MM-DD. */
  readonly date: string
  /** IANA name of the zone whose calendar counts; left out: that of the first chosen weather station, else New York. */
  readonly timeZone?: string
  /** Weather stations and venues; left out: all. Weather of stations that are not named is left out; so are venues once one is named. */
  readonly stations?: readonly string[]
  /** Channels; left out: all. What instrument and station numbers stand for is always among them. */
  readonly channels?: readonly string[]
  /** Default raw. */
  readonly mode?: DayMode
}

export type StoredIn = 'parquet' | 'journal' | 'both'

/** A day of which something is recorded, by the calendar of New York, in which journals and the lake are kept. */
export interface DayEntry {
  readonly date: string
  /** Weather stations and venues that the lake keeps apart, and the venues of journals. */
  readonly stations: readonly string[]
  /** Runs that have events on this day, oldest first. */
  readonly runs: readonly string[]
  /** Events by channel. */
  readonly counts: Readonly<Record<string, number>>
  readonly events: number
  /** Of those, proved in the lake. */
  readonly provedEvents: number
  readonly storedIn: StoredIn
  /** How the runs of the day ended. */
  readonly verdict: RunsVerdict
  /** First and last receive time, ns since the Unix epoch, decimal text. */
  readonly firstTsNs: string
  readonly lastTsNs: string
}

/** What became of a bundle's journal. */
export interface JournalState {
  readonly path: string
  readonly runId: string
  readonly state: 'not_proved' | 'part_proved' | 'proved'
  /** How it ended, by its manifests and sizes; null where that is not known. */
  readonly verdict: Pick<JournalVerdict, 'state' | 'sentence'> | null
  readonly events: number
  readonly provedEvents: number
}

export interface DaysListed {
  /** Newest first. */
  readonly days: readonly DayEntry[]
  /** Of the bundles that have a journal, or had one that is proved. */
  readonly journals: readonly JournalState[]
  /** Runs with a journal of which nothing can be played: all is still being written, or cannot be trusted. */
  readonly empty: readonly RunVerdict[]
  /** What cannot be read, one sentence each. */
  readonly faults: readonly string[]
}

/** Of a session over recorded events. */
export interface OpenDay {
  readonly date: string
  readonly timeZone: string
  readonly mode: DayMode
  readonly storedIn: StoredIn
  readonly runs: readonly string[]
  /** What is not there that raw frames would give, one sentence each. */
  readonly missing: readonly string[]
}
