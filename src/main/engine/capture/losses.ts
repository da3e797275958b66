import type { RunRecord } from './runFiles.ts'

/** What a run counted against itself. */
export interface LossCounts {
  /** Received messages that are not in the log: of batches that the disk refused. */
  readonly lostRecords: number
  readonly lostBatches: number
  /** Heartbeats that could not be written. */
  readonly metricsDrops: number
  readonly slowRunlogWrites: number
}

/**
 * The loss counters, as run log and metrics name them; the total is the sum of the others that begin with `loss_`. The log is the only queue
 * to the tape, so nothing is dropped on the way to it.
 */
export function lossFields(counts: LossCounts): RunRecord {
  const losses = {
    loss_parse_queue_drops: 0,
    loss_parse_results_drops: 0,
    loss_metrics_drops: counts.metricsDrops,
    loss_runlog_enqueue_timeouts: counts.slowRunlogWrites,
    loss_frame_write_queue_pressure_events: counts.lostBatches
  }
  const total = Object.values(losses).reduce((sum, count) => sum + count, 0)
  return { loss_total: total, ...losses, parse_worker_dropped: 0, parse_results_dropped: 0 }
}

/** Why a recording is not as good as it should be; empty where it is. */
export function qualityReasons(counts: LossCounts): string[] {
  return [
    ...(counts.metricsDrops > 0 ? ['metrics_drops'] : []),
    ...(counts.slowRunlogWrites > 0 ? ['runlog_enqueue_timeouts'] : []),
    ...(counts.lostBatches > 0 ? ['frame_write_queue_pressure_events'] : [])
  ]
}

/** Fields of the run log's last record. @param failed the run had to end */
export function captureStop(reason: string, failed: boolean, counts: LossCounts): RunRecord {
  const reasons = qualityReasons(counts)
  const ok = !failed && reasons.length === 0
  return {
    reason,
    ...lossFields(counts),
    dropped_messages_total: counts.lostRecords,
    quality_status: ok ? 'ok' : 'degraded',
    quality_ok: ok,
    quality_reasons: reasons
  }
}
