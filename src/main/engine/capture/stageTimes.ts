import { IntervalSeries } from './intervalSeries.ts'
import type { RunRecord } from './runFiles.ts'

/** Times of the stages that a message goes through, interval by interval. */
export class StageTimes {
  /** From the stamp of a received message to its place in the batch; every 256th message is measured. */
  readonly enqueue: IntervalSeries
  /** From the stamp of a batch's oldest record to the end of its write. */
  readonly written: IntervalSeries
  /** From the stamp of the oldest record that was not durable to the sync that made it so. */
  readonly synced: IntervalSeries
  /** From the stamp to the end of the tape's work: oldest and newest record of each flush. */
  readonly applied: IntervalSeries
  readonly writeEndToApply: IntervalSeries
  /** The tape's work on one record: the mean of each flush. */
  readonly applyUpdate: IntervalSeries
  /** Flushes that the tape has not worked off, seen at each flush. */
  readonly tapeQueue: IntervalSeries

  constructor(limit: number) {
    this.enqueue = new IntervalSeries(limit)
    this.written = new IntervalSeries(limit)
    this.synced = new IntervalSeries(limit)
    this.applied = new IntervalSeries(limit)
    this.writeEndToApply = new IntervalSeries(limit)
    this.applyUpdate = new IntervalSeries(limit)
    this.tapeQueue = new IntervalSeries(limit)
  }

  /** Fields of a global heartbeat. What nobody measured (there is no tape) is left out. */
  take(hasTape: boolean): RunRecord {
    const plant = {
      ...this.enqueue.takeFields('ws_rx_to_enqueue_ms'),
      ...this.written.takeFields('rx_to_written_ms'),
      ...this.synced.takeFields('rx_to_synced_ms')
    }
    if (!hasTape) return plant
    const applied = this.applied.takeFields('')
    const named = (name: string): RunRecord => Object.fromEntries(Object.entries(applied).map(([part, value]) => [`${name}${part}`, value]))
    const queue = this.tapeQueue.takeFields('')
    return {
      ...plant,
      // Decoding and applying are one step of the tape: both names carry the same times.
      ...named('ws_rx_to_parsed_ms'),
      ...named('ws_rx_to_applied_ms'),
      ...this.writeEndToApply.takeFields('write_end_to_apply_ms'),
      ...this.applyUpdate.takeFields('apply_update_ms'),
      parse_q_depth_p95: queue['_p95'] ?? 0,
      parse_q_depth_max: queue['_max'] ?? 0
    }
  }
}
