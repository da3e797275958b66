import type { JournalReport, TapeReport } from '../threads/captureMessages.ts'
import type { Coverage } from './bookWatch.ts'
import type { IntervalSeries } from './intervalSeries.ts'
import type { RunRecord } from './runFiles.ts'
import type { ConnectionStats } from './shardConnection.ts'
import type { ShardWriter } from './shardWriter.ts'

const QUANTILES = [50, 95, 99] as const

/** What the metrics need to know of a shard. */
export interface ShardFacts {
  readonly writer: ShardWriter
  readonly stats: ConnectionStats | undefined
  readonly keyCount: number
  /** What the tape knows; undefined where there is none. */
  readonly books: Coverage | undefined
  readonly decoded: { readonly errors: number; readonly kinds: Readonly<Record<string, number>> } | undefined
}

/** Times of the write path since the heartbeat before, in nanoseconds: how long a write took, and from receiving to the write's end and to its start. */
export interface WriteSamples {
  readonly write: IntervalSeries
  readonly ingest: IntervalSeries
  readonly backpressure: IntervalSeries
}

export interface HeartbeatTime {
  readonly wallNs: bigint
  readonly monoNs: bigint
  readonly relNs: number
}

/** Fields of metrics/shard_NN.ndjson. Takes the samples: the next heartbeat has those that come from now on. */
export function shardHeartbeat(facts: ShardFacts, samples: WriteSamples, time: HeartbeatTime): RunRecord {
  const { writer, stats } = facts
  return {
    ...totals([facts], time),
    ...quantileFields(samples),
    token_ids_assigned: facts.keyCount,
    ...coverageFields(facts.books),
    ...(facts.decoded === undefined ? {} : { decode_errors: facts.decoded.errors, msg_type_counts: facts.decoded.kinds }),
    ...(stats === undefined ? {} : connectionFields(stats, time)),
    synced_bytes: writer.frames.syncedBytes,
    idx_synced_bytes: writer.idx.syncedBytes,
    written_bytes: writer.frames.writtenBytes
  }
}

/** Fields of metrics/global.ndjson that come from all shards together; takes the samples. `synced_bytes` is what is acknowledged, per shard. */
export function globalHeartbeat(shards: readonly ShardFacts[], samples: WriteSamples, time: HeartbeatTime): RunRecord {
  const stats = shards.flatMap((facts) => (facts.stats === undefined ? [] : [facts.stats]))
  const idle = stats.map((s) => seconds(time.relNs - (s.lastDataRelNs ?? 0)))
  const sum = (pick: (s: ConnectionStats) => number): number => stats.reduce((total, s) => total + pick(s), 0)
  return {
    ...totals(shards, time),
    ...quantileFields(samples),
    reconnects: sum((s) => s.reconnects),
    confirm_failures: sum((s) => s.confirmFailures),
    confirm_failures_total: sum((s) => s.confirmFailures),
    // A shard whose instruments have all gone has nothing to confirm.
    shards_unconfirmed_count: shards.filter(({ stats: s, keyCount }) => keyCount > 0 && s?.confirmed === false).length,
    rx_idle_any_shard_s: Math.min(...idle, Infinity) === Infinity ? 0 : Math.min(...idle),
    rx_idle_all_shards_s: Math.max(0, ...idle),
    token_ids_assigned: shards.reduce((total, facts) => total + facts.keyCount, 0),
    ...startupFields(stats),
    midrun_disconnected_time_s_total: seconds(sum((s) => s.disconnectedNs + lastingNs(s, time))),
    midrun_disconnected_incidents: sum((s) => s.disconnectedIncidents),
    ...incidentFields(stats, time),
    synced_bytes: perShard(shards, (writer) => writer.frames.syncedBytes),
    idx_synced_bytes: perShard(shards, (writer) => writer.idx.syncedBytes)
  }
}

/** Share of the awaited instruments whose first book came, how many wait for theirs too long, whose book is not trusted, and how many of those with a book went quiet. */
export function coverageFields(books: ShardFacts['books']): RunRecord {
  if (books === undefined) return {}
  return {
    coverage_pct: books.pct,
    token_ids_seen: books.seen,
    tokens_without_first_book: books.withoutFirstBook,
    tokens_untrusted: books.untrusted,
    tokens_silent: books.silent
  }
}

/** What only the tape knows of the messages. `parse_queue_size`: records in the log that it has not taken. */
export function tapeFields(report: TapeReport | undefined, written: number): RunRecord {
  if (report === undefined) return {}
  const { records, malformed, counts, shards } = report
  const kinds: Record<string, number> = {}
  for (const shard of shards) for (const [kind, count] of Object.entries(shard.kinds)) kinds[kind] = (kinds[kind] ?? 0) + count
  return {
    parse_processed: records,
    parse_queue_size: written - records,
    decode_errors: malformed,
    decode_fallbacks: counts.fallbacks,
    msg_type_counts: kinds,
    parts_foreign: counts.foreign,
    messages_stale: counts.stale,
    messages_overflow: counts.overflow,
    books_crossed: counts.crossed
  }
}

