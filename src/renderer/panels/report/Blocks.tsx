import { countText } from '../../ui/humanText.ts'
import { shownText } from '../../ui/shownText.ts'
import { type Block, numberText, STATS_COLUMNS, type StatsRow } from './jsonBlocks.ts'

interface BlocksProps {
  readonly blocks: readonly Block[]
}

/** The parts of a report, one below the other. */
export function Blocks({ blocks }: BlocksProps) {
  const bars = blocks.filter((block) => block.kind === 'histogram')
  const others = blocks.filter((block) => block.kind !== 'histogram')
  // A report does not change while it is shown: the place of a part is its key.
  return (
    <>
      {others.map((block, i) => (
        <OneBlock key={`${block.kind}-${i}`} block={block} />
      ))}
      {bars.length > 0 && (
        <div className="report-histograms">
          {bars.map((block, i) => (
            <OneBlock key={`bars-${i}`} block={block} />
          ))}
        </div>
      )}
    </>
  )
}

function OneBlock({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'facts':
      return <Facts rows={block.rows} />
    case 'stats':
      return <Stats rows={block.rows} />
    case 'histogram':
      return <Histogram block={block} />
    case 'table':
      return <Table block={block} />
    case 'group':
      return (
        <section className="report-group">
          <h4>{block.name}</h4>
          <Blocks blocks={block.blocks} />
        </section>
      )
  }
}

function Facts({ rows }: { readonly rows: readonly (readonly [string, string])[] }) {
  return (
    <dl className="report-facts">
      {rows.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={text === 'unknown' ? 'muted' : undefined}>{shownText(text)}</dd>
        </div>
      ))}
    </dl>
  )
}

function Stats({ rows }: { readonly rows: readonly StatsRow[] }) {
  return (
    <table className="report-table stats" data-testid="stats-table">
      <thead>
        <tr>
          <th scope="col">measure</th>
          <th scope="col">values</th>
          {STATS_COLUMNS.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
          <th scope="col">unit</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <StatsCells row={row} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function StatsCells({ row }: { readonly row: StatsRow }) {
  if (row.count === 0)
    return (
      <td colSpan={STATS_COLUMNS.length + 2} className="muted">
        unknown
      </td>
    )
  return (
    <>
      <td>{countText(row.count)}</td>
      {row.values.map((value, i) => (
        <td key={STATS_COLUMNS[i]}>{numberText(value)}</td>
      ))}
      <td className="muted">{row.unit}</td>
    </>
  )
}

function Histogram({ block }: { readonly block: Extract<Block, { kind: 'histogram' }> }) {
  const head = block.unit === '' ? block.name : `${block.name} (${block.unit})`
  if (block.total === 0)
    return (
      <p className="report-histogram-none">
        {head}: <span className="muted">unknown</span>
      </p>
    )
  return (
    <figure className="report-histogram" data-testid="histogram">
      <figcaption>
        {head}, {countText(block.total)} values
      </figcaption>
      {block.bars.map((bar) => (
        <div key={bar.label} className="bar-row">
          <span className="bar-label">{bar.label}</span>
          <span className="bar-room">
            <i style={{ width: `${bar.share * 100}%` }} />
          </span>
          <span className="bar-count">
            {countText(bar.count)}
            {bar.percent !== null && <span className="muted"> {bar.percent.toFixed(1)} %</span>}
          </span>
        </div>
      ))}
    </figure>
  )
}

function Table({ block }: { readonly block: Extract<Block, { kind: 'table' }> }) {
  return (
    <div className="report-scroll">
      <table className="report-table">
        <caption>{block.name}</caption>
        <thead>
          <tr>
            {block.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, i) => (
            <tr key={`${i}-${row[0]}`}>
              {row.map((cell, k) => (
                <td key={block.columns[k]} className={cell === 'unknown' ? 'muted' : undefined}>
                  {shownText(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
