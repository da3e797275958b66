import { addParameter, type ParameterRow, removeParameter, setParameter } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'

/** Parameters as name = value. Those of a built-in strategy begin with its defaults; one that is left out keeps its default. */
export function ParameterRows({ rows }: { readonly rows: readonly ParameterRow[] }) {
  return (
    <fieldset className="parameters" data-testid="strategy-params">
      <legend>Parameters</legend>
      {rows.map((row, i) => (
        // Rows have no identity but their place.
        <div key={`row-${i}`} className="parameter">
          <input
            type="text"
            spellCheck={false}
            aria-label="Name of the parameter"
            placeholder="name"
            data-testid="param-name"
            value={row.name}
            onChange={(event) => setParameter(i, { name: event.target.value })}
          />
          <span aria-hidden="true">=</span>
          <input
            type="text"
            inputMode="decimal"
            spellCheck={false}
            aria-label={`Value of ${row.name === '' ? 'the parameter' : row.name}`}
            placeholder="number"
            data-testid="param-value"
            data-name={row.name}
            value={row.value}
            onChange={(event) => setParameter(i, { value: event.target.value })}
          />
          <Button label={`Remove ${row.name}`} testId="param-remove" kind="icon" onClick={() => removeParameter(i)}>
            <Icon name="close" />
          </Button>
        </div>
      ))}
      <Button label="Add a parameter" testId="param-add" kind="quiet" onClick={addParameter} />
    </fieldset>
  )
}
