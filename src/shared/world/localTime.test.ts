import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoUtc, isTimeZone, LocalTime, localText } from './index.ts'

const at = (zone: string, iso: string): [string, number] => {
  const { date, hour } = new LocalTime(zone).at(Date.parse(iso))
  return [date, Math.round(hour * 3600) / 3600]
}

test.each([
  // New York: midnight in winter is 5 h, in summer 4 h behind UTC.
  ['America/New_York', '2026-01-29T04:59:59Z', '2026-01-28', 24 - 1 / 3600],
  ['America/New_York', '2026-01-29T05:00:00Z', '2026-01-29', 0],
  ['America/New_York', '2026-07-04T03:59:59Z', '2026-07-03', 24 - 1 / 3600],
  ['America/New_York', '2026-07-04T04:00:00Z', '2026-07-04', 0],
  // 8 March 2026: 2:00 does not exist, the day has 23 hours.
  ['America/New_York', '2026-03-08T06:59:59Z', '2026-03-08', 2 - 1 / 3600],
  ['America/New_York', '2026-03-08T07:00:00Z', '2026-03-08', 3],
  ['America/New_York', '2026-03-09T03:59:59Z', '2026-03-08', 24 - 1 / 3600],
  ['America/New_York', '2026-03-09T04:00:00Z', '2026-03-09', 0],
  // 1 November 2026: 1:00 comes twice, the day has 25 hours.
  ['America/New_York', '2026-11-01T05:30:00Z', '2026-11-01', 1.5],
  ['America/New_York', '2026-11-01T06:30:00Z', '2026-11-01', 1.5],
  ['America/New_York', '2026-11-02T04:59:59Z', '2026-11-01', 24 - 1 / 3600],
  ['America/New_York', '2026-11-02T05:00:00Z', '2026-11-02', 0],
  // Madrid: 29 March and 25 October 2026.
  ['Europe/Madrid', '2026-03-29T00:59:59Z', '2026-03-29', 2 - 1 / 3600],
  ['Europe/Madrid', '2026-03-29T01:00:00Z', '2026-03-29', 3],
  ['Europe/Madrid', '2026-03-29T21:59:59Z', '2026-03-29', 24 - 1 / 3600],
  ['Europe/Madrid', '2026-03-29T22:00:00Z', '2026-03-30', 0],
  ['Europe/Madrid', '2026-10-25T00:30:00Z', '2026-10-25', 2.5],
  ['Europe/Madrid', '2026-10-25T01:30:00Z', '2026-10-25', 2.5],
  ['Europe/Madrid', '2026-10-25T22:59:59Z', '2026-10-25', 24 - 1 / 3600],
  ['Europe/Madrid', '2026-10-25T23:00:00Z', '2026-10-26', 0],
  ['Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01', 5.75]
])('in %s it is at %s: %s, %d hours', (zone, iso, date, hour) => {
  const [gotDate, gotHour] = at(zone, iso)
  expect(gotDate).toBe(date)
  expect(gotHour).toBeCloseTo(hour, 9)
})

test('every instant of a year agrees with the formatter of the platform', () => {
  const plain = (zone: string, ms: number): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(ms)
  const from = Date.parse('2026-01-01T00:00:00Z')
  fc.assert(
    fc.property(
      fc.constantFrom('America/New_York', 'Europe/Madrid', 'Australia/Lord_Howe', 'America/St_Johns'),
      fc.integer({ min: from, max: from + 366 * 86_400_000 }),
      (zone, ms) => {
        expect(localText(new LocalTime(zone), ms)).toBe(plain(zone, ms))
      }
    ),
    { numRuns: 300 }
  )
})

test('names of zones are told from other texts', () => {
  expect([isTimeZone('America/New_York'), isTimeZone('Europe/Madrid'), isTimeZone('Mars/Olympus'), isTimeZone('')]).toEqual([
    true,
    true,
    false,
    false
  ])
})

test('an instant that no calendar has is no text', () => {
  expect([isoUtc(0), isoUtc(8.64e15 + 1), isoUtc(NaN)]).toEqual(['1970-01-01T00:00:00.000+00:00', undefined, undefined])
})
