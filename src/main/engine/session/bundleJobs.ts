import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { StudioCommand } from '../../../shared/api/index.ts'
import type { JobResult } from '../threads/jobMessages.ts'
import type { Jobs } from './jobs.ts'

type BundleJob = Extract<StudioCommand, { cmd: 'bundle_compact' | 'bundle_report' | 'bundle_slice' }>

export interface BundleJobsOptions {
  readonly jobs: Jobs
  readonly dataDir: string
  readonly runsDir: string
  /** A new bundle joins the library. */
  readonly onBundle: (path: string) => Promise<unknown>
}

/** Long work over one bundle, as the screen asks for it. @throws StudioError BUSY, ABORTED, or as the job says */
export async function runBundleJob(command: BundleJob, { jobs, dataDir, runsDir, onBundle }: BundleJobsOptions): Promise<JobResult> {
  switch (command.cmd) {
    case 'bundle_compact':
      return jobs.run({ kind: 'compact', bundleDir: command.path, lakeDir: join(dataDir, 'lake') })
    case 'bundle_report':
      return jobs.run({ kind: 'report', path: command.path })
    case 'bundle_slice': {
      const { path, fromRelNs, toRelNs } = command
      const sliceId = `${basename(path)}-slice-${randomUUID().slice(0, 8)}`
      const outDir = join(runsDir, sliceId)
      try {
        const made = await jobs.run({ kind: 'slice', path, fromRelNs, toRelNs, outDir, sliceId })
        await onBundle(outDir)
        return made
      } catch (error) {
        // A job that was cancelled had no chance to clear up.
        await rm(outDir, { recursive: true, force: true })
        throw error
      }
    }
  }
}
