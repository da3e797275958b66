/** Rules about observations of the weather: rounding, quality, clusters, calendars. Pure. */
export { fahrenheit1, fahrenheitDifference, judgeAligned, wholeDegreeIntervalF } from './temperature.ts'
export { CLUSTER_SUPPORT, clusterOf, madOf, medianOf, OUTLIER_SCORE, spatialScore, type Cluster } from './cluster.ts'
export { bodyRule, FUTURE_TOLERANCE_MS, hardRules, OLDEST_MS, spatialRule, timeRule, verdictOf, worse, type Verdict } from './qc.ts'
export { isoUtc, isTimeZone, LocalTime, localText, type LocalInstant } from './localTime.ts'
