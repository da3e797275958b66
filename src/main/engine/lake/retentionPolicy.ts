/** How long what is kept. Source of the defaults: the storage seed. */
export interface RetentionPolicy {
  /** Days after which a proved journal segment may go. */
  readonly journalDays: number
  /** The same for single channels. */
  readonly journalDaysByChannel: Readonly<Record<string, number>>
  /** Months after which Parquet goes; undefined = never. */
  readonly parquetMonths: number | undefined
  /** Channels of which nothing is ever deleted. */
  readonly keepForever: readonly string[]
  /** Bytes that journals and lake may take together; undefined = any. */
  readonly maxBytes: number | undefined
  /** Bytes that are to be free on the disk; undefined = any. */
  readonly minFreeBytes: number | undefined
  /** Days that even a budget does not touch. */
  readonly minDays: number
}

export const DEFAULT_POLICY: RetentionPolicy = {
  journalDays: 14,
  journalDaysByChannel: {},
  parquetMonths: 24,
  keepForever: ['event_window', 'l2_deltas_event_window'],
  maxBytes: undefined,
  minFreeBytes: undefined,
  minDays: 1
}

/** Shortest time that Parquet is kept. */
export const MIN_PARQUET_MONTHS = 6

export type KeptBecause = 'young' | 'keep forever' | 'not proved' | 'open' | 'its journal is still there'

/** Something that could be deleted, and what becomes of it. */
export interface RetentionItem {
  readonly kind: 'journal' | 'parquet'
  readonly runId: string
  readonly bundleDir: string | undefined
  readonly channel: string
  readonly date: string
  /** Below `journal/` or below the lake. */
  readonly path: string
  readonly bytes: number
  /** End of what it holds, ms since the Unix epoch. */
  readonly endMs: number
  readonly verdict: { readonly kind: 'delete'; readonly why: 'age' | 'budget' } | { readonly kind: 'keep'; readonly why: KeptBecause }
}

const DAY_MS = 86_400_000

/** A candidate before it is judged. */
export type Candidate = Omit<RetentionItem, 'verdict'> & {
  /** The lake holds a proved copy (journal), or no journal stands behind it any more (Parquet). */
  readonly isFree: boolean
  readonly isOpen: boolean
}

/** Judges each candidate by its age alone. */
export function judgeByAge(candidate: Candidate, policy: RetentionPolicy, nowMs: number): RetentionItem {
  const { isFree, isOpen, ...item } = candidate
  const keep = (why: KeptBecause): RetentionItem => ({ ...item, verdict: { kind: 'keep', why } })
  if (isOpen) return keep('open')
  if (policy.keepForever.includes(item.channel)) return keep('keep forever')
  if (!isFree) return keep(item.kind === 'journal' ? 'not proved' : 'its journal is still there')
  const days = daysOf(item, policy)
  return days === undefined || nowMs - item.endMs < days * DAY_MS ? keep('young') : { ...item, verdict: { kind: 'delete', why: 'age' } }
}

function daysOf({ kind, channel }: { readonly kind: string; readonly channel: string }, policy: RetentionPolicy): number | undefined {
  if (kind === 'journal') return policy.journalDaysByChannel[channel] ?? policy.journalDays
  return policy.parquetMonths === undefined ? undefined : policy.parquetMonths * 30.4375
}

/**
 * Goes below a budget: proved journals that are merely young go too, oldest first, but never within the last `minDays`. Parquet does not.
 * @param overBytes bytes that are too many after what age deletes
 */
export function judgeByBudget(items: readonly RetentionItem[], policy: RetentionPolicy, nowMs: number, overBytes: number): RetentionItem[] {
  let over = overBytes
  const chosen = new Set<RetentionItem>()
  for (const item of items.toSorted((a, b) => a.endMs - b.endMs)) {
    if (over <= 0) break
    if (item.kind !== 'journal' || item.verdict.why !== 'young' || nowMs - item.endMs < policy.minDays * DAY_MS) continue
    chosen.add(item)
    over -= item.bytes
  }
  return items.map((item) => (chosen.has(item) ? { ...item, verdict: { kind: 'delete', why: 'budget' } } : item))
}
