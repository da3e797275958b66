import { QC_STATES, type QcState } from '../channels/index.ts'
import { CLUSTER_SUPPORT, OUTLIER_SCORE, spatialScore } from './cluster.ts'

/** Temperatures outside of these cannot be, °C. */
const LOWEST_C = -50
const HIGHEST_C = 60

/** An observation may carry a time this far ahead of its receipt: clocks differ. */
export const FUTURE_TOLERANCE_MS = 5 * 60_000
/** Older than this at its receipt an observation says nothing of today. */
export const OLDEST_MS = 24 * 3600_000

/** A verdict on one observation: the worst state and every reason for it. */
export interface Verdict {
  readonly qc: QcState
  readonly flags: readonly string[]
}

/** The worse of two states; they are listed from good to bad. */
export function worse(a: QcState, b: QcState): QcState {
  return QC_STATES.indexOf(a) >= QC_STATES.indexOf(b) ? a : b
}

/** All verdicts in one. */
export function verdictOf(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((sum, one) => ({ qc: worse(sum.qc, one.qc), flags: [...sum.flags, ...one.flags] }), { qc: 'OK', flags: [] })
}

/** What a report cannot say, whatever its neighbours say. Temperatures in °C. */
export function hardRules(tempC: number | undefined, dewpointC: number | undefined): Verdict {
  if (tempC === undefined) return { qc: 'UNCERTAIN', flags: ['NO_TEMPERATURE'] }
  if (!(tempC >= LOWEST_C && tempC <= HIGHEST_C)) return { qc: 'SEVERE', flags: ['TEMP_OUT_OF_BOUNDS'] }
  return dewpointC !== undefined && dewpointC > tempC ? { qc: 'UNCERTAIN', flags: ['DEWPOINT_GT_TEMP'] } : { qc: 'OK', flags: [] }
}

/** The tenths of a remark and the whole degrees of the body are of one thermometer: further apart than this one of them is a slip. */
const BODY_TOLERANCE_C = 1

/** Whether the two temperatures of one report agree, °C. */
export function bodyRule(tempC: number | undefined, bodyTempC: number | undefined): Verdict {
  const apart = tempC === undefined || bodyTempC === undefined ? 0 : Math.abs(tempC - bodyTempC)
  return apart > BODY_TOLERANCE_C ? { qc: 'UNCERTAIN', flags: ['BODY_DIFFERS'] } : { qc: 'OK', flags: [] }
}

/** Whether an observation fits the cluster around it; `support` is the number of readings in the cluster. */
export function spatialRule(
  tempC: number,
  cluster: { readonly medianC?: number | undefined; readonly madC?: number | undefined; readonly support: number }
): Verdict {
  const { medianC, madC, support } = cluster
  if (medianC === undefined || madC === undefined || support < CLUSTER_SUPPORT) return { qc: 'UNCERTAIN', flags: ['LOW_SUPPORT'] }
  const score = spatialScore(tempC, medianC, madC)
  return score > OUTLIER_SCORE ? { qc: 'OUTLIER', flags: [`SPATIAL_OUTLIER_${score.toFixed(1)}`] } : { qc: 'OK', flags: [] }
}

/** Whether the time of an observation can be: one that comes from the future cannot, one of yesterday comes too late. */
export function timeRule(obsTimeMs: number, receivedMs: number): Verdict {
  if (obsTimeMs > receivedMs + FUTURE_TOLERANCE_MS) return { qc: 'SEVERE', flags: ['TIME_IN_FUTURE'] }
  return receivedMs - obsTimeMs > OLDEST_MS ? { qc: 'UNCERTAIN', flags: ['OLDER_THAN_A_DAY'] } : { qc: 'OK', flags: [] }
}
