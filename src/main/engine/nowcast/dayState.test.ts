import { describe, expect, test } from 'vitest'
import { LocalTime } from '../../../shared/world/index.ts'
import { baseForecastOf } from './baseForecast.ts'
import { decayedBias, newDay, withReport } from './dayState.ts'
import { rounded } from './rounding.ts'
import type { BaseForecast } from './types.ts'

const NOON = Date.parse('2026-07-01T16:00:00Z')
const hourlyF = Array.from({ length: 24 }, (_, hour) => 84 - 2 * Math.abs(hour - 15))
const base: BaseForecast = { hourlyF, maxF: 84, peakHour: 15, source: 'OPEN_METEO', receivedMs: NOON - 3600_000 }

describe('the day', () => {
  const report = (minutes: number, tempF: number, certain = true): Parameters<typeof withReport>[1] => ({
    obsTimeMs: NOON + minutes * 60_000,
    tempF,
    alignedF: Math.floor(tempF + 0.5),
    certain,
    hour: 12 + minutes / 60
  })

  test('bias starts with the first difference and follows by three tenths, or one where the report is uncertain', () => {
    let state = withReport(newDay('d'), report(0, 80), base)
    expect(state.biasF).toBe(2)
    state = withReport(state, report(60, 83), base)
    expect(state.biasF).toBeCloseTo(0.3 * 3 + 0.7 * 2)
    state = withReport(state, report(120, 92, false), base)
    expect(state.biasF).toBeCloseTo(0.1 * 10 + 0.9 * 2.3)
    expect(withReport(newDay('d'), report(0, 80), undefined).biasF).toBeUndefined()
  })

  test('bias fades with a time constant of two hours', () => {
    expect([decayedBias(3, 0), decayedBias(3, -5)]).toEqual([3, 3])
    expect(decayedBias(3, 2)).toBeCloseTo(3 / Math.E)
  })

  test('a trend needs more than three minutes between reports', () => {
    let state = withReport(newDay('d'), report(0, 70), undefined)
    state = withReport(state, report(3, 80), undefined)
    expect(state.trendF).toBeUndefined()
    state = withReport(state, report(33, 81), undefined)
    expect(state.trendF).toBeCloseTo(2)
    state = withReport(state, report(93, 82), undefined)
    expect(state.trendF).toBeCloseTo(0.3 * 1 + 0.7 * 2)
  })

  test('a correction replaces what it corrects, in the maximum too', () => {
    let state = withReport(newDay('d'), report(0, 70), undefined)
    state = withReport(state, report(60, 99.6), undefined)
    expect([state.maxF, state.maxAlignedF, state.observations]).toEqual([99.6, 100, 2])
    state = withReport(state, report(60, 71.4), undefined)
    expect([state.maxF, state.maxAlignedF, state.observations]).toEqual([71.4, 71, 2])
  })

  test('a late report moves the maximum and nothing else', () => {
    const before = withReport(newDay('d'), report(60, 70), base)
    const after = withReport(before, report(0, 75), base)
    expect(after).toMatchObject({ maxF: 75, observations: 2, last: before.last, biasF: before.biasF })
  })
})

describe('the forecast of a day', () => {
  const hours = (from: string, n: number): { timeMs: number; temperatureC: number }[] =>
    Array.from({ length: n }, (_, i) => ({ timeMs: Date.parse(from) + i * 3600_000, temperatureC: i }))

  test('holds the hours of the settlement day in its own time zone', () => {
    const found = baseForecastOf(hours('2026-07-01T00:00:00Z', 72), '2026-07-02', new LocalTime('America/New_York'), 'X', 5)!
    // Midnight in New York is the 28th of these hours.
    expect([found.hourlyF[0], found.hourlyF[23], found.peakHour, found.maxF, found.receivedMs]).toEqual([82.4, 123.8, 23, 123.8, 5])
  })

  test.each([
    // 23 hours: there is no two o'clock, its place takes the value of one o'clock.
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00Z', 1, 1, 2],
    // 25 hours: the first one o'clock counts, two o'clock is the fourth hour.
    ['America/New_York', '2026-11-01', '2026-11-01T04:00:00Z', 1, 3, 4],
    ['Europe/Madrid', '2026-03-29', '2026-03-28T23:00:00Z', 1, 1, 2],
    ['Europe/Madrid', '2026-10-25', '2026-10-24T22:00:00Z', 1, 2, 4]
  ] as const)('on a day of changing clocks in %s, %s', (zone, date, midnight, one, two, three) => {
    const { hourlyF: found } = baseForecastOf(hours(midnight, 25), date, new LocalTime(zone), 'X', 0)!
    expect(found).toHaveLength(24)
    expect(found.slice(0, 4)).toEqual([0, one, two, three].map((c) => rounded(c * 1.8 + 32, 1)))
  })

  test('is none when half the day is missing', () => {
    const zone = new LocalTime('America/New_York')
    expect(baseForecastOf(hours('2026-07-01T04:00:00Z', 11), '2026-07-01', zone, 'X', 0)).toBeUndefined()
    expect(baseForecastOf(hours('2026-07-01T04:00:00Z', 12), '2026-07-01', zone, 'X', 0)?.hourlyF[23]).toBe(51.8)
    expect(baseForecastOf([], '2026-07-01', zone, 'X', 0)).toBeUndefined()
  })

  test('starts with its first known hour when the night is missing', () => {
    const found = baseForecastOf(hours('2026-07-01T10:00:00Z', 18), '2026-07-01', new LocalTime('America/New_York'), 'X', 0)!
    expect(found.hourlyF.slice(0, 8)).toEqual([32, 32, 32, 32, 32, 32, 32, 33.8])
  })
})
