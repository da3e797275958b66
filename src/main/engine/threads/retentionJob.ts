import type { RetentionGroup, RetentionMade, StorageSettings } from '../../../shared/api/index.ts'
import { DEFAULT_POLICY, runRetention, type RetentionItem, type RetentionPolicy } from '../lake/index.ts'
import type { JobRequest } from './jobMessages.ts'

const GB = 1e9

/** Says what would go of the library's journals and of the lake, or deletes it. @throws StudioError BUSY, ABORTED */
export async function retention(request: Extract<JobRequest, { kind: 'retention' }>, signal: AbortSignal): Promise<RetentionMade> {
  const { bundleDirs, lakeDir, settings, apply } = request
  const { applied, items, deletedBytes, remainingBytes, freeBytes, hoursLeft, faults } = await runRetention({
    bundleDirs,
    lakeDir,
    policy: policyOf(settings),
    apply,
    signal
  })
  return { applied, groups: groupsOf(items), deletedBytes, remainingBytes, freeBytes, hoursLeft: hoursLeft ?? null, faults }
}

function policyOf({ journalDays, parquetMonths, maxGb, minFreeGb }: StorageSettings): RetentionPolicy {
  return {
    ...DEFAULT_POLICY,
    journalDays,
    parquetMonths: parquetMonths ?? undefined,
    maxBytes: maxGb === null ? undefined : maxGb * GB,
    minFreeBytes: minFreeGb === null ? undefined : minFreeGb * GB
  }
}

/** What goes comes first, then the largest. */
function groupsOf(items: readonly RetentionItem[]): RetentionGroup[] {
  const groups = Map.groupBy(items, ({ kind, verdict }) => `${kind} ${verdict.kind} ${verdict.why}`)
  return [...groups.values()]
    .map((same): RetentionGroup => {
      const { kind, verdict } = same[0]!
      return { kind, action: verdict.kind, why: verdict.why, files: same.length, bytes: same.reduce((sum, item) => sum + item.bytes, 0) }
    })
    .toSorted((a, b) => Number(b.action === 'delete') - Number(a.action === 'delete') || b.bytes - a.bytes)
}
