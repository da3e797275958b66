import { isoUtc, LocalTime, localText } from '../../../shared/world/index.ts'
import { anchorOf, isValid } from './baseForecast.ts'
import { bucketsOf, strikesOf, type Bucket } from './buckets.ts'
import { confidenceOf } from './confidence.ts'
import { peakOf, type PeakBin } from './peak.ts'
import { pwsAdjustment } from './pwsAdjustment.ts'
import { rounded } from './rounding.ts'
import { sigmaOf } from './sigma.ts'
import { tmaxOf } from './tmax.ts'
import type { Explanation, NowcastInput } from './types.ts'

/** A nowcast holds for five minutes. */
const VALID_MS = 5 * 60_000
const newYork = new LocalTime('America/New_York')
const madrid = new LocalTime('Europe/Madrid')

/** The nowcast as it is written, names as in the storage and replay seed. */
export interface Nowcast {
  readonly model: 'baseline'
  readonly ts_generated_utc: string | undefined
  readonly ts_nyc: string
  readonly ts_es: string
  readonly station_id: string
  readonly target_date: string
  readonly tmax_mean_f: number
  readonly tmax_sigma_f: number
  readonly p_bucket: readonly Bucket[]
  readonly p_ge_strike: Readonly<Record<string, number>>
  readonly t_peak_bins: readonly PeakBin[]
  readonly t_peak_expected_hour: number
  readonly confidence: number
  readonly confidence_factors: readonly string[]
  readonly explanations: readonly Explanation[]
  readonly valid_until_utc: string | undefined
  readonly bias_f: number
  readonly base_forecast_source: string
  readonly qc: string
  readonly inputs_used: readonly string[]
}

/**
 * The baseline model of the day's highest temperature: a forecast, corrected by the reports so far and by personal stations nearby.
 * A function of its input and nothing else. Source of the formulas: the nowcast chapter of the semantics of the storage and replay seed.
 */
export function nowcast(input: NowcastInput): Nowcast {
  const { nowMs, metar, hour } = input
  const anchor = anchorOf(input)
  const validBase = isValid(input.base, nowMs)
  const pws = pwsAdjustment(input, metar?.tempF ?? anchor.hourlyF?.[Math.floor(hour)])
  const { meanF, biasF, explanations } = tmaxOf(input, anchor, pws)
  const sigmaF = sigmaOf(input, pws)
  const { confidence, factors } = confidenceOf(input, sigmaF, validBase, pws)
  const { bins, expectedHour } = peakOf(input, anchor)
  return {
    model: 'baseline',
    ts_generated_utc: isoUtc(nowMs),
    ts_nyc: localText(newYork, nowMs),
    ts_es: localText(madrid, nowMs),
    station_id: input.stationId,
    target_date: input.date,
    tmax_mean_f: rounded(meanF, 1),
    tmax_sigma_f: rounded(sigmaF, 2),
    p_bucket: bucketsOf(meanF, sigmaF, input.day.maxAlignedF),
    p_ge_strike: strikesOf(meanF, sigmaF),
    t_peak_bins: bins,
    t_peak_expected_hour: expectedHour,
    confidence,
    confidence_factors: factors,
    explanations,
    valid_until_utc: isoUtc(nowMs + VALID_MS),
    bias_f: rounded(biasF, 2),
    base_forecast_source: anchor.source,
    qc: input.qc,
    inputs_used: [...(metar === undefined ? [] : ['METAR']), ...(validBase ? ['FORECAST'] : []), ...(pws === undefined ? [] : ['PWS'])]
  }
}
