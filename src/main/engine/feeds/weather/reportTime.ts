const DAY_MS = 86_400_000

/**
 * The instant of a report that names only day of the month, hour and minute: the one nearest to a time at which it was known.
 * @returns Unix milliseconds; undefined where no month around that time has such a day
 */
export function reportTimeMs(day: number, hour: number, minute: number, nearMs: number): number | undefined {
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || !Number.isFinite(nearMs) || Math.abs(nearMs) > 8e15) return undefined
  const near = new Date(nearMs)
  const candidates = [-1, 0, 1].flatMap((months) => {
    const first = Date.UTC(near.getUTCFullYear(), near.getUTCMonth() + months, 1)
    const at = first + (day - 1) * DAY_MS + hour * 3_600_000 + minute * 60_000
    return new Date(at).getUTCDate() === day ? [at] : []
  })
  return candidates.toSorted((a, b) => Math.abs(a - nearMs) - Math.abs(b - nearMs))[0]
}
