import type { TapeReport } from '../threads/captureMessages.ts'
import type { ShardFacts } from './heartbeat.ts'
import type { RunRecord } from './runFiles.ts'

type Status = 'OK' | 'STALE' | 'DEAD' | 'NO_DATA'

/**
 * Fields of a global heartbeat by source: its state, how old its newest word is and how long that took to come, in seconds. The venue is a
 * source, and each service of each weather station. What is not known is left out.
 * @param publishedMs from receiving to handing out the events, mean of the interval; undefined where there is no tape, or nothing came
 */
export function sourceFields(
  venue: string,
  shards: readonly ShardFacts[],
  nowRelNs: number,
  report: TapeReport | undefined,
  publishedMs: unknown
): RunRecord {
  const health = report?.health
  const sources: Record<string, Status> = { [venue]: venueStatus(shards) }
  const staleness: Record<string, number> = {}
  const latencies: Record<string, number> = {}
  const heard = shards.flatMap(({ stats }) => (stats?.lastDataRelNs === undefined ? [] : [stats.lastDataRelNs]))
  if (heard.length > 0) staleness[venue] = Math.round((nowRelNs - Math.max(...heard)) / 1e6) / 1000
  if (health?.venueLatencyS !== undefined) latencies[venue] = health.venueLatencyS
  for (const { name, status, ageS, latencyS } of health?.sources ?? []) {
    sources[name] = status
    if (ageS !== undefined) staleness[name] = ageS
    if (latencyS !== undefined) latencies[name] = latencyS
  }
  if (typeof publishedMs === 'number') latencies['ws_publisher_lag_ms'] = publishedMs
  const counted = health === undefined ? {} : { gaps: health.gaps, resyncs: health.resyncs }
  return { ...counted, latencies, sources, staleness }
}

/** Some connections lost: stale; all: dead. A connection without instruments has nothing to bring. */
function venueStatus(shards: readonly ShardFacts[]): Status {
  const used = shards.flatMap(({ stats, keyCount }) => (stats === undefined || keyCount === 0 ? [] : [stats]))
  if (used.every(({ lastDataRelNs }) => lastDataRelNs === undefined)) return 'NO_DATA'
  const down = used.filter(({ firstOpenRelNs, lostSinceRelNs }) => firstOpenRelNs === undefined || lostSinceRelNs !== undefined).length
  if (down === 0) return 'OK'
  return down === used.length ? 'DEAD' : 'STALE'
}
