import type { DayEntry, DaysListed, JournalState, StoredIn } from '../../../../shared/api/index.ts'
import { toFailure } from '../../../../shared/errors.ts'
import type { RecordedRun, StorePlaces } from './storedRuns.ts'
import { recordedRuns, verdictOfRuns } from './storedRuns.ts'

/** What one run has of one channel on one New York date. */
interface Share {
  readonly date: string
  readonly ch: string
  readonly station: string
  readonly events: number
  readonly isProved: boolean
  readonly firstTsNs: bigint
  readonly lastTsNs: bigint
}

/**
 * The days of which something is recorded, and how far each journal is proved. Reads proofs and manifests only, no events; what
 * a crash left of a journal is saved. One run that cannot be understood leaves the others as they are.
 */
export async function listDays(places: StorePlaces): Promise<DaysListed> {
  const { runs, empty, faults: found } = await recordedRuns(places)
  const faults = [...found]
  const days = new Map<string, { run: RecordedRun; share: Share }[]>()
  const journals: JournalState[] = []
  for (const run of runs) {
    const shares = sharesOrFault(run, faults)
    for (const share of shares) {
      const own = days.get(share.date) ?? []
      days.set(share.date, own)
      own.push({ run, share })
    }
    if (run.bundleDir !== undefined) journals.push(journalState(run.bundleDir, run, shares))
  }
  return {
    days: [...days].map(([date, list]) => dayEntry(date, list)).toSorted((a, b) => (a.date < b.date ? 1 : -1)),
    journals,
    empty,
    faults: [...faults, ...runs.flatMap(({ stored }) => stored.faults)]
  }
}

function sharesOrFault(run: RecordedRun, faults: string[]): Share[] {
  try {
    return sharesOf(run)
  } catch (error) {
    faults.push(`The run ${run.stored.runId} cannot be listed. ${toFailure(error).message}`)
    return []
  }
}

function sharesOf({ stored }: RecordedRun): Share[] {
  const { channels, originTsNs, venue } = stored
  const ts = (relNs: number): bigint => originTsNs + BigInt(relNs)
  return channels.flatMap(({ channel: { name: ch }, pieces }) =>
    pieces.flatMap((piece): Share[] =>
      piece.kind === 'journal'
        ? piece.segment.lines === 0
          ? []
          : [
              {
                date: piece.segment.date,
                ch,
                station: venue,
                events: piece.segment.lines,
                isProved: false,
                firstTsNs: ts(piece.segment.startRelNs),
                lastTsNs: ts(piece.segment.endRelNs)
              }
            ]
        : piece.parts.map((part) => ({
            date: /date=([\d-]+)/.exec(part.path)?.[1] ?? '',
            ch,
            station: part.station,
            events: part.rows,
            isProved: true,
            firstTsNs: ts(part.first_rel_ns),
            lastTsNs: ts(part.last_rel_ns)
          }))
    )
  )
}

function dayEntry(date: string, list: readonly { run: RecordedRun; share: Share }[]): DayEntry {
  const counts: Record<string, number> = {}
  const shares = list.map(({ share }) => share)
  for (const { ch, events } of shares) counts[ch] = (counts[ch] ?? 0) + events
  const runs = [...new Set(list.map(({ run }) => run))]
  const proved = shares.filter(({ isProved }) => isProved)
  const storedIn: StoredIn = proved.length === 0 ? 'journal' : proved.length === shares.length ? 'parquet' : 'both'
  const first = shares.map(({ firstTsNs }) => firstTsNs).reduce((a, b) => (b < a ? b : a))
  const last = shares.map(({ lastTsNs }) => lastTsNs).reduce((a, b) => (b > a ? b : a))
  return {
    date,
    stations: [...new Set(shares.map(({ station }) => station))].toSorted(),
    runs: runs.map(({ stored }) => stored.runId),
    counts: Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    events: sum(shares),
    provedEvents: sum(proved),
    storedIn,
    verdict: verdictOfRuns(
      runs,
      runs.flatMap(({ stored }) => stored.faults)
    ),
    firstTsNs: String(first),
    lastTsNs: String(last)
  }
}

function journalState(path: string, { stored, verdict: { journal } }: RecordedRun, shares: readonly Share[]): JournalState {
  const events = sum(shares)
  const provedEvents = sum(shares.filter(({ isProved }) => isProved))
  const state = provedEvents === 0 ? 'not_proved' : provedEvents === events ? 'proved' : 'part_proved'
  const verdict = journal === null ? null : { state: journal.state, sentence: journal.sentence }
  return { path, runId: stored.runId, state, verdict, events, provedEvents }
}

function sum(shares: readonly Share[]): number {
  return shares.reduce((total, { events }) => total + events, 0)
}
