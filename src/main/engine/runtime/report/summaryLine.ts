import type { Failure } from '../../../../shared/errors.ts'
import { stringifyBigJson, type BigJson } from '../../bundle/index.ts'
import type { RunResult } from '../runResult.ts'

export interface SummaryLineOptions {
  /** Byte-identical between runs: no time, nested keys sorted. */
  readonly stable?: boolean | undefined
  /** Profit and positions, also of a replay. */
  readonly pnl?: boolean | undefined
}

type Json = Record<string, BigJson | undefined>

/**
 * The one line that a run prints, without newline. Keys up to `error` and their order are the capture system's; ours follow behind.
 */
export function summaryLine(result: RunResult, options: SummaryLineOptions = {}): string {
  const stable = options.stable === true
  const { live, counts, missing, trust } = result
  const line: Json = {
    ok: result.ok,
    mode: result.mode,
    execution: 'sim',
    canonical_events: result.canonicalEvents,
    intents: result.intents,
    final_hash: result.finalHash,
    elapsed_ms: stable ? 0 : Math.round(result.elapsedNs / 1e6),
    ...(live === undefined ? {} : liveKeys(result, live)),
    // Times differ each time.
    ...(live === undefined && result.timed && !stable ? { callback_stats: statsJson(result) } : {}),
    pnl: options.pnl === true ? pnlJson(result) : undefined,
    error: result.failure?.message,
    events: result.events,
    fills: result.fills,
    ...(live === undefined ? { decode_errors: counts.decodeErrors } : {}),
    schema_errors: counts.schemaErrors,
    fallbacks: counts.fallbacks,
    skipped: counts.skipped,
    ...(live === undefined ? { missing_bytes: missing.bytes, missing_records: missing.records } : {}),
    untrusted: {
      share_e6: trust.anyShareE6 ?? null,
      mean_share_e6: trust.meanShareE6 ?? null,
      markets: trust.markets,
      untrusted_markets: trust.marketsTouched
    },
    note: result.note
  }
  return stringifyBigJson(stable ? withSortedInside(line) : line)
}

/** The line of a run that could not begin. */
export function failedLine(mode: string, execution: string, failure: Failure): string {
  const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  return stringifyBigJson({
    ok: false,
    mode,
    execution,
    canonical_events: 0,
    intents: 0,
    final_hash: nothing,
    elapsed_ms: 0,
    error: failure.message
  })
}

function liveKeys(result: RunResult, live: NonNullable<RunResult['live']>): Json {
  return {
    reconnects: live.reconnects,
    decode_errors: result.counts.decodeErrors,
    dropped: live.dropped,
    callback_stats: statsJson(result),
    submitted_intents: result.submittedIntents
  }
}

function statsJson({ callbackStats }: RunResult): BigJson {
  return callbackStats as unknown as BigJson
}

function pnlJson({ pnl }: RunResult): BigJson {
  return {
    cash_e6: pnl.cashE6,
    realized_pnl_e6: pnl.realizedPnlE6,
    unrealized_pnl_e6: pnl.unrealizedPnlE6,
    fees_paid_e6: pnl.feesPaidE6,
    total_pnl_e6: pnl.totalPnlE6,
    positions_e6: Object.fromEntries(pnl.positions.map(({ marketId, positionE6 }) => [marketId, positionE6]))
  }
}

/** Sorts the keys of everything inside; those of the line itself keep their order. */
function withSortedInside(line: Json): Json {
  return Object.fromEntries(Object.entries(line).map(([key, value]) => [key, sorted(value)]))
}

function sorted(value: BigJson | undefined): BigJson | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value as Json).map(([key, inner]) => [key, sorted(inner)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
