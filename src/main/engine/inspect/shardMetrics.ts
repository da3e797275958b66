import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { finiteNumber, type JsonRecord } from '../../../shared/gates/index.ts'
import { bundlePaths, scanNdjson, type NdjsonScanOptions } from '../bundle/index.ts'
import { Series, type SeriesStats } from './series.ts'
import type { UnreadableList } from './unreadableLines.ts'

/** What the metrics of one shard say. */
export interface ShardMetrics {
  /** Name of the file without its ending, `shard_00`. */
  readonly name: string
  readonly records: number
  readonly rxIdleS: SeriesStats
  /** Of the newest heartbeat; null where it does not say. */
  readonly startupConnectTimeS: number | null
  readonly midrunDisconnectedTimeS: number | null
}

/** @returns paths of the metrics of the shards, sorted by name; none where the folder is missing */
export function shardMetricsPaths(dir: string): string[] {
  const { metricsDir } = bundlePaths(dir)
  try {
    const names = readdirSync(metricsDir).filter((name) => /^shard_.*\.ndjson$/.test(name))
    return names.toSorted().map((name) => join(metricsDir, name))
  } catch {
    return []
  }
}

/** Reads the metrics of all shards, one file after another. Files without a record are left out. */
export async function readShardMetrics(dir: string, scan: NdjsonScanOptions, unreadable: UnreadableList): Promise<ShardMetrics[]> {
  const shards: ShardMetrics[] = []
  for (const path of shardMetricsPaths(dir)) {
    const idle = new Series()
    let last: JsonRecord | undefined
    const counts = await scanNdjson(
      path,
      (record) => {
        last = record
        idle.add(finiteNumber(record, 'rx_idle_s'))
      },
      scan
    )
    unreadable.add(path, counts)
    if (last === undefined) continue
    shards.push({
      name: basename(path, '.ndjson'),
      records: counts.records,
      rxIdleS: idle.stats(),
      startupConnectTimeS: finiteNumber(last, 'startup_connect_time_s') ?? null,
      midrunDisconnectedTimeS: finiteNumber(last, 'midrun_disconnected_time_s_total') ?? null
    })
  }
  return shards
}
