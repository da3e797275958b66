import type { BundleReport, JobKind, SliceMade, StrategyPlan, StrategyResult } from '../../shared/api/index.ts'
import { seededRandom } from './fakeMarket.ts'

const TICK_MS = 250
const TICKS = 12

/** Tells progress for a few seconds, then gives the result; `undefined` when it was cancelled. */
export class FakeJobs {
  readonly #tell: (job: JobKind, share: number | undefined) => void
  #cancel: (() => void) | undefined

  constructor(tell: (job: JobKind, share: number | undefined) => void) {
    this.#tell = tell
  }

  cancel(): void {
    this.#cancel?.()
  }

  async run<T>(job: JobKind, result: () => T): Promise<T | undefined> {
    let cancelled = false
    this.#cancel = () => (cancelled = true)
    for (let i = 0; i < TICKS && !cancelled; i++) {
      this.#tell(job, i / TICKS)
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
    this.#tell(job, undefined)
    return cancelled ? undefined : result()
  }
}

const stats = { count: 1799, min: 0.08, p50: 0.42, p95: 3.1, p99: 7.9, max: 21.7 }
const unknown = { count: 0, min: null, p50: null, p95: null, p99: null, max: null }

export function fakeReport(path: string): BundleReport {
  const counts = [12, 220, 640, 410, 260, 120, 80, 40, 12, 4, 1, 0]
  const edges = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]
  return {
    path,
    runId: 'run-20240808-235413',
    gates: [
      { name: 'Heartbeats without a gap', ok: true, found: '0 gaps in 1799 heartbeats', limit: 'no gap over 2 s' },
      { name: 'Reconnects while it ran', ok: false, found: '1', limit: 'at most 0' },
      { name: 'Loop lag, 99th percentile', ok: true, found: '7.9 ms', limit: 'at most 10 ms' },
      { name: 'No sustained pressure', found: 'unknown', limit: 'fewer than 5 heartbeats in a row' }
    ],
    verify: { ok: true, totals: { records: 15_447, errors: 0, crc_mismatch: 0, truncated_shards: [] } },
    audit: { hb_count: 1799, max_gap_seconds: 1.02, top_gaps: [{ gap_seconds: 1.02, from_rel_s: 88 }], quality_status: 'ok' },
    latency: {
      heartbeat: { dt_s: stats },
      ingest_latency_ms: { ws_rx_to_parsed_ms: { p50: stats, p99: stats }, apply_update_ms: { p50: unknown } },
      histograms_ms: {
        loop_lag_ms: {
          total: 1799,
          bucket_edges: edges,
          buckets: counts.map((count, i) => ({ le: edges[i] ?? null, count, pct: (100 * count) / 1799 }))
        }
      }
    },
    journal: {
      state: 'ended',
      sentence: 'The journal is complete.',
      keep: 'light',
      channels: [{ channel: 'l2_snap_1s', lines: 5400, segments: 1 }]
    },
    inspection: { shards: { count: 1, by_shard: { shard_00: { records: 15_447, frames_bytes: 4_495_693 } } } }
  }
}

export function fakeSlice(): SliceMade {
  return { path: '/data/runs/btc-evening-slice', records: 4711, bytes: 1_200_000 }
}

/** A run whose PnL wanders, with a fill every half minute. */
export function fakeStrategyResult(path: string, plan: StrategyPlan, seconds: number): StrategyResult {
  const random = seededRandom(11)
  const market = 'BTCUSDT'
  const relNs = Array.from({ length: seconds / 2 }, (_, i) => i * 2e9)
  let pnl = 0
  let position = 0
  const totalPnlE6 = relNs.map(() => (pnl += Math.round((random() - 0.48) * 900_000)))
  const positionE6 = relNs.map(() => (position += Math.round((random() - 0.5) * 2) * 1e6))
  const fillRows = Array.from({ length: seconds / 30 }, (_, i) => ({
    relNs: i * 30e9 + Math.round(random() * 2e10),
    market,
    side: random() < 0.5 ? ('buy' as const) : ('sell' as const),
    pxE6: 61_800_000_000 + Math.round((random() - 0.5) * 4000) * 10_000,
    sizeE6: 1_000_000,
    feeE6: 0
  }))
  const intentRows = fillRows.map((fill) => ({
    ...fill,
    strategy: plan.strategies[0]?.name ?? '',
    kind: 'place' as const,
    tag: 'toy_taker'
  }))
  return {
    ok: true,
    complete: true,
    path,
    strategies: plan.strategies.map(({ name }) => name),
    events: plan.events,
    missingBytes: 0,
    missingRecords: 0,
    callbacks: [],
    canonicalEvents: 128_400,
    intents: intentRows.length,
    fills: fillRows.length,
    finalHash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    elapsedMs: 842,
    untrustedShare: 0.0347,
    pnl: { cashE6: -120_000_000, realizedE6: pnl - 400_000, unrealizedE6: 400_000, feesE6: 0, totalE6: pnl },
    positions: [{ market, positionE6: position }],
    intentRows,
    fillRows,
    series: {
      relNs,
      totalPnlE6,
      longPositionE6: positionE6.map((held) => Math.max(0, held)),
      shortPositionE6: positionE6.map((held) => Math.min(0, held))
    },
    marketSeries: [{ market, positionE6 }],
    marketsLeftOut: 0
  }
}
