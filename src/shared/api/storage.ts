/** When journals become Parquet without being asked. `hourly`: every hour while the app runs, and when a day ends in New York. */
export const COMPACT_WHEN = ['by_hand', 'after_recording', 'hourly'] as const
export type CompactWhen = (typeof COMPACT_WHEN)[number]

/** What is kept for how long, and what happens by itself. Chosen in the app; the command line is told with each command. */
export interface StorageSettings {
  readonly compactWhen: CompactWhen
  /** Days after which a proved journal may go, at least 1. */
  readonly journalDays: number
  /** Months after which Parquet may go, at least 6; null: never. */
  readonly parquetMonths: number | null
  /** What journals and lake may take together, in GB of 1,000,000,000 bytes; null: any. */
  readonly maxGb: number | null
  /** What is to stay free on the disk, in GB; null: any. */
  readonly minFreeGb: number | null
  /** Deletes after each compaction that happened by itself; otherwise only when asked. */
  readonly deletesByItself: boolean
}

export const STORAGE_DEFAULTS: StorageSettings = {
  compactWhen: 'by_hand',
  journalDays: 14,
  parquetMonths: 24,
  maxGb: null,
  minFreeGb: null,
  deletesByItself: false
}

export const STORAGE_LIMITS = { journalDays: [1, 36_500], parquetMonths: [6, 1200], gb: [0.001, 1_000_000] } as const

/** Files of one kind with one verdict. */
export interface RetentionGroup {
  readonly kind: 'journal' | 'parquet'
  readonly action: 'keep' | 'delete'
  /** `age`, `budget`, `young`, `not proved`, … */
  readonly why: string
  readonly files: number
  readonly bytes: number
}

/** What retention deleted, or would delete. */
export interface RetentionMade {
  readonly applied: boolean
  readonly groups: readonly RetentionGroup[]
  readonly deletedBytes: number
  /** Journals and lake together, afterwards. */
  readonly remainingBytes: number
  readonly freeBytes: number
  /** Until the disk is full at the rate at which it fills now; null when nothing grows. */
  readonly hoursLeft: number | null
  /** What could not be judged or deleted, one sentence each; it is kept. */
  readonly faults: readonly string[]
}
