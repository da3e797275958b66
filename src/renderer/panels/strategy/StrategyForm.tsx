import { useState } from 'react'
import { builtInStrategy, BUILT_IN_STRATEGIES } from '../../../shared/api/index.ts'
import { useStudio } from '../../client/studioContext.ts'
import { useJob } from '../../stores/jobStore.ts'
import { useLibrary } from '../../stores/libraryStore.ts'
import { strategyRequestOf } from '../../stores/strategyRequest.ts'
import { chooseStrategy, OWN_FILE, setStrategyForm, type StrategyForm as Form, useStrategy } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'
import { ParameterRows } from './ParameterRows.tsx'
import { StrategyFile } from './StrategyFile.tsx'

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
  const made = strategyRequestOf(form, openPath)
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
        {!open && <span className="muted">{form.strategy === OWN_FILE ? form.file : form.strategy}</span>}
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

function Fields({ form, openPath }: { readonly form: Form; readonly openPath: string }) {
  const bundles = useLibrary((s) => s.bundles)
  return (
    <>
      <label className="field wide">
        <span>Bundle</span>
        <select data-testid="strategy-bundle" value={form.path} onChange={(event) => setStrategyForm({ path: event.target.value })}>
          <option value="">{openPath === '' ? 'The open bundle (none is open)' : 'The open bundle'}</option>
          {bundles.map((bundle) => (
            <option key={bundle.path} value={bundle.path}>
              {bundle.name}
            </option>
          ))}
        </select>
      </label>
      <label className="field wide">
        <span>Strategy</span>
        <select data-testid="strategy-name" value={form.strategy} onChange={(event) => chooseStrategy(event.target.value)}>
          {BUILT_IN_STRATEGIES.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
          <option value={OWN_FILE}>A file of your own…</option>
        </select>
      </label>
      {form.strategy === OWN_FILE ? <StrategyFile file={form.file} /> : <p className="hint">{builtInStrategy(form.strategy)?.sentence}</p>}
      <ParameterRows rows={form.params} />
      <label className="field wide">
        <span>Events that it sees</span>
        <select
          data-testid="strategy-events"
          value={form.events}
          onChange={(event) => setStrategyForm({ events: event.target.value as Form['events'] })}
        >
          <option value="book">Full books only (the original)</option>
          <option value="change">Every change of the best prices</option>
        </select>
      </label>
    </>
  )
}
