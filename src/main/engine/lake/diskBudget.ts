import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { journalChannels, pendingSegments, readChannelManifest, readJournalFacts } from './journalFiles.ts'
import type { RunProof } from './proofFile.ts'

const HOUR_MS = 3_600_000
/** The rate is that of the newest recordings, up to so much recorded time. */
const LOOK_BACK_MS = 24 * HOUR_MS

/** What one run takes on the disk and when it recorded, ms since the Unix epoch. */
interface RunGrowth {
  readonly bytes: number
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Hours of recording until the disk is full, at the rate at which the newest runs grew: everything in their bundles, frame logs too, and their Parquet,
 * over the time that they recorded. Runs beside each other count together.
 * @returns undefined when nothing was recorded
 */
export function hoursLeft(bundleDirs: readonly string[], proofs: ReadonlyMap<string, RunProof>, freeBytes: number): number | undefined {
  const runs = bundleDirs.flatMap((dir) => growthOf(dir, proofs)).toSorted((a, b) => b.toMs - a.toMs)
  let bytes = 0
  let recordedMs = 0
  const taken: RunGrowth[] = []
  for (const run of runs) {
    if (recordedMs >= LOOK_BACK_MS) break
    taken.push(run)
    bytes += run.bytes
    recordedMs = unionMs(taken)
  }
  return bytes === 0 || recordedMs === 0 ? undefined : freeBytes / (bytes / (recordedMs / HOUR_MS))
}

function growthOf(bundleDir: string, proofs: ReadonlyMap<string, RunProof>): RunGrowth[] {
  try {
    const facts = readJournalFacts(bundleDir)
    if (facts === undefined) return []
    const fromMs = Number(facts.originTsNs / 1_000_000n)
    const closed = journalChannels(facts.dir).flatMap((channel) => readChannelManifest(facts, channel).segments)
    const open = journalChannels(facts.dir).flatMap((channel) => pendingSegments(facts.dir, channel))
    const ends = [
      ...closed.map(({ endRelNs }) => fromMs + endRelNs / 1e6),
      ...open.map((path) => statSync(join(facts.dir, ...path.split('/')), { throwIfNoEntry: false })?.mtimeMs ?? 0)
    ]
    const parts = proofs.get(facts.runId)?.entries.flatMap((entry) => entry.parts) ?? []
    const bytes = folderBytes(bundleDir) + parts.reduce((sum, part) => sum + part.bytes, 0)
    return [{ bytes, fromMs, toMs: ends.reduce((last, end) => Math.max(last, end), fromMs) }]
  } catch {
    // A run that cannot be read is named elsewhere.
    return []
  }
}

function folderBytes(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}

/** Time that is covered by at least one of these. */
function unionMs(runs: readonly RunGrowth[]): number {
  let sum = 0
  let endMs = -Infinity
  for (const { fromMs, toMs } of runs.toSorted((a, b) => a.fromMs - b.fromMs)) {
    sum += Math.max(0, toMs - Math.max(fromMs, endMs))
    endMs = Math.max(endMs, toMs)
  }
  return sum
}
