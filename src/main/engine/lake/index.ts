/** The lake: journals as Parquet, proved equal before they are published, and the readers of both. */
export { compactRun, type CompactedEntry, type CompactOptions, type CompactResult } from './compactRun.ts'
