import { expect, test } from 'vitest'
import { PressureStreaks } from './pressureStreaks.ts'

function reportOf(records: readonly Record<string, unknown>[]): ReturnType<PressureStreaks['report']> {
  const streaks = new PressureStreaks()
  for (const record of records) streaks.take(record)
  return streaks.report()
}

const times = (n: number, record: Record<string, unknown>): Record<string, unknown>[] => Array.from({ length: n }, () => record)

test.each([
  ['ws_in_q_depth_max', { ws_in_q_depth_max: 200 }, { ws_in_q_depth_max: 199 }],
  ['parse_q_depth_max', { parse_q_depth_max: 200 }, { parse_q_depth_max: 199 }],
  ['write_q_depth_max', { write_q_depth_max: 200 }, { write_q_depth_max: 199 }],
  ['ws_rx_to_parsed_ms_p99', { ws_rx_to_parsed_ms_p99: 50 }, { ws_rx_to_parsed_ms_p99: 49.999 }],
  ['ws_rx_to_applied_ms_p99', { ws_rx_to_applied_ms_p99: 100 }, { ws_rx_to_applied_ms_p99: 99.999 }],
  ['backpressure_ms_p99', { backpressure_ns_p99: 25_000_000 }, { backpressure_ns_p99: 24_999_999 }]
])('%s at its threshold in five heartbeats in a row fails, in four or just below it does not', (name, high, low) => {
  expect(reportOf(times(5, high))).toMatchObject({ worst_metric: name, worst_streak: 5, failed: true })
  expect(reportOf([...times(4, high), low, ...times(4, high)])).toMatchObject({ worst_metric: name, worst_streak: 4, failed: false })
  expect(reportOf(times(50, low))).toMatchObject({ worst_metric: null, worst_streak: 0, failed: false, max_streaks: { [name]: 0 } })
})

test('a heartbeat without the field ends a streak, and a field that never came has no streak at all', () => {
  const high = { parse_q_depth_max: 1000 }
  expect(reportOf([...times(4, high), {}, ...times(4, high)])).toMatchObject({ worst_streak: 4, failed: false })
  expect(reportOf([{}, { parse_q_depth_max: 'many' }, { parse_q_depth_max: null }])).toMatchObject({
    max_streaks: { ws_in_q_depth_max: null, parse_q_depth_max: null, backpressure_ms_p99: null },
    failed: false
  })
})
