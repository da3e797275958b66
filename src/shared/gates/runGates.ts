import type { GateResult } from '../api/index.ts'
import type { PressureReport } from './pressureStreaks.ts'
import type { QualityReport } from './quality.ts'

/** What is above fails: a longer time between two heartbeats, a later event loop (99th percentile and worst). */
export const GATE_LIMITS = { heartbeatGapS: 2, loopLagP99Ms: 10, loopLagMaxMs: 100 } as const

/** What is known of a run, finished or not. What nobody said is undefined: unknown, neither passed nor failed. */
export interface GateFacts {
  /** Undefined before there are two heartbeats. */
  readonly heartbeats: { readonly count: number; readonly gaps: number; readonly longestS: number; readonly thresholdS: number } | undefined
  readonly reconnects: number | undefined
  readonly disconnects: number | undefined
  readonly dropped: number | undefined
  readonly loopLagP99Ms: number | undefined
  readonly loopLagMaxMs: number | undefined
  readonly pressure: PressureReport | undefined
  readonly quality: QualityReport
  /** Why the run had to end; undefined where it had not. */
  readonly fatal: string | undefined
}

/** The FAIL gates of a capture that its heartbeats and its run log decide. */
export function runGates(facts: GateFacts): GateResult[] {
  const { heartbeats, pressure, quality, fatal } = facts
  return [
    {
      name: 'Heartbeats without a gap',
      ok: heartbeats === undefined ? undefined : heartbeats.gaps === 0,
      found:
        heartbeats === undefined
          ? 'unknown'
          : `${heartbeats.gaps} ${heartbeats.gaps === 1 ? 'gap' : 'gaps'} in ${heartbeats.count} heartbeats${heartbeats.gaps > 0 ? `, longest ${rounded(heartbeats.longestS)} s` : ''}`,
      limit: `no gap over ${heartbeats?.thresholdS ?? GATE_LIMITS.heartbeatGapS} s`
    },
    atMost('Reconnects while it ran', facts.reconnects, 0, ''),
    atMost('Connections lost while it ran', facts.disconnects, 0, ''),
    atMost('Dropped messages', facts.dropped, 0, ''),
    atMost('Loop lag, 99th percentile', facts.loopLagP99Ms, GATE_LIMITS.loopLagP99Ms, ' ms'),
    atMost('Loop lag, longest', facts.loopLagMaxMs, GATE_LIMITS.loopLagMaxMs, ' ms'),
    pressureGate(pressure),
    {
      name: 'Recording quality',
      ok: quality.quality_status === 'unknown' ? undefined : quality.quality_ok,
      found: [quality.quality_status, ...quality.quality_reasons].join(', '),
      limit: 'ok'
    },
    { name: 'No fatal end', ok: fatal === undefined, found: fatal ?? 'none', limit: 'none' }
  ]
}

/** @param limit most that passes */
export function atMost(name: string, value: number | undefined, limit: number, unit: string): GateResult {
  const text = `at most ${limit}${unit}`
  return value === undefined
    ? { name, found: 'unknown', limit: text }
    : { name, ok: value <= limit, found: `${rounded(value)}${unit}`, limit: text }
}

function pressureGate(pressure: PressureReport | undefined): GateResult {
  const known = pressure !== undefined && Object.values(pressure.max_streaks).some((streak) => streak !== null)
  const { worst_metric: metric = null, worst_streak: worst = 0, streak_intervals: most = 5 } = pressure ?? {}
  return {
    name: 'No sustained pressure',
    ok: known ? pressure.failed !== true : undefined,
    found: !known ? 'unknown' : metric === null ? 'none' : `${metric}: ${worst} heartbeats in a row`,
    limit: `fewer than ${most} heartbeats in a row`
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
