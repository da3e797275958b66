import type { RecordBatch } from './recordBatch.ts'

/** First and last receive time of some rows, ms since the Unix epoch. */
export interface TimeSpan {
  readonly fromMs: number
  readonly toMs: number
}

const FORMAT = '%Y-%m-%d %H:%M:%S'

export function spanOf(originTsNs: bigint, batch: RecordBatch, order: Uint32Array): TimeSpan {
  const originMs = Number(originTsNs / 1_000_000n)
  let [from, to] = [Infinity, -Infinity]
  for (const row of order) {
    const recv = batch.recvOf(row)
    if (recv < from) from = recv
    if (recv > to) to = recv
  }
  return { fromMs: originMs + from / 1e6, toMs: originMs + to / 1e6 + 1 }
}

/**
 * SQL for the time in `ts` as a clock on the wall shows it, `YYYY-MM-DD HH:MM:SS`. While the clocks do not change within the span, an offset is
 * added, which is much quicker than to look up the zone for each row.
 */
export function localTimeSql(zone: string, { fromMs, toMs }: TimeSpan): string {
  const offset = offsetMs(zone, fromMs)
  // Clocks change at most once in a day or two: with the same offset at both ends of a short span it is the same between them.
  if (toMs - fromMs < 86_400_000 && offset === offsetMs(zone, toMs))
    return `CAST(make_timestamp((epoch_us(ts) // 1000000) * 1000000 + ${offset * 1000}) AS VARCHAR)`
  return `strftime(ts AT TIME ZONE '${zone}', '${FORMAT}')`
}

/** What is to be added to UTC in a zone at an instant. */
function offsetMs(zone: string, ms: number): number {
  const part: Partial<Record<string, string>> = {}
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric'
  })
  for (const { type, value } of format.formatToParts(ms)) part[type] = value
  const numbers = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((name) => Number(part[name]))
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = numbers
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000
}
