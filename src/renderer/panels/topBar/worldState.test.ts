import { expect, test } from 'vitest'
import { worldState } from './worldState.ts'

const beat = (world: object): string => JSON.stringify({ record_type: 'heartbeat', world })

test('a recording without weather has no weather state', () => {
  expect([worldState(''), worldState('{'), worldState('{"a":1}'), worldState(beat({}))]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined
  ])
})

test('sources that answer say when, those that fail say so', () => {
  const good = { age_s: 12.4, failing: 0 }
  const bad = { age_s: null, failing: 3 }
  expect(worldState(beat({ metar: { KLGA: good } }))).toEqual({ state: 'open', lines: ['Reports KLGA: answered 12 s ago'] })
  expect(worldState(beat({ metar: { KLGA: good }, forecast: { KLGA: bad } }))).toEqual({
    state: 'silent',
    lines: ['Reports KLGA: answered 12 s ago', 'Forecast KLGA: has not answered yet; questions fail now']
  })
  expect(worldState(beat({ pws: { KLGA: bad } }))?.state).toBe('closed')
})
