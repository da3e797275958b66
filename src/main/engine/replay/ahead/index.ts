/** The thread that reads and scans ahead of the tape. */
export type { AheadBirth } from './aheadRing.ts'
export { readAhead } from './aheadThread.ts'
