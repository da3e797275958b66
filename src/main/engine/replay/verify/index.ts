/** Whether what was recorded is whole, and what the raw bytes give today. */
export { verifyDay, verifyRecorded, type RunsChecked } from './verifyRuns.ts'
export type { RunCheck } from './checkRun.ts'
