import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { healthGroups } from './healthGroups.ts'
import { HEALTH_GROUPS } from './healthTable.ts'

/** The names of all fields of a recorded heartbeat. */
const FIELDS = readFileSync(new URL('../../../shared/gates/heartbeatFields.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')

test('every field that the plant writes stands in a group, and none is cut off', () => {
  const beat = Object.fromEntries(
    FIELDS.map((field) => [field, /_counts$|synced_bytes$|^(?:latencies|sources|staleness)$/.test(field) ? { 0: 1 } : 1])
  )
  const groups = healthGroups(JSON.stringify(beat)) ?? []
  expect(groups.map(({ title }) => title)).toEqual(HEALTH_GROUPS.map(([title]) => title))
  const shown = groups.flatMap(({ facts }) => facts.map(({ field }) => field.replace(/\.0$/, '')))
  expect(shown).toEqual(HEALTH_GROUPS.flatMap(([, rows]) => rows.map(([field]) => field)))
})

test('a value has its unit, a series is one row, counts by name a row each', () => {
  const beat = {
    elapsed_ns: 3_725e9,
    bytes_written: 1_234_567,
    coverage_pct: 98.765,
    midrun_disconnected_time_s_total: 1.25,
    synced_bytes: { 0: 1000, 1: 2000 },
    msg_type_counts: { book: 12_345, price_change: 6 },
    apply_update_ms_mean: 0.012345,
    apply_update_ms_p99: 12.34,
    apply_update_ms_max: 250.7,
    apply_update_ms_count: 88,
    write_ns_p99: 1_500_000
  }
  const rows = (healthGroups(JSON.stringify(beat)) ?? []).map(({ title, facts }) => [
    title,
    ...facts.map(({ label, value }) => `${label}: ${value}`)
  ])
  expect(rows).toEqual([
    ['Recording', 'running for: 1 h 02 min', 'written: 1.2 MB'],
    ['Connections', 'time without, in all: 1.25 s'],
    ['Instruments', 'share of those awaited: 98.8 %'],
    ['Messages', 'book: 12\u2009345', 'price_change: 6'],
    ['Time', 'work of the tape on a record: mean 0.012 ms · p99 12.3 ms · max 251 ms', 'one write: p99 1.5 ms'],
    ['Disk', 'log safe on disk: 3.0 kB']
  ])
})

test('a source has its state, its age and what it took to come, a row each, in plain words', () => {
  const beat = {
    gaps: 2,
    resyncs: 3,
    sources: { polymarket: 'OK', 'metar/KLGA': 'STALE' },
    staleness: { polymarket: 0.2, 'pws/KLGA': 4000 },
    latencies: { polymarket: 0.084, 'metar/KLGA': 312, ws_publisher_lag_ms: 1.5 }
  }
  const rows = (healthGroups(JSON.stringify(beat)) ?? []).map(({ title, facts }) => [
    title,
    ...facts.map(({ label, value }) => `${label}: ${value}`)
  ])
  expect(rows).toEqual([
    [
      'Sources',
      'polymarket: OK',
      'reports KLGA: STALE',
      'newest word, age: polymarket: 0.2 s',
      'newest word, age: personal stations KLGA: 1 h 06 min',
      'took to come: polymarket: 0.084 s',
      'took to come: reports KLGA: 5 min 12 s',
      'took to come: from receipt to the screen: 1.5 ms'
    ],
    ['Trust', 'gaps so far: 2', 'books made anew so far: 3']
  ])
})

test('fields of another plant are shown under their own names', () => {
  const groups = healthGroups('{"run_id":"x","new_thing":7,"a":{"b":1},"list":[1,2],"text":"so"}')
  expect(groups).toEqual([
    {
      title: 'Other fields',
      facts: [
        { label: 'new_thing', value: '7', field: 'new_thing' },
        { label: 'a b', value: '1', field: 'a.b' },
        { label: 'list', value: '[1,2]', field: 'list' },
        { label: 'text', value: 'so', field: 'text' }
      ]
    }
  ])
})

test('what is no heartbeat is none', () => {
  expect([healthGroups('{'), healthGroups('[]'), healthGroups('7')]).toEqual([undefined, undefined, undefined])
})
