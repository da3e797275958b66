import { describe, expect, test } from 'vitest'
import { gateSummary, verdictOf } from '../panels/GateList.tsx'
import { LiveGates } from './liveGates.ts'

const beat = (seconds: number, fields: object = {}): string =>
  JSON.stringify({ elapsed_ns: seconds * 1e9, reconnects: 0, dropped_messages_total: 0, loop_lag_ms_max_last_interval: 3, ...fields })

function gate(gates: LiveGates, name: string) {
  const found = gates.results().find((one) => one.name === name)
  if (found === undefined) throw new Error(`no gate ${name}`)
  return found
}

describe('gates of a recording that runs', () => {
  test('before the first heartbeat every gate is unknown', () => {
    const results = new LiveGates().results()
    expect(results.map(verdictOf)).toEqual(results.map(() => 'unknown'))
    expect(results.every((one) => one.found === 'unknown')).toBe(true)
  })

  test('heartbeats once a second pass, a silence of three seconds fails', () => {
    const gates = new LiveGates()
    for (const second of [1, 2, 3]) gates.put(beat(second))
    expect(gate(gates, 'Heartbeats without a gap').ok).toBe(true)
    gates.put(beat(6))
    expect(gate(gates, 'Heartbeats without a gap')).toMatchObject({ ok: false, found: '1 in 4 heartbeats, longest 3 s' })
  })

  test('the longest loop lag of the run is kept, also when the newest is short', () => {
    const gates = new LiveGates()
    gates.put(beat(1, { loop_lag_ms_max_last_interval: 140 }))
    gates.put(beat(2, { loop_lag_ms_max_last_interval: 1 }))
    expect(gate(gates, 'Loop lag, longest')).toMatchObject({ ok: false, found: '140 ms' })
  })

  test('a field that the plant does not write stays unknown', () => {
    const gates = new LiveGates()
    gates.put(beat(1))
    expect(verdictOf(gate(gates, 'Instruments without a first book'))).toBe('unknown')
    gates.put(beat(2, { tokens_without_first_book: 2 }))
    expect(gate(gates, 'Instruments without a first book')).toMatchObject({ ok: false, found: '2' })
  })

  test('what is not yet synced is told, and not judged', () => {
    const gates = new LiveGates()
    expect(gates.unsyncedBytes()).toBeUndefined()
    gates.put(beat(1, { bytes_written: 1000, synced_bytes: { 0: 400, 1: 500 } }))
    expect(gates.unsyncedBytes()).toBe(100)
  })

  test('a heartbeat that comes twice, or that is none, counts once or not at all', () => {
    const gates = new LiveGates()
    gates.put(beat(1))
    gates.put(beat(1))
    gates.put('{')
    gates.put('[]')
    expect(gates.count).toBe(1)
  })

  test('another run begins anew', () => {
    const gates = new LiveGates()
    gates.put(beat(9, { reconnects: 4 }))
    gates.clear()
    gates.put(beat(1))
    expect(gate(gates, 'Reconnects').ok).toBe(true)
  })
})

test('the summary names failures first and unknown ones apart', () => {
  const one = (ok: boolean | undefined) => ({ name: 'x', ok, found: '', limit: '' })
  expect(gateSummary([one(true), one(false), one(undefined)])).toBe('1 failed, 1 passed, 1 unknown')
  expect(gateSummary([one(true)])).toBe('1 passed')
})
