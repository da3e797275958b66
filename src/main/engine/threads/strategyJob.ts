import type { FillRow, IntentRow, StrategyRequest, StrategyResult } from '../../../shared/api/index.ts'
import type { StrategiesRun } from './jobMessages.ts'
import { runStrategies, type Fill, type IntentRow as RunIntentRow, type RunResult } from '../runtime/index.ts'

/** Runs strategies over a bundle and brings the result into the form of the screen. */
export async function strategyJob(request: StrategyRequest, onProgress: (share: number) => void): Promise<StrategiesRun> {
  const { path, strategies, events, params } = request
  const result = await runStrategies({
    source: { mode: 'replay', runDir: path },
    strategies: strategies.map((name) => ({ name, params })),
    events,
    onProgress: ({ share }) => onProgress(share ?? 0)
  })
  return { result: { ...summaryOf(result), path, ...detailsOf(result) }, decisionsRelNs: result.details?.decisionsRelNs ?? [] }
}

function summaryOf(result: RunResult): Omit<StrategyResult, 'path' | 'intentRows' | 'fillRows' | 'series'> {
  const { pnl } = result
  return {
    ok: result.ok,
    ...(result.failure !== undefined && { error: result.failure.message }),
    ...(result.note !== undefined && { note: result.note }),
    strategies: result.strategyIds,
    events: result.events,
    canonicalEvents: result.canonicalEvents,
    intents: result.intents,
    fills: result.fills,
    finalHash: result.finalHash,
    elapsedMs: result.elapsedNs / 1e6,
    untrustedShare: result.trust.anyShareE6 / 1e6,
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

function detailsOf({ details }: RunResult): Pick<StrategyResult, 'intentRows' | 'fillRows' | 'series'> {
  const series = details?.series ?? []
  return {
    intentRows: (details?.intents ?? []).map(intentRow),
    fillRows: (details?.fills ?? []).map(fillRow),
    series: {
      relNs: series.map((point) => point.recvRelNs),
      totalPnlE6: series.map((point) => point.totalPnlE6),
      grossPositionE6: series.map((point) => point.grossPositionE6)
    }
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
