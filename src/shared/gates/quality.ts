import { finiteNumber, type JsonRecord } from './jsonRecord.ts'

/** How good the recording is by the plant's own counters. A counter that nothing gave is null. */
export interface QualityReport {
  readonly quality_status: 'ok' | 'degraded' | 'unknown'
  readonly quality_ok: boolean
  readonly quality_reasons: readonly string[]
  readonly parse_worker_dropped: number | null
  readonly parse_results_dropped: number | null
  readonly loss_parse_queue_drops: number | null
  readonly loss_parse_results_drops: number | null
  readonly loss_metrics_drops: number | null
}

/** Each reason with the counters that give it when one of them is above zero. */
const REASONS: readonly (readonly [string, readonly string[]])[] = [
  ['parse_queue_drops', ['loss_parse_queue_drops', 'parse_worker_dropped']],
  ['parse_results_drops', ['loss_parse_results_drops', 'parse_results_dropped']],
  ['metrics_drops', ['loss_metrics_drops']],
  ['runlog_enqueue_timeouts', ['loss_runlog_enqueue_timeouts']],
  ['frame_write_queue_pressure_events', ['loss_frame_write_queue_pressure_events']]
]

/**
 * What `capture_stop` says; where it is missing or says nothing of quality, the loss counters of the newest global heartbeat; else unknown.
 */
export function qualityOf(captureStop: JsonRecord | undefined, lastHeartbeat: JsonRecord | undefined): QualityReport {
  if (captureStop !== undefined && 'quality_ok' in captureStop) {
    const reasons = captureStop['quality_reasons']
    const names = Array.isArray(reasons) ? reasons.filter((reason): reason is string => typeof reason === 'string') : []
    return report(captureStop['quality_ok'] === true ? 'ok' : 'degraded', names, captureStop)
  }
  if (lastHeartbeat === undefined) return report('unknown', [], {})
  const above = (field: string): boolean => (finiteNumber(lastHeartbeat, field) ?? 0) > 0
  const reasons = REASONS.flatMap(([reason, fields]) => (fields.some(above) ? [reason] : []))
  if (reasons.length > 0) return report('degraded', reasons, lastHeartbeat)
  const isKnown = REASONS.some(([, fields]) => fields.some((field) => finiteNumber(lastHeartbeat, field) !== undefined))
  return report(isKnown || finiteNumber(lastHeartbeat, 'loss_total') === 0 ? 'ok' : 'unknown', [], lastHeartbeat)
}

function report(status: QualityReport['quality_status'], reasons: readonly string[], counters: JsonRecord): QualityReport {
  const counter = (field: string): number | null => finiteNumber(counters, field) ?? null
  return {
    quality_status: status,
    quality_ok: status === 'ok',
    quality_reasons: reasons,
    parse_worker_dropped: counter('parse_worker_dropped'),
    parse_results_dropped: counter('parse_results_dropped'),
    loss_parse_queue_drops: counter('loss_parse_queue_drops'),
    loss_parse_results_drops: counter('loss_parse_results_drops'),
    loss_metrics_drops: counter('loss_metrics_drops')
  }
}
