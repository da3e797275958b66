import { useMemo, useState } from 'react'
import type { BundleEntry } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { matchingBundles, useLibrary } from '../../stores/libraryStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { bytesText, durationText, startText } from '../../ui/humanText.ts'
import { shownText } from '../../ui/shownText.ts'
import { verdictText } from '../../ui/verdictText.ts'
import { VirtualList } from '../../ui/VirtualList.tsx'
import { JobProgress } from '../JobProgress.tsx'
import { CompactButton, JournalBadge } from './BundleJournal.tsx'
import { Days } from './Days.tsx'
import { OpenButtons } from './OpenButtons.tsx'

/** Every bundle that the studio knows, newest first. */
export function Library() {
  const bundles = useLibrary((s) => s.bundles)
  const loaded = useLibrary((s) => s.loaded)
  const [search, setSearch] = useState('')
  const shown = useMemo(() => matchingBundles(bundles, search), [bundles, search])
  return (
    <section className="panel library" aria-label="Library" data-testid="library">
      <div className="panel-head">
        <h2>Library</h2>
        <span className="count">{loaded ? bundles.length : '…'}</span>
        <OpenButtons />
      </div>
      <input
        className="search"
        type="search"
        placeholder="Search bundles"
        aria-label="Search bundles"
        data-testid="bundle-search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {shown.length === 0 ? (
        <p className="hint">{emptyText(loaded, bundles.length)}</p>
      ) : (
        <VirtualList
          items={shown}
          rowHeight={58}
          label="Bundles"
          testId="bundle-list"
          keyOf={(bundle) => bundle.path}
          row={(bundle) => <BundleItem bundle={bundle} />}
        />
      )}
      <JobProgress job="compact" label="Compacting and proving" />
      <Days />
    </section>
  )
}

function emptyText(loaded: boolean, all: number): string {
  if (!loaded) return 'Reading the library…'
  return all === 0 ? 'No bundles yet. Drop one onto the window, or record one with LIVE.' : 'No bundle matches.'
}

function BundleItem({ bundle }: { readonly bundle: BundleEntry }) {
  const { actions, jobs } = useStudio()
  const open = useSession((s) => s.session?.mode === 'replay' && s.session.path === bundle.path)
  const { state, sentence } = bundle.verdict
  return (
    <div className={open ? 'bundle open' : 'bundle'}>
      <button
        type="button"
        className="bundle-open"
        data-testid="bundle-item"
        data-path={bundle.path}
        aria-current={open}
        title={shownText(sentence === '' ? bundle.path : `${sentence}\n${bundle.path}`)}
        onClick={() => void actions.openBundle(bundle.path)}
      >
        <span className="bundle-name">{bundle.name}</span>
        <span className="bundle-facts">
          {startText(bundle.startTsNs)} · {durationText(bundle.durationNs)} · {bytesText(bundle.bytes)}
        </span>
        <span className="bundle-badges">
          {bundle.demo && <span className="badge demo">demo</span>}
          {bundle.synthetic && <span className="badge synthetic">synthetic</span>}
          <span className={`badge ${state}`}>{verdictText(state)}</span>
          <JournalBadge path={bundle.path} />
        </span>
      </button>
      <CompactButton bundle={bundle} />
      <button
        type="button"
        className="bundle-report"
        data-testid="bundle-report"
        aria-label={`Report on ${bundle.name}: is the recording whole and good?`}
        title="Report: is the recording whole and good?"
        onClick={() => void jobs.report(bundle.path, bundle.name)}
      >
        Report
      </button>
      <button
        type="button"
        className="bundle-forget"
        data-testid="bundle-forget"
        aria-label={`Take ${bundle.name} out of the library; its files stay`}
        title="Take out of the library; the files stay"
        onClick={() => void actions.forgetBundle(bundle.path)}
      >
        ×
      </button>
    </div>
  )
}
