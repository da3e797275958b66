import type { DayEntry, DaysListed, JournalState, StoredIn } from '../../../../shared/api/index.ts'
import type { RecordedRun, StorePlaces } from './storedRuns.ts'
import { recordedRuns } from './storedRuns.ts'

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

/** The days of which something is recorded, and how far each journal is proved. Reads proofs and manifests only, no events. */
export function listDays(places: StorePlaces): DaysListed {
  const { runs, faults } = recordedRuns(places)
  const days = new Map<string, { run: RecordedRun; share: Share }[]>()
  const journals: JournalState[] = []
  for (const run of runs) {
    const shares = sharesOf(run)
    for (const share of shares) {
      const own = days.get(share.date) ?? []
      days.set(share.date, own)
      own.push({ run, share })
    }
    if (run.bundleDir !== undefined) journals.push(journalState(run.bundleDir, run.stored.runId, shares))
  }
  return {
    days: [...days].map(([date, list]) => dayEntry(date, list)).toSorted((a, b) => (a.date < b.date ? 1 : -1)),
    journals,
    faults: [...faults, ...runs.flatMap(({ stored }) => stored.faults)]
  }
}

function sharesOf({ stored }: RecordedRun): Share[] {
  const { channels, originTsNs, venue } = stored
  const ts = (relNs: number): bigint => originTsNs + BigInt(relNs)
  return channels.flatMap(({ channel: { name: ch }, pieces }) =>
    pieces.flatMap((piece): Share[] =>
      piece.kind === 'journal'
        ? [
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
  const proved = shares.filter(({ isProved }) => isProved)
  const storedIn: StoredIn = proved.length === 0 ? 'journal' : proved.length === shares.length ? 'parquet' : 'both'
  const first = shares.map(({ firstTsNs }) => firstTsNs).reduce((a, b) => (b < a ? b : a))
  const last = shares.map(({ lastTsNs }) => lastTsNs).reduce((a, b) => (b > a ? b : a))
  return {
    date,
    stations: [...new Set(shares.map(({ station }) => station))].toSorted(),
    runs: [...new Set(list.map(({ run }) => run.stored.runId))],
    counts: Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    events: sum(shares),
    provedEvents: sum(proved),
    storedIn,
    firstTsNs: String(first),
    lastTsNs: String(last)
  }
}

function journalState(path: string, runId: string, shares: readonly Share[]): JournalState {
  const events = sum(shares)
  const provedEvents = sum(shares.filter(({ isProved }) => isProved))
  const state = provedEvents === 0 ? 'not_proved' : provedEvents === events ? 'proved' : 'part_proved'
  return { path, runId, state, events, provedEvents }
}

function sum(shares: readonly Share[]): number {
  return shares.reduce((total, { events }) => total + events, 0)
}
