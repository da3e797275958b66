import { useMemo, useState } from 'react'
import type { InstrumentFacts } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { matchingInstruments, useInstruments } from '../../stores/instrumentStore.ts'
import { useSession } from '../../stores/sessionStore.ts'
import { countText } from '../../ui/humanText.ts'
import { VirtualList } from '../../ui/VirtualList.tsx'

/** The markets of the open session, searchable; the one on screen is marked. */
export function MarketPicker() {
  const instruments = useInstruments((s) => s.instruments)
  const selected = useSession((s) => s.session?.instrumentId ?? 0)
  const [search, setSearch] = useState('')
  const shown = useMemo(() => matchingInstruments(instruments, search), [instruments, search])
  return (
    <section className="panel markets" aria-label="Markets" data-testid="markets">
      <div className="panel-head">
        <h2>Markets</h2>
        <span className="count" data-testid="market-count">
          {countText(instruments.length)}
        </span>
      </div>
      <input
        className="search"
        type="search"
        placeholder="Search markets"
        aria-label="Search markets"
        data-testid="market-search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {shown.length === 0 ? (
        <p className="hint">{instruments.length === 0 ? 'No market has been announced yet.' : 'No market matches.'}</p>
      ) : (
        <VirtualList
          items={shown}
          rowHeight={40}
          label="Markets"
          testId="market-list"
          keyOf={(one) => one.instrumentId}
          row={(one) => <Market one={one} selected={one.instrumentId === selected} />}
        />
      )}
    </section>
  )
}

function Market({ one, selected }: { readonly one: InstrumentFacts; readonly selected: boolean }) {
  const { actions } = useStudio()
  return (
    <button
      type="button"
      className={selected ? 'market selected' : 'market'}
      aria-current={selected}
      data-testid="market-item"
      data-instrument={one.instrumentId}
      title={`${one.name} ${one.outcome}\n${one.tokenId}`}
      onClick={() => void actions.selectInstrument(one.instrumentId)}
    >
      <span className="market-name">{one.name}</span>
      <span className="market-facts">
        {one.outcome !== '' && <span className="outcome">{one.outcome}</span>}
        {!one.bookOk && <span className="untrusted">book not trusted</span>}
        <span>{countText(one.frames)} frames</span>
        <span>{countText(one.trades)} trades</span>
      </span>
    </button>
  )
}
