import { expect, test } from 'vitest'
import { hostClock } from '../clock.ts'
import { VenueTime } from './venueTime.ts'

test('stamps are whole milliseconds, also after a source fell behind by a part of one', () => {
  const time = new VenueTime(hostClock)
  const before = time.msAt(0)
  time.shift(1234.56)
  time.shift(0.2)
  for (const ns of [0, 1, 300_000, 999_999, 1_000_000]) expect(Number.isInteger(time.msAt(ns))).toBe(true)
  expect(time.msAt(0)).toBe(before + 1234)
  expect(time.msAt(240_000)).toBe(before + 1235)
})
