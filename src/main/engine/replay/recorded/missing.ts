import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DayRun } from './dayRecords.ts'
import type { PlannedDay } from './openDay.ts'
import { keepsAll } from './storedRuns.ts'

/** What recorded events do not have and raw frames would give, one sentence each. */
export function missingOf({ runs, choice }: PlannedDay): string[] {
  const out = ['Books: once a second, at most 20 levels a side.']
  if (choice.mode === 'light') out[0] = 'Light: best prices only, once a second; changes of books are left out.'
  else if (!runs.every(({ stored }) => keepsAll(stored))) out.push('Trades and changes of books: inside event windows only.')
  const missed = runs.reduce((sum, run) => sum + missedStretches(run), 0)
  if (missed > 0)
    out.push(
      `The recorder could not follow in ${missed} ${missed === 1 ? 'stretch' : 'stretches'} of time: what it missed is in the frame log alone.`
    )
  const deleted = new Set(
    runs.flatMap(({ stored, span: { fromRelNs, toRelNs } }) =>
      stored.deleted.filter((one) => one.startRelNs < toRelNs && one.endRelNs >= fromRelNs).map(({ channel }) => channel)
    )
  )
  if (deleted.size > 0) out.push(`Deleted when it was old enough: ${[...deleted].join(', ')}.`)
  if (choice.channels !== undefined) out.push(`Only these channels are played: ${choice.channels.join(', ')}.`)
  return out
}

/** Stretches within the day that the recorder says it missed. */
function missedStretches({ bundleDir, span }: DayRun): number {
  if (bundleDir === undefined) return 0
  try {
    const { missed } = JSON.parse(readFileSync(join(bundleDir, 'journal', 'journal.json'), 'utf8')) as {
      missed?: { from_t: number; to_t: number }[]
    }
    return missed?.filter((one) => one.from_t < span.toRelNs && one.to_t >= span.fromRelNs).length ?? 0
  } catch {
    // The journal may be gone because the lake has it.
    return 0
  }
}
