import { create } from 'zustand'
import type { JobKind } from '../../shared/api/index.ts'

interface JobStore {
  /** The studio's job that is under way; there is at most one. */
  readonly running: { readonly job: JobKind; readonly share: number } | undefined
}

export const useJob = create<JobStore>(() => ({ running: undefined }))

/** @param share 0..1, undefined when the job has ended */
export function showJob(job: JobKind, share: number | undefined): void {
  useJob.setState({ running: share === undefined ? undefined : { job, share } })
}

export function forgetJob(): void {
  useJob.setState({ running: undefined })
}
