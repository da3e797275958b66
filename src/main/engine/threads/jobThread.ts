import type { BundleReport, CompactMade, JournalVerdict, SliceMade } from '../../../shared/api/index.ts'
import { openBundle, verifyRun } from '../bundle/index.ts'
import { auditRun, gatesOf, inspectRun, latencyReport, sliceRun } from '../inspect/index.ts'
import { compactRun } from '../lake/index.ts'
import { lastFrameRelNs, openJournal } from '../record/index.ts'
import type { JobRequest, JobResult } from './jobMessages.ts'
import { retention } from './retentionJob.ts'
import { strategyJob } from './strategyJob.ts'

/** Carries one job out. @param onProgress share done, 0..1 @param signal ends the job in order @throws StudioError as the job says */
export function doJob(request: JobRequest, onProgress: (share: number) => void, signal: AbortSignal): Promise<JobResult> {
  switch (request.kind) {
    case 'report':
      return report(request.path, onProgress)
    case 'slice':
      return slice(request, onProgress)
    case 'strategy':
      return strategyJob(request, onProgress, signal)
    case 'compact':
      return compact(request, onProgress, signal)
    case 'retention':
      return retention(request, signal)
  }
}

/** Verification reads every byte, so it is most of the work. */
async function report(path: string, onProgress: (share: number) => void): Promise<BundleReport> {
  const audit = await auditRun(path, { onProgress: (share) => onProgress(share * 0.2) })
  const latency = await latencyReport(path, { onProgress: (share) => onProgress(0.2 + share * 0.2) })
  const inspection = await inspectRun(path, { onProgress: (share) => onProgress(0.4 + share * 0.1) })
  onProgress(0.5)
  const verify = verifyRun(path, (share) => onProgress(0.5 + share * 0.4))
  const journal = await journalVerdict(path)
  const parts = { verify, audit: jsonSafe(audit), latency: jsonSafe(latency), inspection: jsonSafe(inspection), journal }
  return { path, runId: inspection.run_id, gates: gatesOf(audit, verify), ...parts }
}

/** What the recorder kept of the run and what is lost; what a crash left unfinished is saved by looking. */
async function journalVerdict(path: string): Promise<JournalVerdict> {
  const bundle = await openBundle(path, { readOnly: true })
  const rawEndRelNs = lastFrameRelNs(bundle)
  bundle.close()
  return (await openJournal(path, { rawEndRelNs })).verdict
}

/** Nanoseconds are bigint; JSON has none, so they become numbers where that is exact and decimal text elsewhere. */
function jsonSafe(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => {
      if (typeof item !== 'bigint') return item
      return Number.isSafeInteger(Number(item)) ? Number(item) : String(item)
    })
  )
}

async function slice(request: Extract<JobRequest, { kind: 'slice' }>, onProgress: (share: number) => void): Promise<SliceMade> {
  const { path, fromRelNs, toRelNs, outDir, sliceId } = request
  const bundle = await openBundle(path, { readOnly: true })
  const origin = bundle.t0MonoNs
  bundle.close()
  const window = {
    kind: 'mono',
    startMonoNs: origin + BigInt(Math.round(fromRelNs)),
    endMonoNs: origin + BigInt(Math.round(toRelNs))
  } as const
  const made = await sliceRun(path, { window, outDir, sliceId, onProgress })
  return { path: made.sliceDir, records: made.records, bytes: made.bytes }
}

async function compact(
  { bundleDir, lakeDir }: Extract<JobRequest, { kind: 'compact' }>,
  onProgress: (share: number) => void,
  signal: AbortSignal
): Promise<CompactMade> {
  const { runId, verdict, compacted, alreadyProved, repaired, faults } = await compactRun({ bundleDir, lakeDir, onProgress, signal })
  const sum = (of: (entry: (typeof compacted)[number]) => number): number => compacted.reduce((total, entry) => total + of(entry), 0)
  return {
    runId,
    verdict,
    partitions: compacted.length,
    rows: sum(({ rows }) => rows),
    parquetBytes: sum((entry) => entry.parquetBytes),
    journalBytes: sum((entry) => entry.journalBytes),
    alreadyProved,
    repaired,
    faults
  }
}
