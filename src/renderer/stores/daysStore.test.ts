import { afterEach, expect, test } from 'vitest'
import type { DayEntry } from '../../shared/api/index.ts'
import { chooseDays, choiceOf, showDays, stationsOf, useDays } from './daysStore.ts'

const day = (date: string, stations: string[]): DayEntry => ({
  date,
  stations,
  runs: ['a'],
  counts: {},
  events: 0,
  provedEvents: 0,
  storedIn: 'journal',
  verdict: { state: 'ended', sentence: '', runs: [] },
  firstTsNs: '0',
  lastTsNs: '0'
})
const list = (...days: DayEntry[]) => ({ days, journals: [], empty: [], faults: [] })
afterEach(() => {
  chooseDays({ station: '', mode: 'raw' })
  showDays(list())
})

test('stations are listed once', () => {
  expect(stationsOf([day('2026-11-20', ['KLGA', 'polymarket']), day('2026-11-19', ['KLGA'])])).toEqual(['KLGA', 'polymarket'])
})

test('a day is opened with the chosen station and mode; one that lacks the station is opened whole', () => {
  chooseDays({ station: 'KLGA', mode: 'light' })
  expect(choiceOf(day('2026-11-20', ['KLGA']), useDays.getState())).toEqual({ date: '2026-11-20', mode: 'light', stations: ['KLGA'] })
  expect(choiceOf(day('2026-11-19', ['binance']), useDays.getState())).toEqual({ date: '2026-11-19', mode: 'light' })
})

test('a station that is gone is not chosen any longer', () => {
  showDays(list(day('2026-11-20', ['KLGA'])))
  chooseDays({ station: 'KLGA' })
  showDays(list(day('2026-11-20', ['KLGA', 'x'])))
  expect(useDays.getState().station).toBe('KLGA')
  showDays(list(day('2026-11-20', ['x'])))
  expect(useDays.getState().station).toBe('')
})
