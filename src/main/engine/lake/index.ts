/** The lake: journals as Parquet, proved equal before they are published; retention; the readers of both. */
export { compactRun, type CompactedEntry, type CompactOptions, type CompactResult } from './compactRun.ts'
export {
  journalChannels,
  journalDir,
  readChannelManifest,
  readJournalFacts,
  type ChannelManifest,
  type JournalSegment
} from './journalFiles.ts'
export { LakeQuery, type RangeColumn, type RangeRequest, type RangeResult } from './rangeQuery.ts'
export type { RelSpan } from './partReader.ts'
export { readAllProofs, readProof, type LakePart, type LakeProofs, type ProofEntry, type RunProof } from './proofFile.ts'
export { RecordBatch } from './recordBatch.ts'
export { recordedEvents, type RecordedEventsOptions, type RecordStreams } from './recordedEvents.ts'
export { runRetention, type RetentionOptions, type RetentionResult } from './retention.ts'
export { DEFAULT_POLICY, MIN_PARQUET_MONTHS, type RetentionItem, type RetentionPolicy } from './retentionPolicy.ts'
export { newTrust, storedRecords, type StoredRecordsOptions, type StoredTrust } from './storedRecords.ts'
export { findStoredRun, type StoredRun, type StoredRunOptions } from './storedRun.ts'
export { verifyLake, type LakeRunVerdict, type LakeVerdict, type VerifyLakeOptions } from './verifyLake.ts'