/** How the recorder does. */
export function journalFields(journal: JournalReport | undefined): RunRecord {
  if (journal === undefined) return {}
  const { lines, queuedBytes, lagMs, missedLines, faults } = journal
  return {
    journal_lines: lines,
    journal_queue_bytes: queuedBytes,
    journal_lag_ms: rounded(lagMs),
    journal_missed_lines: missedLines,
    journal_faults: faults
  }
}

function startupFields(stats: readonly ConnectionStats[]): RunRecord {
  const times = stats.flatMap((s) => (s.firstOpenRelNs === undefined ? [] : [s.firstOpenRelNs / 1e9])).toSorted((a, b) => a - b)
  const pending = { startup_connect_pending_shards: stats.length - times.length }
  if (times.length === 0) return pending
  return {
    startup_connect_time_s_p50: rounded(nearestRank(times, 50)),
    startup_connect_time_s_p95: rounded(nearestRank(times, 95)),
    startup_connect_time_s_max: rounded(times.at(-1) ?? 0),
    ...pending
  }
}

/** A loss that still lasts counts as long as it has lasted. */
function lastingNs(stats: ConnectionStats, time: HeartbeatTime): number {
  return stats.lostSinceRelNs === undefined ? 0 : Math.max(0, time.relNs - stats.lostSinceRelNs)
}

function incidentFields(stats: readonly ConnectionStats[], time: HeartbeatTime): RunRecord {
  const lasting = stats.filter((s) => s.lostSinceRelNs !== undefined).map((s) => lastingNs(s, time) / 1e9)
  const lasted = [...stats.flatMap((s) => s.disconnectedSeconds), ...lasting].toSorted((a, b) => a - b)
  return {
    midrun_disconnected_incident_duration_s_p95: rounded(nearestRank(lasted, 95)),
    midrun_disconnected_incident_duration_s_max: rounded(lasted.at(-1) ?? 0)
  }
}

function nearestRank(sorted: readonly number[], p: number): number {
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0
}

function totals(shards: readonly ShardFacts[], time: HeartbeatTime): RunRecord {
  const frames = shards.reduce((total, facts) => total + facts.writer.records, 0)
  const bytes = shards.reduce((total, facts) => total + facts.writer.totalBytes, 0)
  const elapsed = Math.max(time.relNs, 1) / 1e9
  return {
    hb_wall_ns_utc: time.wallNs,
    hb_mono_ns: time.monoNs,
    elapsed_ns: time.relNs,
    frames,
    bytes_written: bytes,
    msgs_per_sec: rounded(frames / elapsed),
    bytes_per_sec: rounded(bytes / elapsed)
  }
}

function quantileFields(samples: WriteSamples): RunRecord {
  const series = { write_ns: samples.write, ingest_ns: samples.ingest, backpressure_ns: samples.backpressure }
  const entries = Object.entries(series).flatMap(([name, times]) => {
    const values = times.takeQuantiles(QUANTILES)
    return QUANTILES.map((q, i) => [`${name}_p${q}`, Math.round(values[i] ?? 0)] as const)
  })
  return Object.fromEntries(entries)
}

function connectionFields(stats: ConnectionStats, time: HeartbeatTime): RunRecord {
  const remaining = stats.confirmDeadlineRelNs === undefined ? -1 : Math.max(0, Math.round((stats.confirmDeadlineRelNs - time.relNs) / 1e6))
  return {
    reconnects: stats.reconnects,
    confirm_failures: stats.confirmFailures,
    confirmed: stats.confirmed,
    confirm_deadline_remaining_ms: remaining,
    confirm_events_seen: stats.confirmEvents,
    rx_idle_s: seconds(time.relNs - (stats.lastDataRelNs ?? 0)),
    startup_connect_time_s: stats.firstOpenRelNs === undefined ? null : seconds(stats.firstOpenRelNs),
    midrun_disconnected_time_s_total: seconds(stats.disconnectedNs + lastingNs(stats, time)),
    midrun_disconnected_incidents: stats.disconnectedIncidents
  }
}

function perShard(shards: readonly ShardFacts[], pick: (writer: ShardWriter) => number): Record<string, number> {
  return Object.fromEntries(shards.map((facts) => [String(facts.writer.shard), pick(facts.writer)]))
}

function seconds(ns: number): number {
  return rounded(ns / 1e9)
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
