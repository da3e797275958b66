import { expect, test } from 'vitest'
import { nowcastInput } from './outlook.ts'
import { newStation, type StationState } from './stationState.ts'

const NOW = Date.parse('2026-07-01T16:00:00Z')
const sources = (station: StationState): Record<string, string> =>
  Object.fromEntries(nowcastInput(station, NOW).sources.map(({ name, status }) => [name, status]))

test('reports and a forecast that never came are sources without data; personal stations count once they were heard', () => {
  const station = newStation(1, 'KLGA', undefined)
  expect(sources(station)).toEqual({ METAR: 'NO_DATA', FORECAST: 'NO_DATA' })
  const forecast = { hours: [], receivedMs: NOW - 7 * 3600_000, correlationId: '' }
  const cluster = { medianC: 20, madC: 0.1, support: 3, newestMs: NOW - 60_000, receivedMs: NOW - 60_000, eventId: '' }
  expect(sources({ ...station, forecast, cluster })).toEqual({ METAR: 'NO_DATA', FORECAST: 'STALE', PWS: 'OK' })
})
