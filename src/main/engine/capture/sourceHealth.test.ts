import { expect, test } from 'vitest'
import type { TapeHealth, TapeReport } from '../threads/captureMessages.ts'
import type { ShardFacts } from './heartbeat.ts'
import { sourceFields } from './sourceHealth.ts'

const NOW = 100e9
interface Connection {
  readonly dataS?: number
  readonly open?: boolean
  readonly lost?: boolean
  readonly keys?: number
}

function shard({ dataS, open = true, lost = false, keys = 3 }: Connection): ShardFacts {
  const stats = {
    lastDataRelNs: dataS === undefined ? undefined : dataS * 1e9,
    firstOpenRelNs: open ? 1e9 : undefined,
    lostSinceRelNs: lost ? 90e9 : undefined
  }
  return { stats, keyCount: keys } as unknown as ShardFacts
}

const report = (health: TapeHealth): TapeReport => ({ health }) as unknown as TapeReport
const told = (shards: readonly Connection[], health?: TapeHealth, lag?: number): object =>
  sourceFields('polymarket', shards.map(shard), NOW, health === undefined ? undefined : report(health), lag)

test('the venue is as well as its connections', () => {
  const state = (...shards: readonly Connection[]): unknown => (told(shards) as { sources: Record<string, string> }).sources['polymarket']
  expect(state()).toBe('NO_DATA')
  expect(state({}, {})).toBe('NO_DATA')
  expect(state({ dataS: 99 }, { dataS: 98 })).toBe('OK')
  expect(state({ dataS: 99 }, { dataS: 80, lost: true })).toBe('STALE')
  expect(state({ dataS: 99 }, { open: false })).toBe('STALE')
  expect(state({ dataS: 80, lost: true }, { dataS: 70, lost: true })).toBe('DEAD')
  expect(state({ dataS: 99 }, { open: false, keys: 0 })).toBe('OK')
})

test('each source has its state, its age and how long its word took; what is not known is left out', () => {
  const health: TapeHealth = {
    gaps: 4,
    resyncs: 7,
    venueLatencyS: 0.084,
    sources: [
      { name: 'metar/KLGA', status: 'STALE', ageS: 1000, latencyS: 312 },
      { name: 'forecast/KLGA', status: 'NO_DATA', ageS: undefined, latencyS: undefined }
    ]
  }
  expect(told([{ dataS: 99.5 }, { dataS: 20 }], health, 1.25)).toEqual({
    gaps: 4,
    resyncs: 7,
    sources: { polymarket: 'OK', 'metar/KLGA': 'STALE', 'forecast/KLGA': 'NO_DATA' },
    staleness: { polymarket: 0.5, 'metar/KLGA': 1000 },
    latencies: { polymarket: 0.084, 'metar/KLGA': 312, ws_publisher_lag_ms: 1.25 }
  })
  expect(told([{}])).toEqual({ sources: { polymarket: 'NO_DATA' }, staleness: {}, latencies: {} })
})
