import { bundlePaths, scanNdjson } from '../bundle/index.ts'
import { GlobalMetrics } from './globalMetrics.ts'
import { readRunFacts, type RunFacts } from './runFacts.ts'
import { readRunlog, type RunlogFacts } from './runlogFacts.ts'
import type { ScanOptions } from './scanOptions.ts'
import { ScanProgress } from './scanProgress.ts'
import { readShardMetrics, shardMetricsPaths, type ShardMetrics } from './shardMetrics.ts'
import { UnreadableList } from './unreadableLines.ts'

/** Everything that a run says of itself in text, read once. */
export interface RunScan {
  readonly facts: RunFacts
  readonly runlog: RunlogFacts
  readonly global: GlobalMetrics
  readonly shards: readonly ShardMetrics[]
  readonly unreadable: UnreadableList
}

/**
 * Reads run log and metrics of a run; not one frame is looked at.
 * @param thresholdS see `readRunlog`
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_NEWER, FILE_FAILED; the signal's reason
 */
export async function scanRun(runDir: string, thresholdS: number, options: ScanOptions): Promise<RunScan> {
  const facts = readRunFacts(runDir)
  const paths = bundlePaths(facts.dir)
  const { scan } = new ScanProgress([paths.runlog, paths.globalMetrics, ...shardMetricsPaths(facts.dir)], options)
  const unreadable = new UnreadableList(facts.dir)
  const runlog = await readRunlog(facts.dir, thresholdS, scan)
  unreadable.add(paths.runlog, runlog.counts)
  const global = new GlobalMetrics()
  unreadable.add(paths.globalMetrics, await scanNdjson(paths.globalMetrics, (record, line) => global.take(record, line), scan))
  const shards = await readShardMetrics(facts.dir, scan, unreadable)
  return { facts, runlog, global, shards, unreadable }
}
