import type { BundleEntry, BundleVerdict } from '../../../shared/api/index.ts'

/** A row of the table `bundle`. */
export interface BundleRow {
  path: string
  run_id: string
  name: string
  venue: string
  synthetic: number
  start_ts_ns: string
  duration_ns: number
  frames: number
  bytes: number
  verdict_state: string
  verdict_sentence: string
  demo: number
}

export function toRow(entry: BundleEntry): BundleRow {
  return {
    path: entry.path,
    run_id: entry.runId,
    name: entry.name,
    venue: entry.venue,
    synthetic: Number(entry.synthetic),
    start_ts_ns: entry.startTsNs,
    duration_ns: Math.round(entry.durationNs),
    frames: entry.frames,
    bytes: entry.bytes,
    verdict_state: entry.verdict.state,
    verdict_sentence: entry.verdict.sentence,
    demo: Number(entry.demo)
  }
}

/** The table's CHECK clauses hold the closed sets, so the two casts are safe. */
export function fromRow(row: BundleRow): BundleEntry {
  return {
    path: row.path,
    runId: row.run_id,
    name: row.name,
    venue: row.venue as BundleEntry['venue'],
    synthetic: row.synthetic !== 0,
    startTsNs: row.start_ts_ns,
    durationNs: row.duration_ns,
    frames: row.frames,
    bytes: row.bytes,
    verdict: { state: row.verdict_state as BundleVerdict['state'], sentence: row.verdict_sentence },
    demo: row.demo !== 0
  }
}
