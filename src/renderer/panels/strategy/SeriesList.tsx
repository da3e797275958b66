import { useState } from 'react'
import type { StrategyResult } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { sizeText } from '../../stage/index.ts'
import { useInstruments } from '../../stores/instrumentStore.ts'
import { countText } from '../../ui/humanText.ts'
import { VirtualList } from '../../ui/VirtualList.tsx'
import { heldAt, marketText, moneyText, offsetText } from './resultText.ts'

interface SeriesListProps {
  readonly result: StrategyResult
  /** True when a press can go to the instant. */
  readonly open: boolean
}

/** Profit, and what was held long and short, at instants that are evenly spread over the run: of all markets, or of one. A press goes there. */
export function SeriesList({ result, open }: SeriesListProps) {
  const { actions } = useStudio()
  const [market, setMarket] = useState('')
  const { relNs, totalPnlE6 } = result.series
  if (relNs.length === 0) return <p className="hint">No event was processed.</p>
  return (
    <>
      <MarketChoice result={result} market={market} choose={setMarket} />
      <p className="series-head hint" aria-hidden="true">
        <span>Time</span>
        <span>Total PnL</span>
        <span>Long</span>
        <span>Short</span>
      </p>
      <VirtualList
        items={relNs.map((at, i) => ({ at, i }))}
        rowHeight={24}
        label="PnL and position over time"
        testId="series-list"
        keyOf={({ i }) => i}
        row={({ at, i }) => {
          const { longE6, shortE6 } = heldAt(result, market, i)
          return (
            <button
              type="button"
              className="series-row"
              data-testid="series-row"
              data-rel={at}
              aria-disabled={!open}
              title={open ? 'Press to go there' : 'Open the bundle of this result to go there'}
              onClick={() => {
                if (open) void actions.seekTo(at)
              }}
            >
              <span className="time">{offsetText(at)}</span>
              <span>{moneyText(totalPnlE6[i] ?? 0)}</span>
              <span>{sizeText(longE6)}</span>
              <span>{sizeText(shortE6)}</span>
            </button>
          )
        }}
      />
    </>
  )
}

interface MarketChoiceProps {
  readonly result: StrategyResult
  readonly market: string
  readonly choose: (market: string) => void
}

function MarketChoice({ result: { marketSeries, marketsLeftOut }, market, choose }: MarketChoiceProps) {
  const instruments = useInstruments((s) => s.instruments)
  const nameOf = (id: string): string => {
    const one = instruments.find(({ tokenId }) => tokenId === id)
    return one === undefined ? marketText(id) : `${one.name} ${one.outcome}`
  }
  if (marketSeries.length === 0) return null
  return (
    <label className="series-market">
      Position in
      <select data-testid="series-market" value={market} onChange={(event) => choose(event.target.value)}>
        <option value="">all markets</option>
        {marketSeries.map(({ market: id }) => (
          <option key={id} value={id}>
            {nameOf(id)}
          </option>
        ))}
      </select>
      {marketsLeftOut > 0 && <span className="hint">{countText(marketsLeftOut)} markets that were traded later are not listed.</span>}
    </label>
  )
}
