import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isoMicros } from '../../../shared/channels/eventTime.ts'
import { isBeingCaptured } from '../bundle/index.ts'
import { hostClock } from '../clock.ts'
import type { PendingRule } from './inspectChannel.ts'
import { journalDir } from './journalFacts.ts'
import { withJournalLock } from './journalLock.ts'
import { parseManifest, writeManifest } from './journalManifest.ts'
import { hostRecordDisk, type RecordDisk } from './recordDisk.ts'
import { removePending, salvageSegment } from './salvageSegment.ts'
import { finishedName, parseSegmentName } from './segmentName.ts'

/**
 * Puts right what crashes left of the journals of other runs: unfinished segments are saved or deleted. Nothing else is looked at, so it is quick.
 * Runs that are being recorded are left alone. Never throws: what cannot be saved now is left for the next time.
 * @param runsDir the folder of all runs
 * @param except id of the run that is beginning
 * @returns how many segments were saved or deleted
 */
export async function salvageRuns(runsDir: string, except: string, rule: Exclude<PendingRule, 'leave'>): Promise<number> {
  let done = 0
  for (const run of namesIn(runsDir)) {
    const runDir = join(runsDir, run)
    const root = journalDir(runDir)
    if (run === except || namesIn(root).length === 0) continue
    if (isBeingCaptured(runDir, Number(hostClock.wallNs() / 1_000_000n))) continue
    if (pendingIn(root).length === 0) continue
    done += await withJournalLock(root, () => settleAll(root, rule)).catch(() => 0)
  }
  return done
}

async function settleAll(root: string, rule: 'salvage' | 'delete'): Promise<number> {
  let done = 0
  for (const pending of pendingIn(root)) if (await settle(hostRecordDisk, root, pending, rule)) done++
  return done
}

async function settle(disk: RecordDisk, root: string, pending: string, rule: 'salvage' | 'delete'): Promise<boolean> {
  const absolute = join(root, pending)
  const manifestPath = join(root, pending.split('/')[0] ?? '', 'manifest.json')
  try {
    const manifest = parseManifest(disk.readText(manifestPath))
    // A damaged manifest is for `openJournal`, which looks at every segment.
    if (manifest.outcome === 'damaged') return false
    const entries = manifest.outcome === 'read' ? manifest.entries : []
    const path = finishedName(pending)
    if (rule === 'salvage' && !entries.some((entry) => entry.path === path)) {
      const { entry } = await salvageSegment(disk, absolute)
      const createdAt = `${isoMicros(hostClock.wallNs()).slice(0, 19)}Z`
      writeManifest(disk, manifestPath, [...entries, { ...entry, path, created_at: createdAt }])
    }
    removePending(disk, absolute)
    return true
  } catch {
    return false
  }
}

/** Unfinished segments, as paths below the journal's folder with forward slashes. */
function pendingIn(root: string): string[] {
  return namesIn(root)
    .filter((name) => name.startsWith('ch='))
    .flatMap((channel) => namesIn(join(root, channel)).map((date) => `${channel}/${date}`))
    .flatMap((folder) => namesIn(join(root, folder)).map((file) => `${folder}/${file}`))
    .filter((path) => parseSegmentName(basename(path))?.isPending === true)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
