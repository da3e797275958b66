import { finiteNumber, jsonRecord } from '../../../shared/gates/index.ts'
import { behindText, bytesText, countText } from '../../ui/humanText.ts'

/** A recorder that is this far behind, in ms, is worth a look. */
const LATE_MS = 5000

export interface JournalState {
  /** open: all is kept. silent: late, or refused by the disk. closed: events are left to the raw recording. */
  readonly state: 'open' | 'silent' | 'closed'
  readonly lines: readonly string[]
}

/** How the journal of a recording keeps up, from a heartbeat; undefined where there is no journal. */
export function journalState(heartbeat: string): JournalState | undefined {
  const beat = jsonRecord(heartbeat) ?? {}
  const lines = finiteNumber(beat, 'journal_lines')
  if (lines === undefined) return undefined
  const of = (field: string): number => finiteNumber(beat, field) ?? 0
  const [lagMs, missed, faults] = [of('journal_lag_ms'), of('journal_missed_lines'), of('journal_faults')]
  const said = [`Journal: ${countText(lines)} events kept`]
  if (missed > 0)
    said.push(`${countText(missed)} ${missed === 1 ? 'event is' : 'events are'} in the raw recording only: the journal could not keep up`)
  if (lagMs >= LATE_MS) said.push(`It is ${behindText(lagMs * 1e6)} behind; ${bytesText(of('journal_queue_bytes'))} wait`)
  if (faults > 0) said.push(`The disk refused it ${faults === 1 ? 'once' : `${countText(faults)} times`}; it was tried again`)
  return { state: missed > 0 ? 'closed' : said.length > 1 ? 'silent' : 'open', lines: said }
}
