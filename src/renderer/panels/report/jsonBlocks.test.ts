import { describe, expect, test } from 'vitest'
import { factText, jsonBlocks, numberText } from './jsonBlocks.ts'
import { reportJson } from './reportJson.ts'

const stats = { count: 3, min: 0.1, max: 9, p50: 1, p95: 8, p99: null }
const none = { count: 0, min: null, max: null, p50: null, p95: null, p99: null }

describe('a report as tables', () => {
  test('series of one object become one table with units from the keys', () => {
    expect(jsonBlocks({ loop_lag_ms: stats, dt_s: none })).toEqual([
      {
        kind: 'stats',
        rows: [
          { name: 'loop lag', unit: 'ms', count: 3, values: [0.1, 1, 8, null, 9] },
          { name: 'dt', unit: 's', count: 0, values: [null, null, null, null, null] }
        ]
      }
    ])
  })

  test('a unit on the outside holds for the series inside', () => {
    expect(jsonBlocks({ ingest_latency_ms: { ws_rx: stats } })).toMatchObject([
      { kind: 'group', name: 'ingest latency', blocks: [{ kind: 'stats', rows: [{ name: 'ws rx', unit: 'ms' }] }] }
    ])
  })

  test('histograms become bars, the last one open to above', () => {
    const value = {
      total: 4,
      bucket_edges: [1],
      buckets: [
        { le: 1, count: 3, pct: 75 },
        { le: null, count: 1, pct: 25 }
      ]
    }
    expect(jsonBlocks({ lag_ms: value })).toMatchObject([
      {
        kind: 'histogram',
        name: 'lag',
        unit: 'ms',
        bars: [
          { label: '≤ 1', share: 1 },
          { label: 'above 1', count: 1 }
        ]
      }
    ])
  })

  test('plain values are facts; what is not known says so and is never 0', () => {
    expect(jsonBlocks({ ok: true, records: 12_345, max_gap: null, reasons: [], time_s_total: 0 })).toEqual([
      {
        kind: 'facts',
        rows: [
          ['ok', 'yes'],
          ['records', '12\u2009345'],
          ['max gap', 'unknown'],
          ['reasons', 'none'],
          ['time total (s)', '0']
        ]
      }
    ])
  })

  test('a list of objects is a table, an empty object says none', () => {
    expect(jsonBlocks({ top_gaps: [{ gap_seconds: 3 }], by_reason: {} })).toEqual([
      { kind: 'facts', rows: [['by reason', 'none']] },
      { kind: 'table', name: 'top gaps', columns: ['gap (s)'], rows: [['3']] }
    ])
  })

  test('no first bad offset is none, not unknown', () => {
    expect(jsonBlocks({ first_bad_offset: null })).toEqual([{ kind: 'facts', rows: [['first bad offset', 'none']] }])
  })

  test('anything else than an object is shown as it is', () => {
    expect(jsonBlocks(undefined)).toEqual([{ kind: 'facts', rows: [['value', 'unknown']] }])
  })

  test('integers beyond 2^53 are shown and copied to the last digit', () => {
    expect(factText(1768489200000000002n)).toBe('1768489200000000002')
    expect(reportJson({ at: 1768489200000000002n, n: 1 })).toBe('{\n  "at": 1768489200000000002,\n  "n": 1\n}')
  })

  test('numbers keep at most four decimals', () => {
    expect(numberText(0.123456)).toBe('0.1235')
    expect(numberText(12345.5)).toBe('12\u2009345.5')
    expect(factText([1, null])).toBe('1, unknown')
  })
})
