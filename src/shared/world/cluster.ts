import type { QcState } from '../channels/index.ts'

/** Fewer readings than this prove nothing about their neighbours. */
export const CLUSTER_SUPPORT = 3
/** Scores above this are outliers. */
export const OUTLIER_SCORE = 3
/** Stands in for a deviation of zero, °C. */
const LEAST_MAD = 0.1

/** Middle of the values; of an even number of them the mean of the two middle ones. @returns undefined for none */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]
  if (upper === undefined || sorted.length % 2 === 1) return upper
  return (sorted[sorted.length / 2 - 1]! + upper) / 2
}

/** Median of the absolute deviations from the median, not scaled. @returns undefined for no values */
export function madOf(values: readonly number[]): number | undefined {
  const median = medianOf(values)
  return median === undefined ? undefined : medianOf(values.map((value) => Math.abs(value - median)))
}

/** How far a value lies from a cluster, in deviations of the cluster. */
export function spatialScore(value: number, median: number, mad: number): number {
  // Without the noise of binary fractions: tenths are what stations report.
  return Math.round((Math.abs(value - median) / (mad === 0 ? LEAST_MAD : mad)) * 1e9) / 1e9
}

/** What a group of readings says together. Temperatures in °C. */
export interface Cluster<R> {
  readonly medianC: number | undefined
  readonly madC: number | undefined
  /** Readings that count. */
  readonly members: readonly R[]
  readonly outliers: readonly { readonly reading: R; readonly score: number }[]
  readonly qc: QcState
}

/**
 * Readings that lie too far from the others are outliers; median and deviation are those of the rest.
 * Below three readings nothing can be an outlier, and the cluster is uncertain.
 */
export function clusterOf<R extends { readonly tempC: number }>(readings: readonly R[]): Cluster<R> {
  const all = readings.map((reading) => reading.tempC)
  const median = medianOf(all)
  const mad = madOf(all)
  const members: R[] = []
  const outliers: { reading: R; score: number }[] = []
  for (const reading of readings) {
    const score = spatialScore(reading.tempC, median ?? 0, mad ?? 0)
    if (readings.length >= CLUSTER_SUPPORT && score > OUTLIER_SCORE) outliers.push({ reading, score })
    else members.push(reading)
  }
  const kept = members.map((reading) => reading.tempC)
  const qc = members.length < CLUSTER_SUPPORT ? 'UNCERTAIN' : 'OK'
  return { medianC: rounded(medianOf(kept)), madC: rounded(madOf(kept)), members, outliers, qc }
}

/** Ten-thousandths of a degree: finer digits are the noise of binary fractions. */
function rounded(tempC: number | undefined): number | undefined {
  return tempC === undefined ? undefined : Math.round(tempC * 1e4) / 1e4 + 0
}
