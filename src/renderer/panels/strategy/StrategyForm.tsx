import { useState } from 'react'
import type { LiveSource } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useJob } from '../../stores/jobStore.ts'
import { useLibrary } from '../../stores/libraryStore.ts'
import { useLiveForm } from '../../stores/liveFormStore.ts'
import { strategyCommandOf } from '../../stores/strategyRequest.ts'
import { OWN_FILE, setStrategyForm, type StrategyForm as Form, useStrategy } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'
import { baseName } from './resultText.ts'
import { RunSettingFields } from './RunSettingFields.tsx'
import { StrategyEntries } from './StrategyEntries.tsx'

interface StrategyFormProps {
  /** Bundle that is open; empty without one. */
  readonly openPath: string
  /** Folds the fields away until they are asked for: a result is shown below. */
  readonly folded: boolean
}

/** What is run over which bundle, with which parameters. */
export function StrategyForm({ openPath, folded }: StrategyFormProps) {
  const { jobs } = useStudio()
  const form = useStrategy((s) => s.form)
  const busy = useJob((s) => s.running !== undefined)
  const [chosen, setChosen] = useState<{ readonly folded: boolean; readonly open: boolean } | undefined>(undefined)
  // What was chosen by hand holds until a result comes or goes.
  const open = chosen?.folded === folded ? chosen.open : !folded
  const made = strategyCommandOf(form, openPath, useLiveForm())
  const problem = 'problem' in made ? made.problem : undefined
  return (
    <form className="strategy-form" onSubmit={(event) => event.preventDefault()}>
      <button
        type="button"
        className="fold"
        aria-expanded={open}
        data-testid="strategy-fold"
        onClick={() => setChosen({ folded, open: !open })}
      >
        <h3>Strategy</h3>
        {!open && <span className="muted">{form.strategies.map(entryName).join(', ')}</span>}
      </button>
      {open && <Fields form={form} openPath={openPath} />}
      {problem !== undefined && (
        <p className="hint" data-testid="strategy-hint">
          {problem}
        </p>
      )}
      <Button
        label="Run in simulation"
        testId="strategy-run"
        kind="primary"
        refusal={problem ?? (busy ? 'another job is under way' : undefined)}
        onClick={() => void jobs.runStrategy()}
      />
    </form>
  )
}

function entryName({ strategy, file }: Form['strategies'][number]): string {
  return strategy === OWN_FILE ? baseName(file) : strategy
}

function Fields({ form, openPath }: { readonly form: Form; readonly openPath: string }) {
  return (
    <>
      <label className="field wide">
        <span>Run over</span>
        <select
          data-testid="strategy-over"
          value={form.over}
          onChange={(event) => setStrategyForm({ over: event.target.value as Form['over'] })}
        >
          <option value="bundle">A recording</option>
          <option value="live">What a source sends now</option>
        </select>
      </label>
      {form.over === 'bundle' ? <BundleField path={form.path} openPath={openPath} /> : <LiveFields seconds={form.seconds} />}
      <StrategyEntries entries={form.strategies} />
      <label className="field wide">
        <span>Events that they see</span>
        <select
          data-testid="strategy-events"
          value={form.events}
          onChange={(event) => setStrategyForm({ events: event.target.value as Form['events'] })}
        >
          <option value="book">Full books only (the original)</option>
          <option value="change">Every change of the best prices</option>
        </select>
      </label>
      <RunSettingFields form={form} />
    </>
  )
}

function BundleField({ path, openPath }: { readonly path: string; readonly openPath: string }) {
  const bundles = useLibrary((s) => s.bundles)
  return (
    <label className="field wide">
      <span>Bundle</span>
      <select data-testid="strategy-bundle" value={path} onChange={(event) => setStrategyForm({ path: event.target.value })}>
        <option value="">{openPath === '' ? 'The open bundle (none is open)' : 'The open bundle'}</option>
        {bundles.map((bundle) => (
          <option key={bundle.path} value={bundle.path}>
            {bundle.name}
          </option>
        ))}
      </select>
    </label>
  )
}

const SOURCE_NAMES: Readonly<Record<LiveSource['kind'], string>> = {
  practice: 'a practice venue inside the app',
  practice_at: 'a practice venue that runs already',
  binance: 'Binance',
  polymarket: 'Polymarket'
}

function LiveFields({ seconds }: { readonly seconds: string }) {
  const kind = useLiveForm((s) => s.kind)
  return (
    <>
      <label className="field wide">
        <span>Seconds</span>
        <input
          type="text"
          inputMode="numeric"
          data-testid="strategy-seconds"
          value={seconds}
          onChange={(event) => setStrategyForm({ seconds: event.target.value })}
        />
      </label>
      <p className="hint">
        Listens to {SOURCE_NAMES[kind]}, as set in the Go LIVE form, over connections of its own. Nothing is recorded, and no order leaves
        this computer.
      </p>
    </>
  )
}
