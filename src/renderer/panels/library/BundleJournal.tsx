import type { BundleEntry } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { journalOf, useDays } from '../../stores/daysStore.ts'
import { useJob } from '../../stores/jobStore.ts'
import { countText } from '../../ui/humanText.ts'
import { shownText } from '../../ui/shownText.ts'
import { verdictText } from '../../ui/verdictText.ts'
import { compactBundle } from './dayActions.ts'

/** Whether a bundle's journal is proved in the lake, and what it lost. Nothing for a bundle without one. */
export function JournalBadge({ path }: { readonly path: string }) {
  const journal = useDays((s) => journalOf(s.listed.journals, path))
  if (journal === undefined) return null
  const { state, events, provedEvents, verdict } = journal
  const text = state === 'proved' ? 'proved' : state === 'part_proved' ? 'part proved' : 'journal'
  return (
    <>
      <span
        className={`badge ${state === 'proved' ? 'ended' : 'journal'}`}
        data-testid="journal-badge"
        data-state={state}
        title={`${countText(provedEvents)} of ${countText(events)} recorded events are proved in Parquet`}
      >
        {text}
      </span>
      {(verdict?.state === 'recovered' || verdict?.state === 'quarantined') && (
        <span
          className={`badge ${verdict.state}`}
          data-testid="journal-verdict"
          data-state={verdict.state}
          title={shownText(verdict.sentence)}
        >
          journal {verdictText(verdict.state).toLowerCase()}
        </span>
      )}
    </>
  )
}

/** Starts the compaction of a bundle's journal. Nothing where all of it is proved. */
export function CompactButton({ bundle }: { readonly bundle: BundleEntry }) {
  const { client } = useStudio()
  const state = useDays((s) => journalOf(s.listed.journals, bundle.path)?.state)
  const busy = useJob((s) => s.running !== undefined)
  if (state === undefined || state === 'proved') return null
  return (
    <button
      type="button"
      className="bundle-report bundle-compact"
      data-testid="bundle-compact"
      disabled={busy}
      aria-label={`Compact and prove the journal of ${bundle.name}`}
      title="Compact and prove: the journal becomes Parquet, which is read back and compared before it counts"
      onClick={() => void compactBundle(client, bundle.path, bundle.name)}
    >
      Compact and prove
    </button>
  )
}
