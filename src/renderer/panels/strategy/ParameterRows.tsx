import { PARAMETER_KINDS, setEntry, type ParameterKind, type ParameterRow } from '../../stores/strategyStore.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/Icon.tsx'

interface ParameterRowsProps {
  /** Place of the strategy in the form. */
  readonly entry: number
  readonly rows: readonly ParameterRow[]
}

/** Parameters as name = value. Those of a built-in strategy begin with its defaults; one that is left out keeps its default. */
export function ParameterRows({ entry, rows }: ParameterRowsProps) {
  const set = (params: readonly ParameterRow[]): void => setEntry(entry, { params })
  const change = (index: number, part: Partial<ParameterRow>): void => set(rows.map((row, i) => (i === index ? { ...row, ...part } : row)))
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
            onChange={(event) => change(i, { name: event.target.value })}
          />
          <select
            aria-label={`Kind of ${row.name === '' ? 'the parameter' : row.name}`}
            data-testid="param-kind"
            value={row.kind}
            onChange={(event) => {
              const kind = event.target.value as ParameterKind
              change(i, { kind, ...(kind === 'yes or no' && { value: 'yes' }) })
            }}
          >
            {PARAMETER_KINDS.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
          <Value row={row} onChange={(value) => change(i, { value })} />
          <Button label={`Remove ${row.name}`} testId="param-remove" kind="icon" onClick={() => set(rows.filter((_, at) => at !== i))}>
            <Icon name="close" />
          </Button>
        </div>
      ))}
      <Button
        label="Add a parameter"
        testId="param-add"
        kind="quiet"
        onClick={() => set([...rows, { name: '', kind: 'number', value: '' }])}
      />
    </fieldset>
  )
}

interface ValueProps {
  readonly row: ParameterRow
  readonly onChange: (value: string) => void
}

function Value({ row: { name, kind, value }, onChange }: ValueProps) {
  const label = `Value of ${name === '' ? 'the parameter' : name}`
  if (kind === 'yes or no')
    return (
      <select
        aria-label={label}
        data-testid="param-value"
        data-name={name}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        <option>yes</option>
        <option>no</option>
      </select>
    )
  return (
    <input
      type="text"
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      spellCheck={false}
      aria-label={label}
      placeholder={kind}
      data-testid="param-value"
      data-name={name}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
