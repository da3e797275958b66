import { create } from 'zustand'
import type { JobKind } from '../../shared/api/index.ts'

interface JobStore {
  /** The studio's job that is under way; there is at most one. */
  readonly running: { readonly job: JobKind; readonly share: number } | undefined
  /** An archive that is being unpacked for the library. */
  readonly adding: { readonly name: string; readonly share: number } | undefined
}

export const useJob = create<JobStore>(() => ({ running: undefined, adding: undefined }))

/** @param share 0..1, undefined when the job has ended */
export function showJob(job: JobKind, share: number | undefined): void {
  useJob.setState({ running: share === undefined ? undefined : { job, share } })
}

/** @param share 0..1, undefined when the unpacking has ended */
export function showAdding(name: string, share: number | undefined): void {
  useJob.setState({ adding: share === undefined ? undefined : { name, share } })
}

export function forgetJob(): void {
  useJob.setState({ running: undefined, adding: undefined })
}
