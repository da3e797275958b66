import { builtInStrategy, BUILT_IN_STRATEGIES } from '../../../shared/api/index.ts'
import { addStrategy, chooseStrategy, OWN_FILE, removeStrategy, type StrategyEntry } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'
import { ParameterRows } from './ParameterRows.tsx'
import { StrategyFile } from './StrategyFile.tsx'

/** The strategies of a run, each with parameters of its own. Without any, events are only counted. */
export function StrategyEntries({ entries }: { readonly entries: readonly StrategyEntry[] }) {
  return (
    <>
      {entries.map((entry, i) => (
        // Entries have no identity but their place.
        <Entry key={`entry-${i}`} entry={entry} index={i} single={entries.length === 1} />
      ))}
      {entries.length === 0 && <p className="hint">Without a strategy the events are counted and nothing is asked for.</p>}
      <Button label="Add a strategy" testId="strategy-add" kind="quiet" onClick={addStrategy} />
    </>
  )
}

interface EntryProps {
  readonly entry: StrategyEntry
  readonly index: number
  readonly single: boolean
}

function Entry({ entry: { strategy, file, params }, index, single }: EntryProps) {
  return (
    <div className="strategy-entry" data-testid="strategy-entry">
      <label className="field wide">
        <span>{single ? 'Strategy' : `Strategy ${index + 1}`}</span>
        <select data-testid="strategy-name" value={strategy} onChange={(event) => chooseStrategy(index, event.target.value)}>
          {BUILT_IN_STRATEGIES.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
          <option value={OWN_FILE}>A file of your own…</option>
        </select>
      </label>
      {strategy === OWN_FILE ? <StrategyFile entry={index} file={file} /> : <p className="hint">{builtInStrategy(strategy)?.sentence}</p>}
      <ParameterRows entry={index} rows={params} />
      <Button label="Remove this strategy" testId="strategy-remove" kind="quiet" onClick={() => removeStrategy(index)} />
    </div>
  )
}
