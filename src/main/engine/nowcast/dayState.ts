import type { BaseForecast, DayState } from './types.ts'

const ALPHA = 0.3
const ALPHA_UNCERTAIN = 0.1
/** Reports closer together than this say nothing of a trend. */
const TREND_GAP_MS = 3 * 60_000
/** More than a report every two minutes is no station. */
const MAX_TEMPS = 800

/** A day of which nothing is known. */
export function newDay(date: string): DayState {
  return {
    date,
    observations: 0,
    maxAlignedF: undefined,
    maxF: undefined,
    biasF: undefined,
    trendF: undefined,
    last: undefined,
    temps: []
  }
}

/** The day after one more report of it. The report must be fit for use; `hour` is its hour of that day. */
export function withReport(
  day: DayState,
  report: {
    readonly obsTimeMs: number
    readonly tempF: number
    readonly alignedF: number
    readonly certain: boolean
    readonly hour: number
  },
  base: BaseForecast | undefined
): DayState {
  const { obsTimeMs, tempF, alignedF, certain } = report
  const kept = day.temps.filter((entry) => entry.obsTimeMs !== obsTimeMs)
  const temps = [...kept, { obsTimeMs, tempF, alignedF }].sort((a, b) => a.obsTimeMs - b.obsTimeMs).slice(-MAX_TEMPS)
  const common = {
    date: day.date,
    observations: day.observations + (kept.length === day.temps.length ? 1 : 0),
    temps,
    maxF: Math.max(...temps.map((entry) => entry.tempF)),
    maxAlignedF: Math.max(...temps.map((entry) => entry.alignedF))
  }
  // A report of an earlier time moves the maximum, but it says nothing of now.
  if (day.last !== undefined && obsTimeMs < day.last.obsTimeMs) {
    return { ...common, biasF: day.biasF, trendF: day.trendF, last: day.last }
  }
  return { ...common, biasF: biasAfter(day, report, base, certain), trendF: trendAfter(day, report), last: { tempF, obsTimeMs } }
}

function biasAfter(
  day: DayState,
  report: { readonly tempF: number; readonly hour: number },
  base: BaseForecast | undefined,
  certain: boolean
): number | undefined {
  const model = base?.hourlyF[Math.floor(report.hour)]
  if (model === undefined) return day.biasF
  const delta = report.tempF - model
  return day.biasF === undefined ? delta : smoothed(day.biasF, delta, certain ? ALPHA : ALPHA_UNCERTAIN)
}

function trendAfter(day: DayState, report: { readonly obsTimeMs: number; readonly tempF: number }): number | undefined {
  if (day.last === undefined || report.obsTimeMs - day.last.obsTimeMs <= TREND_GAP_MS) return day.trendF
  const perHour = (report.tempF - day.last.tempF) / ((report.obsTimeMs - day.last.obsTimeMs) / 3600_000)
  return day.trendF === undefined ? perHour : smoothed(day.trendF, perHour, ALPHA)
}

function smoothed(old: number, value: number, alpha: number): number {
  return alpha * value + (1 - alpha) * old
}

/** What is left of the bias so many hours ahead: a third of six hours is its time constant. */
export function decayedBias(biasF: number, hoursAhead: number): number {
  return hoursAhead <= 0 ? biasF : biasF * Math.exp(-hoursAhead / 2)
}
