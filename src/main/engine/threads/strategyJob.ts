import type { FillRow, IntentRow, LiveFigures, StrategyResult } from '../../../shared/api/index.ts'
import {
  liveLatencyLine,
  runStrategies,
  type Fill,
  type IntentRow as RunIntentRow,
  type LiveChoice,
  type ReplayChoice,
  type RunResult
} from '../runtime/index.ts'
import type { JobRequest, StrategiesRun } from './jobMessages.ts'

/** Runs strategies and brings the result into the form of the screen. @param signal ends a live run in order */
export async function strategyJob(
  { over, plan }: Extract<JobRequest, { kind: 'strategy' }>,
  onProgress: (share: number) => void,
  signal: AbortSignal
): Promise<StrategiesRun> {
  const { maxSeconds, ...settings } = plan.settings
  const source: ReplayChoice | LiveChoice =
    over.mode === 'replay'
      ? { mode: 'replay', runDir: over.path, maxSeconds }
      : { mode: 'live', config: over.config, durationSeconds: over.seconds }
  const result = await runStrategies({
    source,
    strategies: plan.strategies,
    events: plan.events,
    ...settings,
    signal,
    onProgress: ({ share }) => onProgress(share ?? 0)
  })
  const path = over.mode === 'replay' ? over.path : ''
  return { result: { ...summaryOf(result), path, ...detailsOf(result) }, decisionsRelNs: result.details?.decisionsRelNs ?? [] }
}

function summaryOf(result: RunResult): Omit<StrategyResult, 'path' | Details> {
  const { pnl, missing, timed, callbackStats } = result
  const live = liveFigures(result)
  return {
    ok: result.ok,
    complete: result.complete,
    ...(result.failure !== undefined && { error: result.failure.message }),
    ...(result.note !== undefined && { note: result.note }),
    ...(live !== undefined && { live }),
    strategies: result.strategyIds,
    events: result.events,
    canonicalEvents: result.canonicalEvents,
    intents: result.intents,
    fills: result.fills,
    finalHash: result.finalHash,
    elapsedMs: result.elapsedNs / 1e6,
    ...(result.trust.anyShareE6 !== undefined && { untrustedShare: result.trust.anyShareE6 / 1e6 }),
    missingBytes: missing.bytes,
    missingRecords: missing.records,
    callbacks: Object.entries(timed ? callbackStats : {}).map(([strategy, { count, mean_ns: meanNs, max_ns: maxNs, overruns }]) => ({
      strategy,
      count,
      meanUs: meanNs / 1000,
      maxUs: maxNs / 1000,
      overruns
    })),
    pnl: {
      cashE6: Number(pnl.cashE6),
      realizedE6: Number(pnl.realizedPnlE6),
      unrealizedE6: Number(pnl.unrealizedPnlE6),
      feesE6: Number(pnl.feesPaidE6),
      totalE6: Number(pnl.totalPnlE6)
    },
    positions: pnl.positions.map(({ marketId, positionE6 }) => ({ market: marketId, positionE6: Number(positionE6) }))
  }
}

function liveFigures(result: RunResult): LiveFigures | undefined {
  const { live, frames } = result
  if (live === undefined) return undefined
  const stages = Object.entries(live.stages).map(([name, stage]) => ({
    name,
    count: stage.count,
    p50Us: stage.p50_us,
    p90Us: stage.p90_us,
    p99Us: stage.p99_us,
    maxUs: stage.max_us
  }))
  return { reconnects: live.reconnects, dropped: live.dropped, frames, stages, report: liveLatencyLine(result) ?? '' }
}

type Details = 'intentRows' | 'fillRows' | 'series' | 'marketSeries' | 'marketsLeftOut'

function detailsOf({ details }: RunResult): Pick<StrategyResult, Details> {
  const series = details?.series ?? []
  return {
    intentRows: (details?.intents ?? []).map(intentRow),
    fillRows: (details?.fills ?? []).map(fillRow),
    series: {
      relNs: series.map((point) => point.recvRelNs),
      totalPnlE6: series.map((point) => point.totalPnlE6),
      longPositionE6: series.map((point) => point.longPositionE6),
      shortPositionE6: series.map((point) => point.shortPositionE6)
    },
    marketSeries: (details?.marketPositions ?? []).map(({ marketId, positionE6 }) => ({ market: marketId, positionE6 })),
    marketsLeftOut: details?.marketsLeftOut ?? 0
  }
}

function intentRow({ recvRelNs, strategyId, intent }: RunIntentRow): IntentRow {
  const row = { relNs: recvRelNs, strategy: strategyId, kind: intent.type, market: intent.marketId, tag: intent.tag }
  if (intent.type === 'cancel') return row
  const { side, sizeE6, priceE6 } = intent
  return { ...row, side, sizeE6, ...(priceE6 !== undefined && { pxE6: priceE6 }) }
}

function fillRow({ recvRelNs, marketId, side, pxE6, sizeE6, feeE6 }: Fill): FillRow {
  return { relNs: recvRelNs, market: marketId, side, pxE6, sizeE6, feeE6: Number(feeE6) }
}
