import { useState } from 'react'
import type { StrategyResult } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { showStrategyResult } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'
import { countText } from '../../ui/humanText.ts'
import { shownText } from '../../ui/shownText.ts'
import { baseName, feeText, moneyText, untrustedText } from './resultText.ts'
import { Callbacks, LiveFiguresView } from './LiveFiguresView.tsx'
import { FillList, IntentList, PositionList } from './ResultLists.tsx'
import { SeriesList } from './SeriesList.tsx'

interface StrategyResultViewProps {
  readonly result: StrategyResult
  /** True when the bundle of the result is the one on screen. */
  readonly open: boolean
}

/** Everything that a run gave: how far it can be trusted, what it did, what it earned. */
export function StrategyResultView({ result, open }: StrategyResultViewProps) {
  const { actions } = useStudio()
  return (
    <div className="strategy-result" data-testid="strategy-result" data-ok={result.ok} data-hash={result.finalHash}>
      <div className="sub-head result-head">
        <h3>Result of {result.strategies.map(baseName).join(', ')}</h3>
        <Button label="Clear" testId="strategy-clear" kind="quiet" onClick={() => showStrategyResult(undefined)} />
      </div>
      {!result.ok && (
        <p className="strategy-problem" role="alert" data-testid="strategy-problem">
          {result.complete ? 'The recording is damaged.' : 'The run was stopped.'} {shownText(result.error ?? 'No reason was given.')}
        </p>
      )}
      <p
        className={result.untrustedShare === 0 ? 'untrusted-share' : 'untrusted-share some'}
        data-testid="untrusted-share"
        data-share={result.untrustedShare}
      >
        {untrustedText(result.untrustedShare)}
      </p>
      {result.note !== undefined && (
        <p className="hint" data-testid="strategy-note">
          {shownText(result.note)}
        </p>
      )}
      <Pnl result={result} />
      <dl className="facts">
        <Fact name="Events" text={`${countText(result.canonicalEvents)} (${result.events === 'book' ? 'full books' : 'every change'})`} />
        <Fact name="Intents" text={countText(result.intents)} testId="result-intents" />
        <Fact name="Fills" text={countText(result.fills)} testId="result-fills" />
        <Fact name="Took" text={`${(result.elapsedMs / 1000).toFixed(2)} s`} />
        <Fact name="Final hash" text={result.finalHash} testId="result-hash" mono />
      </dl>
      <Callbacks rows={result.callbacks} />
      {result.live !== undefined && <LiveFiguresView live={result.live} />}
      {!open && result.live === undefined && (
        <p className="hint">
          This bundle is not on screen.{' '}
          <Button label="Open it" testId="strategy-open-bundle" kind="quiet" onClick={() => void actions.openBundle(result.path)} />
        </p>
      )}
      <Lists result={result} open={open} />
    </div>
  )
}

function Pnl({ result: { pnl, fills } }: { readonly result: StrategyResult }) {
  return (
    <dl className="pnl" data-testid="pnl">
      <div className="total">
        <dt>Total PnL</dt>
        <dd data-testid="pnl-total" data-e6={pnl.totalE6}>
          {moneyText(pnl.totalE6)}
        </dd>
      </div>
      <Fact name="Realized" text={moneyText(pnl.realizedE6)} />
      <Fact name="Unrealized" text={moneyText(pnl.unrealizedE6)} />
      <Fact name="Fees" text={feeText(pnl.feesE6)} />
      <Fact name="Cash" text={moneyText(pnl.cashE6)} />
      {fills === 0 && <p className="muted small">No order was filled, so nothing was earned or lost.</p>}
    </dl>
  )
}

interface FactProps {
  readonly name: string
  readonly text: string
  readonly testId?: string
  readonly mono?: boolean
}

function Fact({ name, text, testId, mono = false }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-testid={testId} className={mono ? 'mono' : undefined}>
        {text}
      </dd>
    </div>
  )
}

const LISTS = ['fills', 'intents', 'positions', 'over time'] as const

function Lists({ result, open }: StrategyResultViewProps) {
  const [list, setList] = useState<(typeof LISTS)[number]>(result.fills > 0 ? 'fills' : 'intents')
  const counts = {
    fills: result.fills,
    intents: result.intents,
    positions: result.positions.length,
    'over time': result.series.relNs.length
  }
  return (
    <>
      <div className="result-tabs" role="group" aria-label="Lists">
        {LISTS.map((name) => (
          <Button
            key={name}
            label={`${name[0]?.toUpperCase()}${name.slice(1)} ${countText(counts[name])}`}
            testId={`result-list-${name.replace(' ', '-')}`}
            kind="quiet"
            pressed={list === name}
            onClick={() => setList(name)}
          />
        ))}
      </div>
      <div className="result-list">
        {list === 'fills' && <FillList rows={result.fillRows} all={result.fills} open={open} />}
        {list === 'intents' && <IntentList rows={result.intentRows} all={result.intents} open={open} />}
        {list === 'positions' && <PositionList rows={result.positions} />}
        {list === 'over time' && <SeriesList result={result} open={open} />}
      </div>
    </>
  )
}
