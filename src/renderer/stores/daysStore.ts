import { create } from 'zustand'
import type { DayChoice, DayEntry, DayMode, DaysListed, JournalState } from '../../shared/api/index.ts'

interface DaysStore {
  readonly listed: DaysListed
  /** Station or venue that the next day is opened with; empty = all. */
  readonly station: string
  readonly mode: DayMode
}

const NOTHING: DaysListed = { days: [], journals: [], empty: [], faults: [] }

export const useDays = create<DaysStore>(() => ({ listed: NOTHING, station: '', mode: 'raw' }))

/** Shows these days; a station that none of them has is not chosen any longer. */
export function showDays(listed: DaysListed): void {
  const { station } = useDays.getState()
  useDays.setState({ listed, station: stationsOf(listed.days).includes(station) ? station : '' })
}

export function chooseDays(chosen: Partial<Pick<DaysStore, 'station' | 'mode'>>): void {
  useDays.setState(chosen)
}

/** Stations and venues of these days, each once. */
export function stationsOf(days: readonly DayEntry[]): readonly string[] {
  return [...new Set(days.flatMap(({ stations }) => stations))].toSorted()
}

/** How a day is opened with what is chosen; a day that lacks the station is opened whole. */
export function choiceOf(day: DayEntry, { station, mode }: Pick<DaysStore, 'station' | 'mode'>): DayChoice {
  return { date: day.date, mode, ...(day.stations.includes(station) && { stations: [station] }) }
}

export function journalOf(journals: readonly JournalState[], path: string): JournalState | undefined {
  return journals.find((journal) => journal.path === path)
}
