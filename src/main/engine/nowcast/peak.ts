import type { Anchor } from './baseForecast.ts'
import { rounded } from './rounding.ts'
import type { NowcastInput } from './types.ts'

const BIN_HOURS = 2

export interface PeakBin {
  readonly label: string
  readonly label_nyc: string
  readonly label_es: string
  readonly label_short: string
  readonly bin_start_hour_nyc: number
  readonly bin_end_hour_nyc: number
  readonly probability: number
}

/** When the day is warmest: twelve bins of two hours on the station's clock, and the middle of the likeliest. */
export function peakOf(input: NowcastInput, anchor: Anchor): { readonly bins: readonly PeakBin[]; readonly expectedHour: number } {
  const weights = Array.from({ length: 24 / BIN_HOURS }, (_, i) => weightOf(i * BIN_HOURS, input, anchor))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const shares = weights.map((weight) => (total > 0 ? rounded(weight / total, 4) : 0))
  const likeliest = shares.indexOf(Math.max(...shares))
  return { bins: shares.map((share, i) => binOf(i * BIN_HOURS, share, input)), expectedHour: likeliest * BIN_HOURS + BIN_HOURS / 2 }
}

function weightOf(start: number, { hour, day }: NowcastInput, { hourlyF, maxF }: Anchor): number {
  if (start + BIN_HOURS <= hour) return 0
  const weight = hourlyF === undefined ? usualWeight(start) : Math.exp(-(maxF - Math.max(...hourlyF.slice(start, start + BIN_HOURS))) / 2)
  const trend = day.trendF ?? 0
  if (trend > 1 && start >= hour + 2) return weight * 1.3
  if (trend < -0.5 && start <= hour + 1) return weight * 1.5
  return weight
}

/** Without a forecast: early afternoon. */
function usualWeight(start: number): number {
  if (start >= 12 && start <= 16) return 0.3
  return start === 10 || start === 18 ? 0.1 : 0.05
}

function binOf(start: number, probability: number, { newYorkAhead, madridAhead }: NowcastInput): PeakBin {
  const span = (ahead: number): string => `${clock(start + ahead)}-${clock(start + BIN_HOURS + ahead)}`
  return {
    label: span(0),
    label_nyc: span(newYorkAhead),
    label_es: span(madridAhead),
    label_short: `${start}-${start + BIN_HOURS}`,
    bin_start_hour_nyc: wrapped(start + newYorkAhead),
    bin_end_hour_nyc: wrapped(start + newYorkAhead) + BIN_HOURS,
    probability
  }
}

/** Hours on the clock of another zone: half hours exist. */
function wrapped(hour: number): number {
  return ((hour % 24) + 24) % 24
}

function clock(hour: number): string {
  const minutes = Math.round(wrapped(hour) * 60)
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
