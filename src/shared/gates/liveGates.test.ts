import { expect, test } from 'vitest'
import type { GateResult } from '../api/index.ts'
import { LiveGates } from './liveGates.ts'

/** A heartbeat in which nothing is wrong; the names of its fields are those of a recorded one. */
const GOOD = {
  reconnects: 0,
  midrun_disconnected_incidents: 0,
  dropped_messages_total: 0,
  loop_lag_ms_max_last_interval: 3,
  parse_q_depth_max: 1,
  ws_rx_to_parsed_ms_p99: 4,
  ws_rx_to_applied_ms_p99: 4,
  backpressure_ns_p99: 100_000,
  loss_total: 0,
  shards_unconfirmed_count: 0,
  tokens_without_first_book: 0
}

const beat = (seconds: number, fields: object = {}): string => JSON.stringify({ elapsed_ns: seconds * 1e9, ...GOOD, ...fields })

/** Heartbeats that follow each other. */
let next = 0
const put = (gates: LiveGates, text: string): void => gates.put(text, next++)

function gate(gates: LiveGates, name: string): GateResult {
  const found = gates.results().find((one) => one.name === name)
  if (found === undefined) throw new Error(`no gate ${name}`)
  return found
}

const failed = (gates: LiveGates): string[] => gates.results().flatMap(({ name, ok }) => (ok === false ? [name] : []))

test('before the first heartbeat nothing is known but that the run has not had to end', () => {
  const results = new LiveGates().results()
  expect(results.filter((one) => one.ok !== undefined)).toEqual([{ name: 'No fatal end', ok: true, found: 'none', limit: 'none' }])
})

test('heartbeats once a second pass, a silence of three seconds fails', () => {
  const gates = new LiveGates()
  for (const second of [1, 2, 3]) put(gates, beat(second))
  expect(failed(gates)).toEqual([])
  expect(gates.results().filter((one) => one.ok === undefined)).toEqual([])
  put(gates, beat(6))
  expect(gate(gates, 'Heartbeats without a gap')).toMatchObject({ ok: false, found: '1 gap in 4 heartbeats, longest 3 s' })
})

test('a time that this screen did not see is no gap of the run: the heartbeats in between were numbered', () => {
  const gates = new LiveGates()
  gates.put(beat(1), 0)
  gates.put(beat(2), 1)
  gates.put(beat(130), 129)
  gates.put(beat(131), 130)
  expect(failed(gates)).toEqual([])
  gates.put(beat(136), 131)
  expect(gate(gates, 'Heartbeats without a gap')).toMatchObject({ ok: false, found: '1 gap in 5 heartbeats, longest 5 s' })
})

/** Fields of one heartbeat that make exactly this gate fail. */
const WRONG: readonly (readonly [string, object])[] = [
  ['Reconnects while it ran', { reconnects: 1 }],
  ['Connections lost while it ran', { midrun_disconnected_incidents: 1 }],
  ['Dropped messages', { dropped_messages_total: 1 }],
  ['Recording quality', { loss_metrics_drops: 1 }],
  ['Connections not confirmed', { shards_unconfirmed_count: 1 }],
  ['Instruments without a first book', { tokens_without_first_book: 2 }]
]

test.each(WRONG)('%s fails alone', (name, fields) => {
  const gates = new LiveGates()
  for (const second of [1, 2]) put(gates, beat(second, fields))
  expect(failed(gates)).toEqual([name])
})

test('pressure fails after five heartbeats in a row, not after one, and stays failed', () => {
  const gates = new LiveGates()
  const high = { backpressure_ns_p99: 30e6 }
  for (const second of [1, 2, 3, 4]) put(gates, beat(second, high))
  expect(gate(gates, 'No sustained pressure')).toMatchObject({ ok: true, found: 'backpressure_ms_p99: 4 heartbeats in a row' })
  put(gates, beat(5))
  for (const second of [6, 7, 8, 9, 10]) put(gates, beat(second, { parse_q_depth_max: 200 }))
  put(gates, beat(11))
  expect(failed(gates)).toEqual(['No sustained pressure'])
  expect(gate(gates, 'No sustained pressure').found).toBe('parse_q_depth_max: 5 heartbeats in a row')
})

test('the loop lag is judged over the whole run: the longest is kept, and one in a hundred may be long', () => {
  const gates = new LiveGates()
  for (let second = 1; second <= 100_000; second++) put(gates, beat(second, { loop_lag_ms_max_last_interval: second <= 1000 ? 90 : 1.5 }))
  expect([gate(gates, 'Loop lag, 99th percentile').found, gate(gates, 'Loop lag, longest').found]).toEqual(['1.5 ms', '90 ms'])
  put(gates, beat(100_001, { loop_lag_ms_max_last_interval: 140.25 }))
  put(gates, beat(100_002, { loop_lag_ms_max_last_interval: 120 }))
  expect(failed(gates)).toEqual(['Loop lag, 99th percentile', 'Loop lag, longest'])
  expect(gate(gates, 'Loop lag, longest').found).toBe('140.25 ms')
})

test('why a run has to end fails its gate', () => {
  expect(new LiveGates().results('the disk is full').find((one) => one.name === 'No fatal end')).toEqual({
    name: 'No fatal end',
    ok: false,
    found: 'the disk is full',
    limit: 'none'
  })
})

test('a field that a plant does not write stays unknown', () => {
  const gates = new LiveGates()
  put(gates, beat(1, { tokens_without_first_book: undefined, reconnects: 'many' }))
  expect([gate(gates, 'Instruments without a first book').ok, gate(gates, 'Reconnects while it ran').ok]).toEqual([undefined, undefined])
})

test('what is not yet synced is told, and not judged', () => {
  const gates = new LiveGates()
  expect(gates.unsyncedBytes()).toBeUndefined()
  put(gates, beat(1, { bytes_written: 1000, synced_bytes: { 0: 400, 1: 400 }, idx_synced_bytes: { 0: 50, 1: 50 } }))
  expect(gates.unsyncedBytes()).toBe(100)
})

test('a heartbeat that comes twice, or that is none, counts once or not at all', () => {
  const gates = new LiveGates()
  put(gates, beat(1))
  put(gates, beat(1))
  put(gates, '{')
  put(gates, '[]')
  expect(gates.count).toBe(1)
})

test('another run begins anew', () => {
  const gates = new LiveGates()
  for (let second = 1; second < 9; second++)
    put(gates, beat(second, { reconnects: 4, parse_q_depth_max: 900, loop_lag_ms_max_last_interval: 300 }))
  gates.clear()
  put(gates, beat(1))
  put(gates, beat(2))
  expect(failed(gates)).toEqual([])
})
