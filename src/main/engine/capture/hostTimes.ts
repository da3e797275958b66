import type { RunRecord } from './runFiles.ts'

/** Times that something took, as fields are named; instants, counts and limits are none. */
const DURATION = /_(?:ms|ns)_(?:p\d+|mean|max)$|^(?:hb_tick_work|disk_check)_ns$/

/**
 * How long the plant's own work took is told in time of the host, whatever clock the run goes by: it is the host that is judged by it.
 * @param speed of the run's clock, 1 where it is the host's
 */
export function inHostTime(fields: RunRecord, speed: number): RunRecord {
  if (speed === 1) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' && DURATION.test(name) ? Math.round((value / speed) * 1e4) / 1e4 : value
    ])
  )
}
