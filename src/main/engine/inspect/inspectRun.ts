import { statSync } from 'node:fs'
import { basename } from 'node:path'
import {
  bundlePaths,
  openBundle,
  parseBigJson,
  type BigJson,
  type OpenBundle,
  type ShardLog,
  scanNdjson,
  type NdjsonScanOptions
} from '../bundle/index.ts'
import { readRunFacts } from './runFacts.ts'
import type { ScanOptions } from './scanOptions.ts'
import { ScanProgress } from './scanProgress.ts'
import { shardMetricsPaths } from './shardMetrics.ts'
import { UnreadableList, type UnreadableLines } from './unreadableLines.ts'

export interface InspectedShard {
  readonly frames_path: string
  readonly idx_path: string
  /** Entries of the index; where it is missing or does not agree, records that the log holds. */
  readonly records: number
  readonly frames_bytes: number
  /** null where there is no index file */
  readonly idx_bytes: number | null
  /** null for an empty shard; wall times are null for version 1, which has none */
  readonly rx_mono_ns_first: bigint | null
  readonly rx_mono_ns_last: bigint | null
  readonly rx_wall_ns_utc_first: bigint | null
  readonly rx_wall_ns_utc_last: bigint | null
}

export interface InspectedMetrics {
  readonly count: number
  /** The newest record exactly as written; null where there is none. */
  readonly last: BigJson
}

/** What a run bundle holds, keys as printed. */
export interface RunInspection {
  readonly run_dir: string
  readonly run_id: string
  readonly manifest_version: number
  readonly capture_schema_version: BigJson
  readonly payload_source: BigJson
  readonly shards: {
    readonly count: number
    readonly records: number
    readonly frames_bytes: number
    readonly idx_bytes: number
    readonly by_shard: Readonly<Record<string, InspectedShard>>
  }
  readonly metrics: {
    readonly global: { readonly path: string } & InspectedMetrics
    readonly shards: Readonly<Record<string, InspectedMetrics>>
  }
  /** What follows is Tapedeck's own: what was found at opening, in one word and in a sentence. */
  readonly verdict: { readonly state: OpenBundle['verdict']['state']; readonly sentence: string }
  readonly unreadable_lines: UnreadableLines
}

/**
 * Sums up a run bundle. Changes nothing in it.
 * @throws StudioError BUNDLE_NOT_FOUND, BUNDLE_FOREIGN, BUNDLE_NEWER, FILE_FAILED; the signal's reason
 */
export async function inspectRun(runDir: string, options: ScanOptions = {}): Promise<RunInspection> {
  const { dir, runId, manifestVersion, captureSchemaVersion, payloadSource } = readRunFacts(runDir)
  const { globalMetrics } = bundlePaths(dir)
  const shardPaths = shardMetricsPaths(dir)
  const { scan } = new ScanProgress([globalMetrics, ...shardPaths], options)
  const bundle = await openBundle(dir, { readOnly: true })
  try {
    const shards = bundle.shards.map((log) => [basename(log.framesPath, '.frames'), inspectedShard(log, bundle)] as const)
    const unreadable = new UnreadableList(dir)
    const global = await inspectedMetrics(globalMetrics, scan, unreadable)
    const metrics: Record<string, InspectedMetrics> = {}
    for (const path of shardPaths) metrics[basename(path, '.ndjson')] = await inspectedMetrics(path, scan, unreadable)
    const sum = (pick: (shard: InspectedShard) => number): number => shards.reduce((total, [, shard]) => total + pick(shard), 0)
    return {
      run_dir: dir,
      run_id: runId,
      manifest_version: manifestVersion,
      capture_schema_version: captureSchemaVersion,
      payload_source: payloadSource,
      shards: {
        count: shards.length,
        records: sum((shard) => shard.records),
        frames_bytes: sum((shard) => shard.frames_bytes),
        idx_bytes: sum((shard) => shard.idx_bytes ?? 0),
        by_shard: Object.fromEntries(shards)
      },
      metrics: { global: { path: globalMetrics, ...global }, shards: metrics },
      verdict: { state: bundle.verdict.state, sentence: bundle.verdict.sentence },
      unreadable_lines: unreadable.toObject()
    }
  } finally {
    bundle.close()
  }
}

function inspectedShard(log: ShardLog, { t0MonoNs, t0WallNs }: OpenBundle): InspectedShard {
  const { idxPath } = log
  const hasWall = log.version === 2
  const timesOf = (entry: number): { mono: bigint; wall: bigint } | undefined => {
    if (log.records === 0) return undefined
    log.idx.read(entry)
    return { mono: t0MonoNs + BigInt(log.idx.monoRelNs), wall: t0WallNs + BigInt(log.idx.wallRelNs) }
  }
  const first = timesOf(0)
  const last = timesOf(log.records - 1)
  return {
    frames_path: log.framesPath,
    idx_path: idxPath,
    records: log.records,
    frames_bytes: log.fileBytes,
    idx_bytes: statSync(idxPath, { throwIfNoEntry: false })?.size ?? null,
    rx_mono_ns_first: first?.mono ?? null,
    rx_mono_ns_last: last?.mono ?? null,
    rx_wall_ns_utc_first: hasWall ? (first?.wall ?? null) : null,
    rx_wall_ns_utc_last: hasWall ? (last?.wall ?? null) : null
  }
}

async function inspectedMetrics(path: string, scan: NdjsonScanOptions, unreadable: UnreadableList): Promise<InspectedMetrics> {
  let last: string | undefined
  const counts = await scanNdjson(path, (_record, line) => (last = line), scan)
  unreadable.add(path, counts)
  return { count: counts.records, last: last === undefined ? null : parseBigJson(last) }
}
