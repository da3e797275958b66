import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PlantTimers } from './plantTimers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const DAY_MS = 86_400_000

test('a time beyond what one timer of the system can hold is waited for to its end', () => {
  const timers = new PlantTimers((job) => job())
  const told: string[] = []
  timers.after(365 * DAY_MS, () => told.push('year'))
  timers.after(1, () => told.push('soon'))
  vi.advanceTimersByTime(364 * DAY_MS)
  expect(told).toEqual(['soon'])
  vi.advanceTimersByTime(DAY_MS)
  expect(told).toEqual(['soon', 'year'])
})

test('after the end nothing is done any more, wherever a long time has got to', () => {
  const timers = new PlantTimers((job) => job())
  const told: string[] = []
  timers.after(60 * DAY_MS, () => told.push('after'))
  timers.every(DAY_MS, () => told.push('every'))
  vi.advanceTimersByTime(30 * DAY_MS)
  expect(told).toHaveLength(30)
  timers.clear()
  vi.advanceTimersByTime(60 * DAY_MS)
  expect(told).toHaveLength(30)
  expect(vi.getTimerCount()).toBe(0)
})
