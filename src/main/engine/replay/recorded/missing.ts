import type { PlannedDay } from './openDay.ts'
import { keepsAll } from './storedRuns.ts'

/** What recorded events do not have and raw frames would give, one sentence each. */
export function missingOf({ runs, choice }: PlannedDay): string[] {
  const out = ['Books are shown as recorded: once a second, at most 20 levels a side.']
  if (choice.mode === 'light') out[0] = 'Light: books show their best prices only, once a second; changes of books are left out.'
  else if (!runs.every(({ stored }) => keepsAll(stored))) out.push('Trades and changes of books were recorded inside event windows only.')
  if (choice.channels !== undefined) out.push(`Only these channels are played: ${choice.channels.join(', ')}.`)
  return out
}

/** What is to be said of what cannot be read; empty when all is well. */
export function sentenceOf(faults: readonly string[]): string {
  const [first, ...more] = faults
  if (first === undefined) return ''
  return more.length === 0 ? first : `${first} And ${more.length} more that cannot be read; the rest plays.`
}
