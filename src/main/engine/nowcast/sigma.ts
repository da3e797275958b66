import { clip } from './rounding.ts'
import type { PwsAdjustment } from './pwsAdjustment.ts'
import type { NowcastInput, SourceStatus } from './types.ts'

const LEAST = 0.5

/** How alive the reports of a station are. @param ageS age of the newest one */
export function metarStatus(ageS: number | undefined): SourceStatus {
  if (ageS === undefined) return 'NO_DATA'
  return ageS > 3600 ? 'DEAD' : ageS > 900 ? 'STALE' : 'OK'
}

/** Standard deviation of the nowcast, °F. */
export function sigmaOf(input: NowcastInput, pws: PwsAdjustment | undefined): number {
  const { qc, metar, hour, day } = input
  let sigma = 2 + (qc === 'UNCERTAIN' ? 0.5 : qc === 'OK' ? 0 : 1)
  sigma += metar === undefined || metar.ageS > 3600 ? 1 : metar.ageS > 1800 ? 0.7 : metar.ageS > 900 ? 0.3 : 0
  sigma += 0.3 * staleSources(input)
  // A usable cluster comes only with a report that is old or missing.
  if (pws !== undefined) {
    sigma -= 0.35 * pws.quality * clip(pws.weight / 0.45, 0.2, 1)
    const apart = Math.abs(pws.deltaF)
    if (apart > 3) sigma += Math.min(0.35, ((apart - 3) / 3) * 0.35)
  }
  if (hour >= 14) sigma *= 0.7
  else if (hour >= 12) sigma *= 0.85
  if (day.observations > 10) sigma *= 0.9
  return Math.max(LEAST, sigma)
}

/** Sources that are not what they should be. */
export function staleSources(input: NowcastInput): number {
  return input.sources.filter((source) => source.status !== 'OK').length
}
