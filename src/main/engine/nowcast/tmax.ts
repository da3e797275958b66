import type { Anchor } from './baseForecast.ts'
import { decayedBias } from './dayState.ts'
import type { PwsAdjustment } from './pwsAdjustment.ts'
import { clip, rounded } from './rounding.ts'
import type { Explanation, NowcastInput } from './types.ts'

const LOWEST_F = -40
const HIGHEST_F = 130
/** After this hour nothing much is added to the day's maximum. */
const EVENING = 17

export interface Tmax {
  readonly meanF: number
  readonly biasF: number
  readonly explanations: readonly Explanation[]
}

/** The expected highest temperature of the day, and how it came about. */
export function tmaxOf(input: NowcastInput, anchor: Anchor, pws: PwsAdjustment | undefined): Tmax {
  const { day, hour } = input
  const biasF = anchor.hourlyF === undefined || day.biasF === undefined ? 0 : decayedBias(day.biasF, anchor.peakHour - hour)
  const explanations: Explanation[] = []
  const say = (factor: string, contributionF: number, description: string): void => {
    explanations.push({ factor, contribution_f: rounded(contributionF, 2), description })
  }
  say(
    'base_forecast',
    anchor.maxF,
    anchor.hourlyF === undefined ? 'No valid forecast: last report plus a rise.' : 'Highest hour of the forecast.'
  )
  if (biasF !== 0) say('bias', biasF, 'Reports against the forecast so far, fading towards the peak.')
  if (pws !== undefined && pws.adjustmentF !== 0) say('pws', pws.adjustmentF, 'Personal stations are newer than the last report.')
  let meanF = anchor.maxF + biasF + (pws?.adjustmentF ?? 0)
  const max = day.maxAlignedF
  if (max !== undefined && meanF < max) {
    say('floor', max - meanF, 'The day has been as warm as this already.')
    meanF = max
  }
  if (max !== undefined && hour >= anchor.peakHour + 1) {
    const cap = max + marginAfterPeak(hour, anchor.peakHour)
    if (meanF > cap) {
      say('cap', cap - meanF, 'The hour of the peak has passed.')
      meanF = cap
    }
  }
  return { meanF: clip(meanF, LOWEST_F, HIGHEST_F), biasF, explanations }
}

/** What the day may still gain once the peak hour has passed, °F. */
export function marginAfterPeak(hour: number, peakHour: number): number {
  return hour < EVENING ? 0.5 + (1.5 * (EVENING - hour)) / Math.max(1, EVENING - peakHour) : 0.5
}
