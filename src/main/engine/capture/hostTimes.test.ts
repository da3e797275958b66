import { expect, test } from 'vitest'
import { inHostTime } from './hostTimes.ts'

test('durations of a run by a fast clock are told in time of the host; instants, counts and everything else stay', () => {
  const fields = {
    hb_mono_ns: 5n,
    elapsed_ns: 240,
    write_ns_p99: 2400,
    ws_rx_to_parsed_ms_mean: 24,
    ws_rx_to_parsed_ms_count: 24,
    hb_tick_work_ns: 480,
    frames: 24,
    venue: 'x'
  }
  expect(inHostTime(fields, 1)).toBe(fields)
  expect(inHostTime(fields, 240)).toEqual({ ...fields, write_ns_p99: 10, ws_rx_to_parsed_ms_mean: 0.1, hb_tick_work_ns: 2 })
})
