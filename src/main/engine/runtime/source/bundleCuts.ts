import { statSync } from 'node:fs'
import { bundlePaths, exactInteger, idxEntryBytes, scanNdjson, type OpenBundle, type ShardLog } from '../../bundle/index.ts'
import type { Cut } from './frameSource.ts'

/** What of a bundle is missing without a frame behind it: ends of logs, whole logs, and connections that only the run log tells of. */
export async function cutsOf(bundle: OpenBundle): Promise<Cut[]> {
  return [...tails(bundle), ...missingLogs(bundle), ...(await toldReconnects(bundle))]
}

function tails({ verdict, shards }: OpenBundle): Cut[] {
  return verdict.lost.map(({ shard, droppedBytes }) => {
    const log = shards.find((one) => one.shard === shard)
    return {
      shard,
      relNs: log?.lastMonoRelNs ?? -Infinity,
      bytes: droppedBytes,
      records: log === undefined ? 0 : recordsBehind(log),
      hole: true,
      torn: verdict.state === 'recovered'
    }
  })
}

/** Records that the index on disk names behind the last one that can be read. */
function recordsBehind({ idxPath, version, records }: ShardLog): number {
  const bytes = statSync(idxPath, { throwIfNoEntry: false })?.size ?? 0
  return Math.max(0, Math.floor(bytes / idxEntryBytes(version ?? 2)) - records)
}

function missingLogs({ manifest, shards }: OpenBundle): Cut[] {
  const found = new Set(shards.map(({ shard }) => shard))
  const missing = Array.from({ length: manifest.shardCount ?? 0 }, (_, shard) => shard).filter((shard) => !found.has(shard))
  return missing.map((shard) => ({ shard, relNs: -Infinity, bytes: 0, records: 0, hole: true }))
}

/** The original capture system writes no notes into its logs: there the run log alone says when a connection was lost. */
async function toldReconnects({ studio, dir, t0MonoNs }: OpenBundle): Promise<Cut[]> {
  if (studio !== undefined) return []
  const cuts: Cut[] = []
  await scanNdjson(bundlePaths(dir).runlog, (record, line) => {
    if (record['record_type'] !== 'reconnect') return
    const atNs = exactInteger(record, line, 'ts_mono_ns')
    const shard = record['shard_id']
    if (atNs === undefined || typeof shard !== 'number') return
    cuts.push({ shard, relNs: Number(atNs - t0MonoNs), bytes: 0, records: 0, hole: false })
  })
  return cuts
}
